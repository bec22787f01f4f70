internal import EventLog
internal import EventLogTestKit

/// Takes the front of a partition once its bounds were asked for.
struct TruncatingLog: ForwardingLog {
    let inner: MemoryLog
    var partition: TopicPartition
    var before: Offset

    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        defer { inner.truncate(self.partition, before: before) }
        return try await inner.bounds(of: partition)
    }
}
