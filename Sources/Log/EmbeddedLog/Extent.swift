internal import EventLog

/// A partition's row in the table `partition`.
struct Extent: Sendable {
    var id: Int64
    var first: Offset
    var next: Offset
    /// Of keys and values.
    var bytes: Int64
    /// The running maximum at the end; nil where nothing was ever appended.
    var maximum: Timestamp?
    /// Of the last record, kept or not.
    var lastTimestamp: Timestamp?

    var bounds: PartitionBounds {
        PartitionBounds(first: first, next: next, lastTimestamp: lastTimestamp, maximumTimestamp: maximum)
    }

    private static let columns = "id, first, next, bytes, maximum, last_timestamp"

    init(id: Int64) {
        self.id = id
        first = 0
        next = 0
        bytes = 0
    }

    private init(row: Statement) {
        id = row.integer(0)
        first = row.integer(1)
        next = row.integer(2)
        bytes = row.integer(3)
        maximum = row.optionalInteger(4)
        lastTimestamp = row.optionalInteger(5)
    }

    /// Nil: there is no such row.
    static func load(_ id: Int64, _ connection: Connection) throws(SQLiteError) -> Extent? {
        let statement = try connection.statement("SELECT \(columns) FROM partition WHERE id = ?1")
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        return try statement.step() ? Extent(row: statement) : nil
    }

    /// All partitions of all topics, in order of their numbers.
    static func loadAll(_ connection: Connection) throws(SQLiteError) -> [String: [Extent]] {
        let statement = try connection.statement(
            """
            SELECT \(columns.split(separator: ", ").map { "partition.\($0)" }.joined(separator: ", ")), name, number
            FROM topic JOIN partition ON topic.id = partition.topic ORDER BY name, number
            """)
        defer { statement.reset() }
        var topics: [String: [Extent]] = [:]
        while try statement.step() {
            let name = statement.text(6)
            let extent = Extent(row: statement)
            guard statement.integer(7) == topics[name]?.count ?? 0, 0 <= extent.first, extent.first <= extent.next
            else {
                throw .damage("the table of partitions makes no sense at \(name)/\(statement.integer(7))")
            }
            topics[name, default: []].append(extent)
        }
        return topics
    }

    func save(_ connection: Connection) throws(SQLiteError) {
        let statement = try connection.statement(
            """
            UPDATE partition SET first = ?2, next = ?3, bytes = ?4, maximum = ?5, last_timestamp = ?6 WHERE id = ?1
            """)
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(first, at: 2)
        try statement.bind(next, at: 3)
        try statement.bind(bytes, at: 4)
        try statement.bind(maximum, at: 5)
        try statement.bind(lastTimestamp, at: 6)
        try statement.run()
    }

    /// The first record whose running maximum is at or after `time`; nil: there is none.
    func firstOffset(atOrAfter time: Timestamp, _ connection: Connection) throws(SQLiteError) -> Offset? {
        guard let maximum, maximum >= time, first < next else { return nil }
        // Rows before `first` are damaged ones that could not be deleted.
        let statement = try connection.statement(
            """
            SELECT offset FROM record_\(id) WHERE maximum >= ?1 AND offset >= ?2 ORDER BY maximum, offset LIMIT 1
            """)
        defer { statement.reset() }
        try statement.bind(time, at: 1)
        try statement.bind(first, at: 2)
        return try statement.step() ? statement.integer(0) : nil
    }
}
