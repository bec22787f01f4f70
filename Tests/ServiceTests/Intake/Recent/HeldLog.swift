import EventLog
import EventLogTestKit

/// A log whose appends wait until the test lets each go on.
final class HeldLog: EventLog {
    private let log: MemoryLog
    private let arrivals = AsyncStream<Void>.makeStream()
    private let releases = AsyncStream<Void>.makeStream()

    init(_ log: MemoryLog) { self.log = log }

    /// Returns when an append has come that nobody waited for yet.
    func arrived() async { for await _ in arrivals.stream { return } }

    /// Lets one append go on.
    func release() { releases.continuation.yield() }

    nonisolated(nonsending) func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        arrivals.continuation.yield()
        for await _ in releases.stream { break }
        return await log.append(records)
    }

    func topics() async throws(LogError) -> [String: Int32] { try await log.topics() }
    func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        try await log.createTopic(name, partitions: partitions)
    }
    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await log.bounds(of: partition)
    }
    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try await log.read(partition, from: offset, limit: limit)
    }
    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try await log.position(in: partition, atOrAfter: time)
    }
    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try await log.position(in: partition, at: offset)
    }
    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        try await log.follow(starts)
    }
    func close() async { await log.close() }
}
