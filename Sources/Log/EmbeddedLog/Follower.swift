internal import EventLog
internal import Synchronization
internal import System

/// Reads ranges of the log after commits were told on the board, which has the newest records itself. It holds no record that
/// it has not been asked for, so a slow one costs nothing but the offsets it stands at.
final class Follower: LogFollower {
    private struct State {
        var offsets: [TopicPartition: Offset] = [:]
        /// Where the last round ended, so that no partition waits behind a busy one for ever.
        var last: TopicPartition?
        var isClosed = false
    }

    private let state: Mutex<State>
    private let board: Board
    private let readers: ReaderPool
    let executor: (any TaskExecutor)?

    /// What one call of `next` gives at most, over all partitions; the last one asked may exceed it by a record.
    static let limit = ReadLimit(records: 1000, bytes: 1 << 20)

    /// - Parameter executor: of the thread that tells the board of commits.
    init(
        _ starts: [TopicPartition: Offset], board: Board, readers: ReaderPool, executor: any TaskExecutor
    ) {
        self.executor = executor
        state = Mutex(State(offsets: starts))
        self.board = board
        self.readers = readers
    }

    func next() async throws(LogError) -> [FollowedRecords] {
        while true {
            let epoch = board.changes.epoch
            let (offsets, last, isClosed) = state.withLock { ($0.offsets, $0.last, $0.isClosed) }
            guard !isClosed, !Task.isCancelled, !board.isClosed else { throw .closed }
            let found = try await collect(offsets, after: last)
            if !found.isEmpty { return found }
            await board.changes.wait(since: epoch)
        }
    }

    func add(_ partition: TopicPartition, from offset: Offset) {
        let isNew = state.withLock { state in
            guard state.offsets[partition] == nil else { return false }
            state.offsets[partition] = offset
            return true
        }
        if isNew { board.changes.fire() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        board.changes.fire()
    }

    private func collect(
        _ offsets: [TopicPartition: Offset], after last: TopicPartition?
    ) async throws(LogError) -> [FollowedRecords] {
        var found: [FollowedRecords] = []
        var limit = Self.limit
        var order = offsets.sorted { $0.key < $1.key }
        if let last, let start = order.firstIndex(where: { last < $0.key }) {
            order = Array(order[start...] + order[..<start])
        }
        for (partition, offset) in order where limit.records > 0 && limit.bytes > 0 {
            do {
                guard try board.next(of: partition) != offset else { continue }
                var block = board.latest(of: partition, from: offset, limit: limit)
                if block == nil { block = try await readers.read(partition, from: offset, limit: limit) }
                guard let block, block.next > offset else { continue }
                limit.records -= block.records.count
                limit.bytes -= block.records.reduce(0) { $0 + $1.byteCount }
                found.append(FollowedRecords(topicPartition: partition, records: block.records, next: block.next))
                advance(partition, to: block.next)
            } catch {
                // The records that were found are given first; the next call meets the error again.
                guard found.isEmpty else { break }
                passOver(error, partition)
                throw error
            }
        }
        return found
    }

    private func advance(_ partition: TopicPartition, to offset: Offset) {
        state.withLock { state in
            state.offsets[partition] = offset
            state.last = partition
        }
    }

    /// Goes on behind what can't be had, once that was told.
    private func passOver(_ error: LogError, _ partition: TopicPartition) {
        switch error {
        case .offsetOutOfRange(_, let bounds):
            let offset = state.withLock { $0.offsets[partition] } ?? bounds.first
            advance(partition, to: offset < bounds.first ? bounds.first : bounds.next)
        case .unreadable(_, let range, _): advance(partition, to: range.upperBound)
        case .topicNotFound, .partitionNotFound: state.withLock { _ = $0.offsets.removeValue(forKey: partition) }
        default: break
        }
    }
}

extension Record {
    /// Of key and value.
    var byteCount: Int { value.count + (key?.count ?? 0) }
}
