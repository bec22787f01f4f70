internal import EventLog
internal import System

/// What reading came to: found out in one transaction, told outside it.
enum ReadOutcome<Value: Sendable>: Sendable {
    case found(Value)
    case outOfRange(PartitionBounds)
    case damaged(Range<Offset>, detail: String)
    case missing
}

/// Reads on its own thread and connection. A transaction is one call, so that no reader keeps the write-ahead log from
/// starting over.
///
/// A partition's row may be behind (`Store.saveRows`), so each call is given what was known of the partition before its transaction,
/// which sees all of those records. Where the row goes as far, it is right: retention, which may have come between, writes it whole.
actor Reader {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Nil before `open` and after `close`.
    private var connection: Connection?

    private let health: Health

    init(health: Health) throws(BlockingThreadError) {
        thread = try BlockingThread()
        self.health = health
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

    func bounds(of known: Extent) throws(LogError) -> PartitionBounds {
        try answer(known) { (_, extent) throws(SQLiteError) in .found(extent.bounds) }
    }

    func read(_ known: Extent, from offset: Offset, limit: ReadLimit) throws(LogError) -> RecordBlock {
        try answer(known) { (connection, extent) throws(SQLiteError) in
            guard offset >= extent.first, offset <= extent.next else { return .outOfRange(extent.bounds) }
            guard offset < extent.next else { return .found(RecordBlock(records: [], next: offset)) }
            return try RecordTable(extent, connection).block(from: offset, limit: limit)
        }
    }

    func position(in known: Extent, atOrAfter time: Timestamp) throws(LogError) -> Position {
        try answer(known) { (connection, extent) throws(SQLiteError) in
            let table = RecordTable(extent, connection)
            guard let offset = table.firstOffset(atOrAfter: time) else { return .found(extent.bounds.end) }
            return .found(Position(offset: offset, timestamp: table.timestamp(before: offset)))
        }
    }

    func position(in known: Extent, at offset: Offset) throws(LogError) -> Position {
        try answer(known) { (connection, extent) throws(SQLiteError) in
            let timestamp = RecordTable(extent, connection).timestamp(before: offset)
            return .found(Position(offset: offset, timestamp: timestamp))
        }
    }

    private func answer<Value>(
        _ known: Extent, _ body: (Connection, Extent) throws(SQLiteError) -> ReadOutcome<Value>
    ) throws(LogError) -> Value {
        guard let connection else { throw .closed }
        let partition = known.partition
        let outcome: ReadOutcome<Value>
        do {
            outcome = try connection.snapshot { () throws(SQLiteError) in
                guard let row = try Extent.load(known.id, connection) else { return .missing }
                return try body(connection, row.next < known.next ? known : row)
            }
        } catch {
            let failure = LogError(error, "\(partition) can't be read")
            health.met(.reading(partition), failure)
            throw failure
        }
        health.over(.reading(partition))
        switch outcome {
        case .found(let value): return value
        case .outOfRange(let bounds): throw .offsetOutOfRange(partition, bounds: bounds)
        case .damaged(let range, let detail):
            health.unreadable(partition, range, detail: detail)
            throw .unreadable(partition, range, detail: detail)
        case .missing: throw .partitionNotFound(partition)
        }
    }
}
