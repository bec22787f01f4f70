internal import EventLog
internal import Synchronization

/// The last records that were seen of each partition: what the end of a partition is made of, without asking for it.
final class PartitionEnds: Sendable {
    private let ends = Mutex<[TopicPartition: Position]>([:])

    /// A record was read, or stored.
    func saw(_ partition: TopicPartition, _ offset: Offset, _ timestamp: Timestamp) {
        ends.withLock { ends in
            if let known = ends[partition], known.offset > offset { return }
            ends[partition] = Position(offset: offset + 1, timestamp: timestamp)
        }
    }

    /// The timestamp of the record right before `offset`, if it was the last one seen.
    func timestamp(_ partition: TopicPartition, before offset: Offset) -> Timestamp? {
        ends.withLock { $0[partition].flatMap { $0.offset == offset ? $0.timestamp : nil } }
    }

    func forget(_ topic: String) { ends.withLock { ends in ends = ends.filter { $0.key.topic != topic } } }
}
