internal import EventLog
internal import Synchronization

/// What the log's parts know of each other: which partitions there are, how far each is committed, who waits for more.
/// One lock, held for a few instructions.
final class Board: Sendable {
    private struct Partition {
        var id: Int64
        var next: Offset
    }

    private struct State {
        var topics: [String: [Partition]] = [:]
        /// Grows with every change that somebody may wait for.
        var epoch: UInt64 = 0
        var nextWait: UInt64 = 0
        var waits: [UInt64: CheckedContinuation<Void, Never>] = [:]
        /// Waits whose task was cancelled before they began.
        var cancelled: Set<UInt64> = []
        var isClosed = false

        /// Those to resume, outside the lock.
        mutating func change() -> [CheckedContinuation<Void, Never>] {
            epoch &+= 1
            defer { waits = [:] }
            return Array(waits.values)
        }
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func topics() throws(LogError) -> [String: Int32] {
        try state.withLock { state throws(LogError) in
            guard !state.isClosed else { throw .closed }
            return state.topics.mapValues { Int32($0.count) }
        }
    }

    /// The number that the partition's table has in its name.
    func id(of partition: TopicPartition) throws(LogError) -> Int64 {
        try state.withLock { state throws(LogError) in try Self.find(partition, state).id }
    }

    /// The offset the next record will have, as far as commits are known here.
    func next(of partition: TopicPartition) throws(LogError) -> Offset {
        try state.withLock { state throws(LogError) in try Self.find(partition, state).next }
    }

    private static func find(_ partition: TopicPartition, _ state: State) throws(LogError) -> Partition {
        guard !state.isClosed else { throw .closed }
        guard let partitions = state.topics[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard let number = Int(exactly: partition.partition), partitions.indices.contains(number) else {
            throw .partitionNotFound(partition)
        }
        return partitions[number]
    }

    /// Tells what was committed and wakes all who wait.
    func publish(_ topics: [String: [Extent]]) {
        let waits = state.withLock { state in
            for (topic, partitions) in topics {
                state.topics[topic] = partitions.map { Partition(id: $0.id, next: $0.next) }
            }
            return state.change()
        }
        for wait in waits { wait.resume() }
    }

    /// Wakes all who wait, so that they look again.
    func poke() {
        for wait in state.withLock({ $0.change() }) { wait.resume() }
    }

    func close() {
        let waits = state.withLock { state in
            state.isClosed = true
            return state.change()
        }
        for wait in waits { wait.resume() }
    }

    /// Taken before looking for work; `waitForChange` then misses nothing that happens while looking.
    var epoch: UInt64 { state.withLock { $0.epoch } }

    /// Returns once something changed since `epoch` was taken, or the task is cancelled.
    func waitForChange(since epoch: UInt64) async {
        let id = state.withLock { state in
            state.nextWait &+= 1
            return state.nextWait
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.cancelled.remove(id) != nil || state.epoch != epoch { return true }
                    state.waits[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let wait = state.withLock { state in
                let wait = state.waits.removeValue(forKey: id)
                if wait == nil { state.cancelled.insert(id) }
                return wait
            }
            wait?.resume()
        }
        _ = state.withLock { $0.cancelled.remove(id) }
    }
}
