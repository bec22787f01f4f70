public import EventLog
internal import Synchronization

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
