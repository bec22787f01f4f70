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

/// Takes the front of a partition once a place in it was looked for.
struct TruncatingAfterSearchLog: ForwardingLog {
    let inner: MemoryLog
    var partition: TopicPartition
    var before: Offset

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        defer { inner.truncate(self.partition, before: before) }
        return try await inner.position(in: partition, atOrAfter: time)
    }
}
