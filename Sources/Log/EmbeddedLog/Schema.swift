internal import EventLog

/// The log's database, `log.sqlite`.
///
///     partitions  id | topic | number | first | next | bytes | maximum | last_timestamp | sealed_from | checksum
///     record_N    offset | timestamp | maximum | key | value | checksum       for each partition, N its id
///
/// - A partition is a table keyed by offset: `INTEGER PRIMARY KEY` is SQLite's row number, so a range of offsets is a
///   range of pages. N comes from `partitions.id`; a topic's name is data and in no identifier.
/// - `partitions` has what must outlive the rows: `next`, so that no offset is given twice when retention has removed all
///   rows; `first`; the running maximum at the end; and the last timestamp and the bytes, so that nobody scans for them.
///   It is written in the transaction that removes records, so that `first` is exact, and else before the write-ahead log is
///   copied (`Store.saveRows`): a commit writes records only. After a crash a partition's table may go further than its row, by
///   what was in the write-ahead log, and is read from there on (`RecordTable.extended`); readers beside the writer know the end
///   from it (`Board`). There are no holes: each offset in `first ..< next` has a row, so a missing one is damage. `Ledger` has
///   a second copy of what a partition is and how far it goes.
/// - `record_N.maximum` is the largest timestamp up to and with this record. It never falls along the offsets, so the first
///   record at or after a time is found by halving, although timestamps are not sorted.
/// - Checksums: SQLite finds pages that make no sense; these find bytes that are not the ones that were written, and rows
///   of another partition. A record's covers its topic and partition, a row of `partitions` all its columns.
/// - There is no index besides the tables' own order, so none can say anything else than its table.
///
/// Format 1 had the tables `topic` and `partition`, without checksums, an index of the running maximum, and records'
/// checksums without their partition. It is turned into format 2 when it is opened (`Schema+Migration`); its records stay
/// as they are, those before `sealed_from`.
///
/// Set for each database: `application_id` (so that no other database is taken for a log), `user_version` (the format),
/// `page_size` (`pageBytes`), `auto_vacuum=INCREMENTAL` (it lets the file shrink after retention; both must be set before the first table),
/// `journal_mode=WAL` (readers don't wait for the writer, and a commit is one write and one sync).
/// Set for each connection: `synchronous` (FULL in WAL mode: the commit's frames are on the disk before COMMIT returns;
/// NORMAL would sync at checkpoints only), `cell_size_check` (damaged pages are seen before they are used),
/// `trusted_schema=OFF` (a prepared file can't run functions), `mmap_size=0` (a read error is an error, not a signal),
/// `journal_size_limit` (the write-ahead log shrinks again). Checkpoints are the writer's, between commits
/// (`Connection.checkpointIfDue`).
enum Schema {
    static let fileName = "log.sqlite"
    /// "evlg".
    static let applicationID: Int64 = 0x6576_6C67
    static let version: Int64 = 2
    /// Of a new database. One that is there keeps the size it was made with, 4 KiB before this: the program works with any.
    ///
    /// A commit writes whole pages, each with two system calls, and each again at the next checkpoint. In 8 KiB a hundred records of a
    /// kilobyte take half as many as in 4 KiB, and a commit of one record still has one page to write, which costs no more.
    static let pageBytes = 8192

    /// Opens the database and makes it if there is none.
    static func openWriter(directory: String, options: EmbeddedLogOptions) throws(LogError) -> Connection {
        let path = "\(directory)/\(fileName)"
        do {
            let connection = try Connection(path: path, role: .writer)
            try configure(connection)
            let version = try connection.integer("PRAGMA user_version")
            let application = try connection.integer("PRAGMA application_id")
            let isNew = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
            if isNew, version == 0, application == 0 {
                try create(connection)
            } else if application != applicationID {
                throw LogError.invalid("\(path) is another program's database; give the log a directory of its own")
            } else if version > Self.version || version < 1 {
                throw LogError.invalid(
                    "\(path) has format \(version), and this version of the program reads formats 1 to \(Self.version); "
                        + "use the version that wrote it, or another directory")
            }
            guard try connection.text("PRAGMA journal_mode=WAL") == "wal" else {
                throw LogError.invalid(
                    "the file system of \(directory) can't share memory between connections, as a network's usually can't; "
                        + "put the log on a local disk")
            }
            try connection.execute("PRAGMA synchronous=\(options.durability == .full ? "FULL" : "NORMAL")")
            if version == 1, !isNew { try migrate(connection) }
            if let bytes = options.maximumFileBytes {
                let pageBytes = Int64(try connection.pageBytes)
                _ = try connection.integer("PRAGMA max_page_count=\(max(1, Int64(bytes) / pageBytes))")
            }
            return connection
        } catch let error as SQLiteError {
            if error.isFull { throw LogError(error) }
            throw .invalid("the log's database \(path) can't be opened: \(error)")
        } catch let error as LogError {
            throw error
        } catch {
            throw .invalid("the log's database \(path) can't be opened: \(error)")
        }
    }

    static func openReader(directory: String) throws(SQLiteError) -> Connection {
        let connection = try Connection(path: "\(directory)/\(fileName)", role: .reader)
        try configure(connection)
        return connection
    }

    private static func configure(_ connection: Connection) throws(SQLiteError) {
        try connection.execute("PRAGMA trusted_schema=OFF")
        try connection.execute("PRAGMA cell_size_check=ON")
        try connection.execute("PRAGMA mmap_size=0")
        try connection.execute("PRAGMA journal_size_limit=\(64 << 20)")
    }

    private static func create(_ connection: Connection) throws(SQLiteError) {
        try connection.execute("PRAGMA page_size=\(pageBytes)")
        try connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        try connection.execute("PRAGMA journal_mode=WAL")
        // One transaction: a crash leaves an empty database, which is made anew, or a whole one.
        try connection.transaction { () throws(SQLiteError) in
            try connection.execute("PRAGMA application_id=\(applicationID)")
            try connection.execute(partitions)
            try connection.execute("PRAGMA user_version=\(version)")
        }
    }

    static func createRecords(_ id: Int64, _ connection: Connection) throws(SQLiteError) {
        try connection.execute(records(id))
    }

    /// The table of partitions, as SQLite keeps its definition.
    static let partitions = """
        CREATE TABLE partitions (
            id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
            first INTEGER NOT NULL, next INTEGER NOT NULL, bytes INTEGER NOT NULL,
            maximum INTEGER, last_timestamp INTEGER, sealed_from INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT
        """

    /// The table of a partition's records, as SQLite keeps its definition.
    static func records(_ id: Int64) -> String {
        """
        CREATE TABLE record_\(id) (
            offset INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, maximum INTEGER NOT NULL,
            key BLOB, value BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT
        """
    }

    /// The tables that are there, by name. A definition that is not the one that was given is damage: SQLite would read the
    /// rows as something else.
    static func tables(_ connection: Connection) throws(SQLiteError) -> [String: Table] {
        let rows = try connection.statement("SELECT name, rootpage, sql FROM sqlite_schema WHERE type = 'table'")
        defer { rows.reset() }
        var tables: [String: Table] = [:]
        while try rows.step() { tables[rows.text(0)] = Table(root: rows.integer(1), definition: rows.text(2)) }
        return tables
    }

    struct Table: Hashable {
        /// The number of the page that its tree begins with.
        var root: Int64
        var definition: String
    }
}
