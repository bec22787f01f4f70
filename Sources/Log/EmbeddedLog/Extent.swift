internal import EventLog

/// A partition's range of offsets, its size and its times. The row in the table `partitions` may be older (`Store.saveRows`).
struct Extent: Hashable, Sendable {
    /// The number that the partition's table has in its name.
    let id: Int64
    let partition: TopicPartition
    var first: Offset
    var next: Offset
    /// Of keys and values.
    var bytes: Int64
    /// The running maximum at the end; nil where nothing was ever appended.
    var maximum: Timestamp?
    /// Of the last record, kept or not.
    var lastTimestamp: Timestamp?
    /// Records from here on have their partition in their checksum; those before it are from format 1.
    let sealedFrom: Offset
    /// What the records' checksums begin with.
    let seal: Checksum

    init(
        id: Int64, _ partition: TopicPartition, first: Offset = 0, next: Offset = 0, bytes: Int64 = 0,
        maximum: Timestamp? = nil, lastTimestamp: Timestamp? = nil, sealedFrom: Offset = 0
    ) {
        self.id = id
        self.partition = partition
        self.first = first
        self.next = next
        self.bytes = bytes
        self.maximum = maximum
        self.lastTimestamp = lastTimestamp
        self.sealedFrom = sealedFrom
        seal = Checksum(partition)
    }

    var bounds: PartitionBounds {
        PartitionBounds(first: first, next: next, lastTimestamp: lastTimestamp, maximumTimestamp: maximum)
    }

    var ledgerEntry: LedgerEntry {
        LedgerEntry(
            topic: partition.topic, number: partition.partition, id: id, next: next, maximum: maximum,
            lastTimestamp: lastTimestamp)
    }

    private var checksum: Int64 {
        var checksum = seal
        for integer in [id, first, next, bytes, sealedFrom] { checksum.add(integer) }
        checksum.addOptional(maximum)
        checksum.addOptional(lastTimestamp)
        return Int64(checksum.value)
    }

    // MARK: - The row

    private static let columns =
        "id, topic, number, first, next, bytes, maximum, last_timestamp, sealed_from, checksum"

    /// Nil: the row is not what was written.
    private init?(row: Statement) {
        guard let number = Int32(exactly: row.integer(2)) else { return nil }
        self.init(
            id: row.integer(0), TopicPartition(row.text(1), number), first: row.integer(3), next: row.integer(4),
            bytes: row.integer(5), maximum: row.optionalInteger(6), lastTimestamp: row.optionalInteger(7),
            sealedFrom: row.integer(8))
        guard checksum == row.integer(9), 0 <= first, first <= next else { return nil }
    }

    /// Nil: there is no such row.
    static func load(_ id: Int64, _ connection: Connection) throws(SQLiteError) -> Extent? {
        let statement = try connection.statement("SELECT \(columns) FROM partitions WHERE id = ?1")
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        guard try statement.step() else { return nil }
        guard let extent = Extent(row: statement) else { throw .damage("the row of partition \(id) is damaged") }
        return extent
    }

    /// All rows that are as they were written, and the ids that the others claim to have.
    static func loadAll(_ connection: Connection) throws(SQLiteError) -> (extents: [Extent], damaged: [Int64]) {
        let statement = try connection.statement("SELECT \(columns) FROM partitions ORDER BY id")
        defer { statement.reset() }
        var extents: [Extent] = []
        var damaged: [Int64] = []
        while try statement.step() {
            if let extent = Extent(row: statement) {
                extents.append(extent)
            } else {
                damaged.append(statement.integer(0))
            }
        }
        return (extents, damaged)
    }

    /// Makes the row, in the place of one that may be there.
    func insert(_ connection: Connection) throws(SQLiteError) {
        let statement = try connection.statement(
            """
            INSERT OR REPLACE INTO partitions (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(partition.topic, at: 2)
        try statement.bind(Int64(partition.partition), at: 3)
        try statement.bind(first, at: 4)
        try statement.bind(next, at: 5)
        try statement.bind(bytes, at: 6)
        try statement.bind(maximum, at: 7)
        try statement.bind(lastTimestamp, at: 8)
        try statement.bind(sealedFrom, at: 9)
        try statement.bind(checksum, at: 10)
        try statement.run()
    }

    /// Changes the row. What a partition is never changes.
    func save(_ connection: Connection) throws(SQLiteError) {
        let statement = try connection.statement(
            """
            UPDATE partitions SET first = ?2, next = ?3, bytes = ?4, maximum = ?5, last_timestamp = ?6, checksum = ?7
            WHERE id = ?1
            """)
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(first, at: 2)
        try statement.bind(next, at: 3)
        try statement.bind(bytes, at: 4)
        try statement.bind(maximum, at: 5)
        try statement.bind(lastTimestamp, at: 6)
        try statement.bind(checksum, at: 7)
        try statement.run()
        guard connection.changes == 1 else { throw .damage("the row of partition \(id) is missing") }
    }
}
