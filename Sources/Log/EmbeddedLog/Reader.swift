internal import EventLog

/// What reading came to: found out in one transaction, told outside it.
enum ReadOutcome<Value: Sendable>: Sendable {
    case found(Value)
    case outOfRange(PartitionBounds)
    case damaged(Range<Offset>, detail: String)
    case missing
}

/// Reads on its own thread and connection. A transaction is one call, so that no reader keeps the write-ahead log from
/// starting over.
actor Reader {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Nil before `open` and after `close`.
    private var connection: Connection?

    init() throws(BlockingThreadError) {
        thread = try BlockingThread()
    }

    func open(directory: String) throws(LogError) {
        do {
            connection = try Schema.openReader(directory: directory)
        } catch {
            throw LogError(error)
        }
    }

    func close() {
        connection?.close()
        connection = nil
    }

    func bounds(of partition: TopicPartition, id: Int64) throws(LogError) -> PartitionBounds {
        try answer(partition, id) { (_, extent) throws(SQLiteError) in .found(extent.bounds) }
    }

    func read(
        _ partition: TopicPartition, id: Int64, from offset: Offset, limit: ReadLimit
    ) throws(LogError) -> RecordBlock {
        try answer(partition, id) { (connection, extent) throws(SQLiteError) in
            guard offset >= extent.first, offset <= extent.next else { return .outOfRange(extent.bounds) }
            guard offset < extent.next else { return .found(RecordBlock(records: [], next: offset)) }
            return try readBlock(connection, extent, from: offset, limit: limit)
        }
    }

    func position(
        in partition: TopicPartition, id: Int64, atOrAfter time: Timestamp
    ) throws(LogError) -> Position {
        try answer(partition, id) { (connection, extent) throws(SQLiteError) in
            guard let offset = try extent.firstOffset(atOrAfter: time, connection) else {
                return .found(extent.bounds.end)
            }
            return .found(Position(offset: offset, timestamp: try timestamp(before: offset, connection, extent)))
        }
    }

    func position(in partition: TopicPartition, id: Int64, at offset: Offset) throws(LogError) -> Position {
        try answer(partition, id) { (connection, extent) throws(SQLiteError) in
            .found(Position(offset: offset, timestamp: try timestamp(before: offset, connection, extent)))
        }
    }

    private func answer<Value>(
        _ partition: TopicPartition, _ id: Int64,
        _ body: (Connection, Extent) throws(SQLiteError) -> ReadOutcome<Value>
    ) throws(LogError) -> Value {
        guard let connection else { throw .closed }
        let outcome: ReadOutcome<Value>
        do {
            outcome = try connection.snapshot { () throws(SQLiteError) in
                guard let extent = try Extent.load(id, connection) else { return .missing }
                return try body(connection, extent)
            }
        } catch {
            throw LogError(error)
        }
        switch outcome {
        case .found(let value): return value
        case .outOfRange(let bounds): throw .offsetOutOfRange(partition, bounds: bounds)
        case .damaged(let range, let detail): throw .unreadable(partition, range, detail: detail)
        case .missing: throw .partitionNotFound(partition)
        }
    }

    // MARK: - Records

    private static var columns: String { "offset, timestamp, maximum, key, value, checksum" }
    /// How far to look for the end of damage in one call. If all that is unreadable, the next call looks further.
    private static var damageSearch: Int64 { 10_000 }

    private func readBlock(
        _ connection: Connection, _ extent: Extent, from offset: Offset, limit: ReadLimit
    ) throws(SQLiteError) -> ReadOutcome<RecordBlock> {
        let rows = try connection.statement(
            "SELECT \(Self.columns) FROM record_\(extent.id) WHERE offset >= ?1 ORDER BY offset LIMIT ?2")
        defer { rows.reset() }
        try rows.bind(offset, at: 1)
        try rows.bind(Int64(max(1, limit.records)), at: 2)
        var records: [Record] = []
        var bytes = 0
        var expected = offset
        var detail = "the record is missing"
        do {
            while try rows.step() {
                guard rows.integer(0) == expected else { break }
                bytes += rows.byteCount(3) + rows.byteCount(4)
                if !records.isEmpty, bytes > limit.bytes { break }
                guard let record = try record(rows) else {
                    detail = "the record's checksum is wrong"
                    break
                }
                records.append(record)
                expected += 1
            }
        } catch {
            guard error.isDamage else { throw error }
            detail = error.description
        }
        // What was read before the damage is given first; the next read begins at the damage.
        guard records.isEmpty else { return .found(RecordBlock(records: records, next: expected)) }
        return .damaged(offset..<endOfDamage(connection, extent, from: offset), detail: detail)
    }

    /// Nil where the row is not what was written.
    private func record(_ row: Statement) throws(SQLiteError) -> Record? {
        let record = Record(
            offset: row.integer(0), timestamp: row.integer(1), key: try row.blob(3), value: try row.blob(4) ?? [])
        let checksum = Checksum.of(
            offset: record.offset, timestamp: record.timestamp, maximum: row.integer(2), key: record.key,
            value: record.value)
        return checksum == row.integer(5) ? record : nil
    }

    /// The first offset after `offset` that can be read, or where the search gave up.
    private func endOfDamage(_ connection: Connection, _ extent: Extent, from offset: Offset) -> Offset {
        let end = min(extent.next, offset + Self.damageSearch)
        var candidate = offset + 1
        while candidate < end, readable(candidate, connection, extent) == nil { candidate += 1 }
        return candidate
    }

    /// The record at `offset`, if it is there and undamaged.
    private func readable(_ offset: Offset, _ connection: Connection, _ extent: Extent) -> Record? {
        guard
            let row = try? connection.statement("SELECT \(Self.columns) FROM record_\(extent.id) WHERE offset = ?1")
        else { return nil }
        defer { row.reset() }
        guard (try? row.bind(offset, at: 1)) != nil, (try? row.step()) == true else { return nil }
        return (try? record(row)) ?? nil
    }

    /// Of the nearest record before `offset` that is kept and can be read; nil: there is none, or it is beyond a great
    /// stretch of damage.
    private func timestamp(
        before offset: Offset, _ connection: Connection, _ extent: Extent
    ) throws(SQLiteError) -> Timestamp? {
        guard offset > extent.first, extent.first < extent.next else { return nil }
        guard offset < extent.next else { return extent.lastTimestamp }
        var candidate = offset - 1
        let end = max(extent.first, candidate - Self.damageSearch)
        while candidate >= end {
            if let record = readable(candidate, connection, extent) { return record.timestamp }
            candidate -= 1
        }
        return nil
    }
}
