public import EventLog
internal import Synchronization
internal import System

extension MemoryLog {
    /// The next `count` calls that read (`read`, `bounds`, both `position`s, reads by followers) fail with `error`.
    public func failReads(_ count: Int, with error: LogError = .unavailable("injected")) {
        state.withLock { $0.readFaults += Array(repeating: error, count: count) }
    }

    /// The next `count` calls of `append` store nothing and fail with `error`.
    public func failAppends(_ count: Int, with error: LogError = .full("injected")) {
        state.withLock { $0.appendFaults += Array(repeating: error, count: count) }
    }

    /// These records can't be read from now on. `append` may come to offsets in the range later.
    public func damage(_ partition: TopicPartition, _ range: Range<Offset>) {
        change(partition) { $0.damaged.append(range) }
    }

    /// Removes the records before `offset`, as retention does. Beyond the end: all records.
    public func truncate(_ partition: TopicPartition, before offset: Offset) {
        change(partition) { partition in
            partition.first = max(partition.first, min(offset, partition.next))
            partition.entries.removeAll { $0.record.offset < partition.first }
        }
    }

    /// Leaves out the next `count` offsets, as transactions and compaction do in Kafka.
    public func skipOffsets(_ partition: TopicPartition, count: Int64) {
        change(partition) { partition in
            partition.next += count
            if partition.entries.isEmpty { partition.first = partition.next }
        }
    }

    /// Puts a record at the end of a partition of the caller's choice, without waiting.
    ///
    /// - Returns: its offset; nil where there is no such partition.
    @discardableResult
    public func put(
        _ partition: TopicPartition, timestamp: Timestamp, key: [UInt8]? = nil, value: [UInt8]
    ) -> Offset? {
        var offset: Offset?
        change(partition) { offset = $0.add(timestamp: timestamp, key: key, value: value) }
        return offset
    }

    /// Makes a topic anew under its old name: empty, its offsets from 0 on. As after a failover to another cluster.
    public func recreateTopic(_ name: String, partitions: Int32) {
        state.withLock { $0.topics[name] = Array(repeating: Partition(), count: Int(max(0, partitions))) }
        signal.fire()
    }

    public func removeTopic(_ name: String) {
        state.withLock { _ = $0.topics.removeValue(forKey: name) }
        signal.fire()
    }

    private func change(_ partition: TopicPartition, _ body: (inout Partition) -> Void) {
        state.withLock { state in
            guard var partitions = state.topics[partition.topic],
                partitions.indices.contains(Int(partition.partition))
            else { return }
            body(&partitions[Int(partition.partition)])
            state.topics[partition.topic] = partitions
        }
        signal.fire()
    }
}
