internal import EventLog

/// Appends on their way into a commit.
///
/// Appends that arrive while a commit waits for the disk share the next commit. So a lone append is stored at once, and
/// under load the disk's latency is paid once for many.
struct GroupCommit {
    /// A call of `append` that was taken from the queue.
    private struct Call {
        var pending: PendingAppend
        /// In the order of the records; those from here to the end are still to be stored.
        var results: [Result<Appended, LogError>] = []

        init(_ pending: PendingAppend) {
            self.pending = pending
            results.reserveCapacity(pending.records.count)
        }

        var isDone: Bool { results.count == pending.records.count }
    }

    struct Limits {
        var records: Int
        var bytes: Int
        /// Of a single record. One above it is refused.
        var recordBytes: Int
    }

    /// What one commit adds to one partition.
    struct Addition {
        /// As it will be.
        var extent: Extent
        var records: [Placed] = []
        /// Of the records' keys and values.
        var bytes: Int64 = 0
    }

    /// A record with the place it will have.
    struct Placed {
        var record: Record
        /// The running maximum with it.
        var maximum: Timestamp
        fileprivate var call: Int
        fileprivate var index: Int
    }

    private let limits: Limits
    /// Taken and not answered yet, in order.
    private var calls: [Call] = []
    /// The partition that the next record without a key goes to, by topic.
    private var turns: [String: Int] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    var isEmpty: Bool { calls.isEmpty }

    mutating func add(_ appends: [PendingAppend]) {
        calls += appends.map(Call.init)
    }

    /// Gives the next records, up to a commit's limits, partitions and offsets, and a result that holds if the commit
    /// succeeds.
    mutating func place(_ topics: [String: [Extent]]) -> [TopicPartition: Addition] {
        var additions = Additions()
        var topic = (name: "", extents: [Extent]())
        var records = 0
        var bytes = 0
        for call in calls.indices {
            while !calls[call].isDone {
                let index = calls[call].results.count
                let record = calls[call].pending.records[index]
                let size = record.byteCount
                if size > limits.recordBytes {
                    calls[call].results.append(.failure(.recordTooLarge(limit: limits.recordBytes)))
                    continue
                }
                if records > 0, records >= limits.records || bytes + size > limits.bytes {
                    return additions.byPartition()
                }
                if record.topic != topic.name || topic.extents.isEmpty {
                    topic = (record.topic, topics[record.topic] ?? [])
                }
                guard !topic.extents.isEmpty else {
                    calls[call].results.append(.failure(.topicNotFound(record.topic)))
                    continue
                }
                records += 1
                bytes += size
                let extent = topic.extents[choosePartition(record, count: topic.extents.count)]
                calls[call].results.append(.success(additions.add(record, to: extent, call, index)))
            }
        }
        return additions.byPartition()
    }

    /// - Parameter count: of the topic's partitions.
    private mutating func choosePartition(_ record: NewRecord, count: Int) -> Int {
        guard count > 1 else { return 0 }
        if let key = record.key { return KeyPartitioner.partition(ofKey: key, count: count) }
        let turn = turns[record.topic, default: 0] % count
        turns[record.topic] = turn + 1
        return turn
    }

    /// The additions of one commit, by partition.
    private struct Additions {
        private var all: [Addition] = []
        private var places: [TopicPartition: Int] = [:]
        /// Of the one that had the last record: neighbours mostly go to one partition.
        private var last = 0

        /// - Parameter extent: as committed.
        mutating func add(_ record: NewRecord, to extent: Extent, _ call: Int, _ index: Int) -> Appended {
            if all.isEmpty || all[last].extent.partition != extent.partition {
                last = places[extent.partition] ?? all.count
                if last == all.count {
                    places[extent.partition] = last
                    all.append(Addition(extent: extent))
                }
            }
            return all[last].add(record, call, index)
        }

        func byPartition() -> [TopicPartition: Addition] { places.mapValues { all[$0] } }
    }

    /// The commit of an addition failed: its records have this result.
    mutating func fail(_ addition: Addition, _ error: LogError) {
        for placed in addition.records { calls[placed.call].results[placed.index] = .failure(error) }
    }

    /// The calls at the front that are done leave, with their results.
    mutating func takeDone() -> [(pending: PendingAppend, results: [Result<Appended, LogError>])] {
        let done = calls.prefix(while: \.isDone).map { ($0.pending, $0.results) }
        calls.removeFirst(done.count)
        return done
    }
}

extension GroupCommit.Addition {
    fileprivate mutating func add(_ record: NewRecord, _ call: Int, _ index: Int) -> Appended {
        let appended = Appended(topicPartition: extent.partition, offset: extent.next)
        let maximum = max(extent.maximum ?? record.timestamp, record.timestamp)
        records.append(
            GroupCommit.Placed(
                record: Record(
                    offset: appended.offset, timestamp: record.timestamp, key: record.key, value: record.value,
                    index: record.index),
                maximum: maximum, call: call, index: index))
        extent.next += 1
        bytes += Int64(record.byteCount)
        extent.bytes += Int64(record.byteCount)
        extent.maximum = maximum
        extent.lastTimestamp = record.timestamp
        return appended
    }
}

extension NewRecord {
    /// Of key and value.
    var byteCount: Int { value.count + (key?.count ?? 0) }
}
