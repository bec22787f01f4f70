internal import EventLog
internal import Synchronization
internal import System

final class MemoryFollower: LogFollower {
    private struct State {
        var offsets: [TopicPartition: Offset]
        var isClosed = false
    }

    private let log: MemoryLog
    private let state: Mutex<State>

    init(_ log: MemoryLog, _ starts: [TopicPartition: Offset]) {
        self.log = log
        state = Mutex(State(offsets: starts))
    }

    nonisolated(nonsending) func next() async throws(LogError) -> [FollowedRecords] {
        while true {
            let epoch = log.signal.epoch
            let (offsets, isClosed) = state.withLock { ($0.offsets, $0.isClosed) }
            guard !isClosed, !Task.isCancelled, !log.isClosed else { throw .closed }
            var found: [FollowedRecords] = []
            for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
                do {
                    guard try log.next(of: partition) != offset else { continue }
                    let block = try await log.read(partition, from: offset, limit: ReadLimit())
                    advance(partition, to: block.next)
                    guard block.next > offset else { continue }
                    found.append(
                        FollowedRecords(topicPartition: partition, records: block.records, next: block.next))
                } catch {
                    // What was found is given first; the next call meets the error again.
                    guard found.isEmpty else { break }
                    passOver(error, partition, offset)
                    throw error
                }
            }
            if !found.isEmpty { return found }
            await log.signal.wait(since: epoch)
        }
    }

    func add(_ partition: TopicPartition, from offset: Offset) {
        state.withLock { state in
            if state.offsets[partition] == nil { state.offsets[partition] = offset }
        }
        log.signal.fire()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        log.signal.fire()
    }

    private func advance(_ partition: TopicPartition, to offset: Offset) {
        state.withLock { $0.offsets[partition] = offset }
    }

    private func passOver(_ error: LogError, _ partition: TopicPartition, _ offset: Offset) {
        switch error {
        case .offsetOutOfRange(_, let bounds):
            advance(partition, to: offset < bounds.first ? bounds.first : bounds.next)
        case .unreadable(_, let range, _): advance(partition, to: range.upperBound)
        case .topicNotFound, .partitionNotFound: state.withLock { _ = $0.offsets.removeValue(forKey: partition) }
        default: break
        }
    }
}
