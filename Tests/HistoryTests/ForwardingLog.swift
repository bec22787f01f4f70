import EventLog
import EventLogTestKit

/// A log that does what another does, but for what a test writes anew.
protocol ForwardingLog: EventLog {
    var inner: MemoryLog { get }
}

extension ForwardingLog {
    func topics() async throws(LogError) -> [String: Int32] { try await inner.topics() }
    func createTopic(_ name: String, partitions: Int32) async throws(LogError) {}
    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await inner.bounds(of: partition)
    }
    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try await inner.read(partition, from: offset, limit: limit)
    }
    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try await inner.position(in: partition, atOrAfter: time)
    }
    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try await inner.position(in: partition, at: offset)
    }
    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] { await inner.append(records) }
    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        try await inner.follow(starts)
    }
    func close() async {}
}
