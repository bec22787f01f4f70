internal import EventLog

/// Where times led to a moment ago: many clients ask for the same one. What was found stays right, for records come behind
/// it only; what was not found is not kept.
struct FoundTimes {
    private struct Key: Hashable {
        var partition: TopicPartition
        var time: Timestamp
    }

    private var entries: [Key: (position: Position, since: ContinuousClock.Instant)] = [:]
    private static let limit = 4_096
    /// After that, retention may have removed it, or the topic been made anew.
    private static let age: Duration = .seconds(10)

    func find(_ partition: TopicPartition, _ time: Timestamp, now: ContinuousClock.Instant = .now) -> Position? {
        guard let entry = entries[Key(partition: partition, time: time)], now - entry.since < Self.age else {
            return nil
        }
        return entry.position
    }

    mutating func add(
        _ partition: TopicPartition, _ time: Timestamp, _ position: Position, now: ContinuousClock.Instant = .now
    ) {
        if entries.count >= Self.limit { entries = entries.filter { now - $0.value.since < Self.age } }
        if entries.count >= Self.limit { entries = [:] }
        entries[Key(partition: partition, time: time)] = (position, now)
    }

    mutating func forget(_ topic: String) { entries = entries.filter { $0.key.partition.topic != topic } }
}
