internal import EventLog
internal import Synchronization
internal import System

/// What the log's parts know of each other: which partitions there are, how far each is committed and with what, who waits for
/// more. One lock, held for a few instructions, or for a comparison of each partition that a follower has.
final class Board: Sendable {
    private struct State {
        var topics: [String: [Extent]] = [:]
        /// What the last commit stored and is still kept, so that who follows closely need not read it.
        var latest: [TopicPartition: [Record]] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Fired after each change of `state`.
    let changes = ChangeSignal()

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func topics() throws(LogError) -> [String: Int32] {
        try state.withLock { state throws(LogError) in
            guard !state.isClosed else { throw .closed }
            return state.topics.mapValues { Int32($0.count) }
        }
    }

    /// The partition as far as commits are known here. Records that retention removed since the last of them still count.
    func extent(of partition: TopicPartition) throws(LogError) -> Extent {
        try state.withLock { state throws(LogError) in try Self.find(partition, state) }
    }

    /// The offset the next record will have, as far as commits are known here.
    func next(of partition: TopicPartition) throws(LogError) -> Offset {
        try state.withLock { state throws(LogError) in try Self.find(partition, state).next }
    }

    /// Where somebody stands in a partition.
    struct Place {
        var partition: TopicPartition
        /// The next one.
        var offset: Offset
    }

    /// Those of some places, in order of their partitions, whose partition is committed further, or is not there.
    func withNews(_ places: [Place]) -> [Place] {
        state.withLock { state in
            var topic: (name: String, partitions: [Extent]?) = ("", nil)
            return places.filter { place in
                if place.partition.topic != topic.name {
                    topic = (place.partition.topic, state.topics[place.partition.topic])
                }
                guard let partitions = topic.partitions, let number = Int(exactly: place.partition.partition),
                    partitions.indices.contains(number)
                else { return true }
                return partitions[number].next != place.offset
            }
        }
    }

    /// The records from this offset on, where they are those of the last commit and within the limit.
    func latest(of partition: TopicPartition, from offset: Offset, limit: ReadLimit) -> RecordBlock? {
        let records = state.withLock { $0.latest[partition] }
        guard let records, let last = records.last, records[0].offset == offset, records.count <= limit.records,
            records.reduce(0, { $0 + $1.byteCount }) <= limit.bytes
        else { return nil }
        return RecordBlock(records: records, next: last.offset + 1)
    }

    private static func find(_ partition: TopicPartition, _ state: State) throws(LogError) -> Extent {
        guard !state.isClosed else { throw .closed }
        guard let partitions = state.topics[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard let number = Int(exactly: partition.partition), partitions.indices.contains(number) else {
            throw .partitionNotFound(partition)
        }
        return partitions[number]
    }

    /// Tells what was committed and wakes all who wait.
    ///
    /// - Parameter latest: the records that are new, of the partitions that have not too many.
    func publish(_ topics: [String: [Extent]], latest: [TopicPartition: [Record]] = [:]) {
        // The records before are let go of after the lock.
        var latest = latest
        state.withLock { state in
            swap(&state.latest, &latest)
            for (topic, partitions) in topics { state.topics[topic] = partitions }
        }
        changes.fire()
    }

    /// Records of the partition are about to be removed: who wants the last ones has to look.
    func forgetLatest(of partition: TopicPartition) {
        state.withLock { _ = $0.latest.removeValue(forKey: partition) }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        changes.fire()
    }
}
