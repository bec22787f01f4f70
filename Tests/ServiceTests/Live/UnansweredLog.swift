import EventLog
import EventLogTestKit
import Synchronization

/// A log some of whose partitions exist and don't answer, as partitions of Kafka without a leader do.
final class UnansweredLog: EventLog {
    private struct State {
        var silent: Set<TopicPartition> = []
        var isSilent = false
    }

    private let log: MemoryLog
    private let state = Mutex(State())

    init(_ log: MemoryLog) { self.log = log }

    /// These partitions do not answer; all others do.
    func silence(_ partitions: TopicPartition...) { state.withLock { $0.silent = Set(partitions) } }

    /// Whether not even the topics can be listed.
    func silenceAll(_ isSilent: Bool) { state.withLock { $0.isSilent = isSilent } }

    private func check(_ partition: TopicPartition? = nil) throws(LogError) {
        let isSilent = state.withLock { state in
            state.isSilent || partition.map { state.silent.contains($0) } ?? false
        }
        if isSilent { throw .unavailable("broker.example:9092 is away") }
    }

    func topics() async throws(LogError) -> [String: Int32] {
        try check()
        return try await log.topics()
    }

    func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        try check()
        try await log.createTopic(name, partitions: partitions)
    }

    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try check(partition)
        return try await log.bounds(of: partition)
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try check(partition)
        return try await log.read(partition, from: offset, limit: limit)
    }

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try check(partition)
        return try await log.position(in: partition, atOrAfter: time)
    }

    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try check(partition)
        return try await log.position(in: partition, at: offset)
    }

    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] { await log.append(records) }

    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        try check()
        return try await log.follow(starts)
    }

    func close() async { await log.close() }
}
