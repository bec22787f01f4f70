import EventLog
import EventLogTestKit

/// A log whose index has the time of each record, whether it can be read or not, as Kafka's has: it knows a place behind damage,
/// and no time of the record before it.
struct DamagedBeforeLog: ForwardingLog {
    let inner: MemoryLog
    var damage: Range<Offset>

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        let position = try await inner.position(in: partition, atOrAfter: time)
        return damage.contains(position.offset - 1) ? Position(offset: position.offset) : position
    }
}
