internal import CSQLite
internal import Glibc

/// An open database, with its statements compiled once.
///
/// Used by one thread at a time: it is opened without SQLite's own locks (`SQLITE_OPEN_NOMUTEX`).
@safe final class Connection {
    enum Role {
        case writer
        case reader
    }

    // Valid from init to `close`; `isClosed` is asked before each use that could come later.
    private let handle: OpaquePointer
    private var isClosed = false
    private var statements: [String: Statement] = [:]
    /// `writeAheadFrames`, where SQLite notes it.
    ///
    /// Allocated, because SQLite keeps its address; freed after the connection is closed.
    private let frames: UnsafeMutablePointer<Int32>

    /// How many frames the write-ahead log holds, as of this connection's last commit.
    var writeAheadFrames: Int { unsafe Int(frames.pointee) }

    /// The length of the write-ahead log when it was copied last.
    private var copiedFrames = 0

    /// The write-ahead log is copied whenever it has grown by so many bytes, and kept from growing much past the second number.
    private static let checkpointBytes = 16 << 20
    private static let patientBytes = 64 << 20

    /// Of a page of the database, asked for once.
    private var knownPageBytes: Int?

    /// Statements kept compiled. Past this all are dropped, to be compiled again: a few thousand partitions with a few
    /// statements each would otherwise hold memory for ever.
    private static let statementLimit = 2048

    init(path: String, role: Role) throws(SQLiteError) {
        var opened: OpaquePointer?
        let access = role == .writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let code = unsafe sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            let error = unsafe SQLiteError("sqlite3_open_v2", code: code, database: opened)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe handle = opened
        unsafe frames = .allocate(capacity: 1)
        unsafe frames.initialize(to: 0)
        // In the place of SQLite's own hook, which makes checkpoints (`PRAGMA wal_autocheckpoint` would undo this).
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, count in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = count
                return SQLITE_OK
            }, frames)
        unsafe sqlite3_busy_timeout(handle, 2000)
    }

    deinit {
        close()
        unsafe frames.deallocate()
    }

    /// Lets go of the files now, whoever still refers to this object.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        statements = [:]
        unsafe sqlite3_close_v2(handle)
    }

    private func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        guard !isClosed else {
            throw SQLiteError(
                call: "sqlite3_prepare_v3", code: SQLITE_MISUSE, systemError: 0, message: "the connection is closed")
        }
        return try unsafe Statement(sql, database: handle)
    }

    /// Runs one statement that is not worth keeping.
    func execute(_ sql: String) throws(SQLiteError) {
        try prepare(sql).run()
    }

    /// The first column of the first row of a statement that is not worth keeping; 0 where there is no row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// As `integer`, of a column that holds text.
    func text(_ sql: String) throws(SQLiteError) -> String {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : ""
    }

    /// A statement compiled once, at its beginning. Whoever uses it resets it.
    func statement(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = statements[sql] { return statement }
        if statements.count >= Self.statementLimit { statements = [:] }
        let statement = try prepare(sql)
        statements[sql] = statement
        return statement
    }

    /// The size of the database's pages, which never changes once it has a table. Not to be asked before.
    var pageBytes: Int {
        get throws(SQLiteError) {
            if let knownPageBytes { return knownPageBytes }
            let bytes = max(512, Int(try integer("PRAGMA page_size")))
            knownPageBytes = bytes
            return bytes
        }
    }

    /// How many rows the last statement that changes any has changed.
    var changes: Int64 { isClosed ? 0 : unsafe sqlite3_changes64(handle) }

    /// Everything `body` does, or nothing.
    func transaction<T>(_ body: () throws(SQLiteError) -> T) throws(SQLiteError) -> T {
        try statement("BEGIN IMMEDIATE").run()
        do {
            let result = try body()
            try statement("COMMIT").run()
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// What `body` reads is of one moment.
    func snapshot<T>(_ body: () throws(SQLiteError) -> T) throws(SQLiteError) -> T {
        try statement("BEGIN").run()
        // Not a commit, which SQLite refuses after it has met damage: there is nothing to commit.
        defer { rollBack() }
        return try body()
    }

    /// Leaves the transaction, if SQLite has not done so by itself, as it does after some errors.
    private func rollBack() {
        if !isClosed, unsafe sqlite3_get_autocommit(handle) == 0 { try? statement("ROLLBACK").run() }
    }

    /// Copies the write-ahead log into the database if it has grown enough since the last time.
    ///
    /// Usually as far as it goes without waiting. A reader that is always at work keeps the file from starting over, so
    /// from some length on this waits for the readers of the moment, which are short.
    ///
    /// - Parameter prepare: commits what is to be copied with it.
    func checkpointIfDue(_ prepare: () -> Void) throws(SQLiteError) {
        if writeAheadFrames < copiedFrames { copiedFrames = 0 }
        let pageBytes = try pageBytes
        guard (writeAheadFrames - copiedFrames) * pageBytes >= Self.checkpointBytes else { return }
        prepare()
        copiedFrames = writeAheadFrames
        let isLong = copiedFrames * pageBytes >= Self.patientBytes
        try checkpoint(mode: isLong ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE)
    }

    /// Copies the whole write-ahead log into the database and empties it.
    func checkpointAndTruncate() throws(SQLiteError) {
        try checkpoint(mode: SQLITE_CHECKPOINT_TRUNCATE)
    }

    private func checkpoint(mode: Int32) throws(SQLiteError) {
        guard !isClosed else { return }
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, nil)
        // Busy: a reader was in the way. The next commit tries again.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw unsafe SQLiteError("sqlite3_wal_checkpoint_v2", code: code, database: handle)
        }
    }
}

extension SQLiteError {
    /// - Parameter code: the call's result; nil: the connection's last error.
    init(_ call: String, code: Int32?, database: OpaquePointer?) {
        self.call = call
        self.code = unsafe code ?? sqlite3_extended_errcode(database)
        // SQLite forgets the number where a commit failed; the thread still has it then (`Statement.step` clears it before).
        let lastError = errno
        let noted = unsafe database == nil ? 0 : sqlite3_system_errno(database)
        systemError = noted == 0 && self.code & 0xFF == SQLITE_IOERR ? lastError : noted
        // Both texts are valid until the next call on this connection; copied here.
        if let database = unsafe database {
            message = unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) } ?? "no message"
        } else {
            message = unsafe sqlite3_errstr(self.code).map { unsafe String(cString: $0) } ?? "no message"
        }
    }
}
