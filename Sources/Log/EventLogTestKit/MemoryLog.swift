public import EventLog
internal import Synchronization
internal import System

/// A log in memory, simple enough to be believed: the oracle for other logs, and the log of tests and simulations.
///
/// Faults are injected: calls that fail, damaged records, records removed at the front, holes.
public final class MemoryLog: EventLog {
    struct Entry {
        var record: Record
        /// The largest timestamp up to and with this record.
        var maximum: Timestamp
    }

    struct Partition {
        var entries: [Entry] = []
        var first: Offset = 0
        var next: Offset = 0
        var maximum: Timestamp?
        var damaged: [Range<Offset>] = []

        var bounds: PartitionBounds {
            PartitionBounds(
                first: first, next: next, lastTimestamp: entries.last?.record.timestamp, maximumTimestamp: maximum)
        }
    }

    struct State {
        var topics: [String: [Partition]] = [:]
        var turns: [String: Int] = [:]
        var readFaults: [LogError] = []
        var appendFaults: [LogError] = []
        var isClosed = false
    }

    let state = Mutex(State())
    let signal = ChangeSignal()
    /// Bytes of key and value.
    public let maximumRecordBytes: Int

    public init(topics: [String: Int32] = [:], maximumRecordBytes: Int = 1 << 20) {
        self.maximumRecordBytes = maximumRecordBytes
        state.withLock { state in
            state.topics = topics.mapValues { Array(repeating: Partition(), count: Int(max(0, $0))) }
        }
    }

    // MARK: - EventLog

    public func topics() async throws(LogError) -> [String: Int32] {
        try access { state throws(LogError) in state.topics.mapValues { Int32($0.count) } }
    }

    public func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        try access { state throws(LogError) in
            guard !name.isEmpty, partitions > 0 else { throw .invalid("a topic needs a name and a partition") }
            let missing = Int(partitions) - state.topics[name, default: []].count
            state.topics[name, default: []] += Array(repeating: Partition(), count: max(0, missing))
        }
        signal.fire()
    }

    public func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try look(at: partition) { partition throws(LogError) in partition.bounds }
    }

    public func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try look(at: partition) { contents throws(LogError) in
            guard offset >= contents.first, offset <= contents.next else {
                throw .offsetOutOfRange(partition, bounds: contents.bounds)
            }
            var records: [Record] = []
            var bytes = 0
            for entry in contents.entries where entry.record.offset >= offset {
                let record = entry.record
                if let range = contents.damaged.first(where: { $0.contains(record.offset) }) {
                    guard records.isEmpty else { return RecordBlock(records: records, next: record.offset) }
                    throw .unreadable(partition, record.offset..<range.upperBound, detail: "damaged on purpose")
                }
                bytes += record.value.count + (record.key?.count ?? 0)
                if !records.isEmpty, records.count >= limit.records || bytes > limit.bytes {
                    return RecordBlock(records: records, next: record.offset)
                }
                records.append(record)
            }
            return RecordBlock(records: records, next: contents.next)
        }
    }

    public func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try look(at: partition) { contents throws(LogError) in
            guard let found = contents.entries.first(where: { $0.maximum >= time }) else { return contents.bounds.end }
            return contents.position(at: found.record.offset)
        }
    }

    public func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try look(at: partition) { contents throws(LogError) in contents.position(at: offset) }
    }

    public func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        let results = state.withLock { state -> [Result<Appended, LogError>] in
            if state.isClosed { return records.map { _ in .failure(.closed) } }
            if !state.appendFaults.isEmpty {
                let fault = state.appendFaults.removeFirst()
                return records.map { _ in .failure(fault) }
            }
            return records.map { record in append(record, &state) }
        }
        signal.fire()
        return results
    }

    public func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        for partition in starts.keys { try access { state throws(LogError) in _ = try find(partition, state) } }
        return MemoryFollower(self, starts)
    }

    public func close() async {
        state.withLock { $0.isClosed = true }
        signal.fire()
    }

    // MARK: - Within

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The offset the next record will have.
    func next(of partition: TopicPartition) throws(LogError) -> Offset {
        try access { state throws(LogError) in try find(partition, state).next }
    }

    private func append(_ record: NewRecord, _ state: inout State) -> Result<Appended, LogError> {
        guard let count = state.topics[record.topic]?.count, count > 0 else {
            return .failure(.topicNotFound(record.topic))
        }
        guard record.value.count + (record.key?.count ?? 0) <= maximumRecordBytes else {
            return .failure(.recordTooLarge(limit: maximumRecordBytes))
        }
        let number: Int
        if let key = record.key {
            number = KeyPartitioner.partition(ofKey: key, count: count)
        } else {
            number = state.turns[record.topic, default: 0] % count
            state.turns[record.topic] = number + 1
        }
        let offset = state.topics[record.topic, default: []][number].add(
            timestamp: record.timestamp, key: record.key, value: record.value, index: record.index)
        return .success(Appended(topicPartition: TopicPartition(record.topic, Int32(number)), offset: offset))
    }

    private func access<T>(_ body: (inout State) throws(LogError) -> T) throws(LogError) -> T {
        try state.withLock { state throws(LogError) in
            guard !state.isClosed else { throw .closed }
            return try body(&state)
        }
    }

    /// For calls that read, which may be made to fail.
    private func look<T>(
        at partition: TopicPartition, _ body: (Partition) throws(LogError) -> T
    ) throws(LogError) -> T {
        try access { state throws(LogError) in
            if !state.readFaults.isEmpty { throw state.readFaults.removeFirst() }
            return try body(find(partition, state))
        }
    }

    private func find(_ partition: TopicPartition, _ state: State) throws(LogError) -> Partition {
        guard let partitions = state.topics[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard partitions.indices.contains(Int(partition.partition)) else { throw .partitionNotFound(partition) }
        return partitions[Int(partition.partition)]
    }
}

extension MemoryLog.Partition {
    mutating func add(timestamp: Timestamp, key: [UInt8]?, value: [UInt8], index: RecordIndex = .none) -> Offset {
        let offset = next
        let record = Record(offset: offset, timestamp: timestamp, key: key, value: value, index: index)
        maximum = max(maximum ?? timestamp, timestamp)
        entries.append(MemoryLog.Entry(record: record, maximum: maximum ?? timestamp))
        next += 1
        return offset
    }

    func position(at offset: Offset) -> Position {
        Position(offset: offset, timestamp: entries.last { $0.record.offset < offset }?.record.timestamp)
    }
}
