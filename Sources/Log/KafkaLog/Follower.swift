internal import CRdKafka
internal import EventLog
internal import Synchronization

/// Reads live records: one consumer, all of whose partitions come by one queue. A callback of that queue wakes the task that
/// waits; it takes all there is without waiting for more.
///
/// `@unchecked Sendable`: `queue` is used and destroyed under `state`'s lock alone.
@safe final class Follower: LogFollower, @unchecked Sendable {
    /// One partition that is read.
    private struct Lane {
        /// The offset of the next record.
        var next: Offset
        /// Of the last record read.
        var last: Timestamp?
        /// The largest of all records read.
        var newest = Timestamp.min
        var hasRead = false
        /// The topic is not there: it may come back.
        var isGone = false
    }

    private struct State {
        var lanes: [TopicPartition: Lane] = [:]
        /// Partitions that need looking after before they go on.
        var troubled: [TopicPartition] = []
        /// Ends the consumer; there once it was closed.
        var ending: Task<Void, Never>?
        var hasEnded = false

        var isClosed: Bool { ending != nil }
    }

    private let client: Client
    private let control: Control
    private let queue: OpaquePointer
    private let signal = ChangeSignal()
    private let state = Mutex(State())
    private let topology: Topology
    private let history: HistoryReaders
    private let ends: PartitionEnds
    private let counters: Counters

    /// What one call of `next` gives, about.
    private static let limit = (records: 2_000, bytes: 1 << 20)

    init(
        _ client: Client, _ control: Control, _ topology: Topology, _ history: HistoryReaders, _ ends: PartitionEnds,
        _ counters: Counters
    ) throws(LogError) {
        guard let queue = unsafe rd_kafka_queue_new(client.handle) else { throw .unavailable("Kafka: no queue") }
        self.client = client
        self.control = control
        unsafe self.queue = queue
        self.topology = topology
        self.history = history
        self.ends = ends
        self.counters = counters
        unsafe Client.wake(signal, by: queue)
    }

    deinit {
        // Without `close`, the library would tell a signal that is no more.
        if !isClosed { unsafe Client.silence(queue) }
    }

    // MARK: - LogFollower

    func next() async throws(LogError) -> [FollowedRecords] {
        while true {
            let epoch = signal.epoch
            if isClosed || Task.isCancelled || topology.isClosed { throw .closed }
            let found = take()
            if !found.isEmpty { return found }
            if let partition = state.withLock({ $0.troubled.first }) {
                try await lookAfter(partition)
                // Nothing yet, but what was wrong is over.
                return []
            }
            await signal.wait(since: epoch)
        }
    }

    func add(_ partition: TopicPartition, from offset: Offset) {
        state.withLock { state in
            guard !state.isClosed, state.lanes[partition] == nil else { return }
            // Negative offsets mean something else to librdkafka.
            state.lanes[partition] = Lane(next: max(0, offset))
            if !start(partition, at: max(0, offset)) { state.troubled.append(partition) }
        }
        signal.fire()
    }

    func close() { _ = beginToEnd() }

    /// Returns when the consumer was ended. `next` throws from now on.
    func end() async { await beginToEnd().value }

    /// Nothing of the consumer is used by any other from now on: all who do hold the lock, and look whether it is closed.
    private func beginToEnd() -> Task<Void, Never> {
        let ending = state.withLock { state in
            if let ending = state.ending { return ending }
            let lanes = state.lanes.filter { !$0.value.isGone }.map(\.key)
            state.lanes = [:]
            state.troubled = []
            let ending = Task { await end(lanes) }
            state.ending = ending
            return ending
        }
        signal.fire()
        return ending
    }

    private func end(_ lanes: [TopicPartition]) async {
        for partition in lanes { stop(partition) }
        unsafe Client.silence(queue)
        unsafe rd_kafka_queue_destroy(queue)
        await client.close(control)
        state.withLock { $0.hasEnded = true }
    }

    /// Whether nothing of the consumer is left.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func start(_ partition: TopicPartition, at offset: Offset) -> Bool {
        guard let topic = unsafe try? client.topic(partition.topic) else { return false }
        return unsafe rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0
    }

    private func stop(_ partition: TopicPartition) {
        guard let topic = unsafe try? client.topic(partition.topic) else { return }
        unsafe rd_kafka_consume_stop(topic, partition.partition)
    }

    // MARK: Taking

    /// All that is there, without waiting.
    private func take() -> [FollowedRecords] {
        state.withLock { state in
            guard !state.isClosed else { return [] }
            var found: [TopicPartition: FollowedRecords] = [:]
            var reader = MessageReader()
            var (records, bytes) = (0, 0)
            // Freed when this returns; the library fills in no more than it is told there is room for.
            let batch = UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: 256)
            unsafe batch.initialize(repeating: nil)
            defer { unsafe batch.deallocate() }
            while records < Self.limit.records, bytes < Self.limit.bytes {
                let count = unsafe rd_kafka_consume_batch_queue(queue, 0, batch.baseAddress, batch.count)
                guard count > 0 else { break }
                for index in 0..<count {
                    guard let message = unsafe batch[index], let fetched = unsafe reader.take(message) else { continue }
                    switch fetched {
                    case .record(let partition, let record):
                        guard take(record, partition, &state, &found) else { continue }
                        records += 1
                        bytes += record.byteCount
                    case .end(let partition, let end): reach(end, partition, &state, &found)
                    case .failure(let partition, let code, _):
                        // What librdkafka tries again by itself needs no help.
                        guard code.isOutOfRange || code.isUnknownTopic, state.lanes[partition]?.isGone == false,
                            !state.troubled.contains(partition)
                        else { continue }
                        state.troubled.append(partition)
                    }
                }
            }
            counters.liveRecords.add(records, ordering: .relaxed)
            for (partition, followed) in found {
                if let last = followed.records.last { ends.saw(partition, last.offset, last.timestamp) }
            }
            return Array(found.values)
        }
    }

    private func take(
        _ record: Record, _ partition: TopicPartition, _ state: inout State,
        _ found: inout [TopicPartition: FollowedRecords]
    ) -> Bool {
        guard var lane = state.lanes[partition], record.offset >= lane.next else { return false }
        lane.next = record.offset + 1
        lane.last = record.timestamp
        lane.newest = max(lane.newest, record.timestamp)
        lane.hasRead = true
        state.lanes[partition] = lane
        found[partition, default: FollowedRecords(topicPartition: partition, records: [], next: 0)].records.append(
            record)
        found[partition]?.next = record.offset + 1
        return true
    }

    /// The end may be behind a hole: what transactions and compaction leave.
    private func reach(
        _ end: Offset, _ partition: TopicPartition, _ state: inout State,
        _ found: inout [TopicPartition: FollowedRecords]
    ) {
        guard let lane = state.lanes[partition], end > lane.next else { return }
        state.lanes[partition]?.next = end
        found[partition, default: FollowedRecords(topicPartition: partition, records: [], next: end)].next = end
    }

    // MARK: Trouble

    /// The topics were read again: finds those that are gone, and those that came back.
    func lookAround() {
        state.withLock { state in
            for (partition, lane) in state.lanes {
                let isThere = topology.contains(partition)
                if !isThere, !lane.isGone {
                    stop(partition)
                    state.lanes[partition]?.isGone = true
                    state.troubled.removeAll { $0 == partition }
                } else if isThere, lane.isGone, !state.troubled.contains(partition) {
                    state.troubled.append(partition)
                }
            }
        }
        signal.fire()
    }

    /// How many partitions are not there.
    var missing: Int { state.withLock { $0.lanes.values.count(where: \.isGone) } }

    /// Finds out where a partition that can't be read goes on.
    private func lookAfter(_ partition: TopicPartition) async throws(LogError) {
        guard let lane = state.withLock({ $0.lanes[partition] }) else { return settle(partition) }
        let bounds: PartitionBounds
        do throws(LogError) {
            bounds = try await history.bounds(of: partition)
        } catch {
            // A topic that is gone is looked for whenever the topics are read again.
            guard case .topicNotFound = error else { throw error }
            state.withLock { state in
                guard !state.isClosed, state.lanes[partition]?.isGone == false else { return }
                stop(partition)
                state.lanes[partition]?.isGone = true
            }
            return settle(partition)
        }
        let isKnown = lane.next >= bounds.first && lane.next <= bounds.next
        if isKnown, try await isSame(partition, lane, bounds) { return restart(partition, at: lane.next, lane) }
        var next = bounds.first
        if lane.next > bounds.next {
            // Where it was to begin behind the end, or the end of the same records was lost, it goes on at the end.
            if !lane.hasRead {
                next = bounds.next
            } else if try await !isAnew(partition, lane, bounds) {
                next = bounds.next
            }
        }
        if lane.next > next {
            await history.forget(partition.topic)
            ends.forget(partition.topic)
        }
        restart(partition, at: next, lane)
        throw .offsetOutOfRange(partition, bounds: bounds)
    }

    /// Whether the record before the lane's place is the one it has read there. Asked of a topic that was away.
    private func isSame(
        _ partition: TopicPartition, _ lane: Lane, _ bounds: PartitionBounds
    ) async throws(LogError) -> Bool {
        guard lane.isGone, let last = lane.last, lane.next > bounds.first else { return !lane.isGone || !lane.hasRead }
        ends.forget(partition.topic)
        await history.forget(partition.topic)
        return try await history.position(in: partition, at: lane.next).timestamp ?? last == last
    }

    /// Whether the partition was made anew: all that it has came later than what was read. Else its end was lost.
    private func isAnew(
        _ partition: TopicPartition, _ lane: Lane, _ bounds: PartitionBounds
    ) async throws(LogError) -> Bool {
        guard bounds.first < bounds.next else { return true }
        await history.forget(partition.topic)
        let block = try await history.read(partition, from: bounds.first, limit: ReadLimit(records: 1))
        guard let first = block?.records.first else { return true }
        return first.timestamp >= lane.newest
    }

    private func restart(_ partition: TopicPartition, at offset: Offset, _ old: Lane) {
        state.withLock { state in
            guard !state.isClosed, let now = state.lanes[partition] else { return }
            if !now.isGone { stop(partition) }
            var lane = old
            lane.isGone = false
            if offset != old.next { (lane.next, lane.last, lane.newest) = (offset, nil, .min) }
            state.lanes[partition] = lane
            state.troubled.removeAll { $0 == partition }
            if !start(partition, at: offset) { state.troubled.append(partition) }
        }
    }

    private func settle(_ partition: TopicPartition) {
        state.withLock { $0.troubled.removeAll { $0 == partition } }
    }
}
