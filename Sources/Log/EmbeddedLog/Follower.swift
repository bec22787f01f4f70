internal import Bytes
internal import EventLog
internal import Synchronization
internal import System

/// Reads ranges of the log after commits were told on the board, which has the newest records itself. It holds no record that
/// it has not been asked for, so a slow one costs nothing but the offsets it stands at.
final class Follower: LogFollower {
    private struct State {
        /// By partition.
        private(set) var places: [Board.Place]
        /// Where the last round ended, so that no partition waits behind a busy one for ever.
        private var last: TopicPartition?
        var isClosed = false

        init(_ starts: [TopicPartition: Offset]) {
            places = starts.map { .init(partition: $0.key, offset: $0.value) }.sorted { $0.partition < $1.partition }
        }

        /// Where the partition is among the places, or belongs.
        private func index(of partition: TopicPartition) -> Int {
            places.indices.firstIndex { places[$0].partition >= partition }
        }

        private func isKnown(_ partition: TopicPartition, at index: Int) -> Bool {
            index < places.count && places[index].partition == partition
        }

        func offset(in partition: TopicPartition) -> Offset? {
            let index = index(of: partition)
            return isKnown(partition, at: index) ? places[index].offset : nil
        }

        /// False: it was there.
        mutating func add(_ partition: TopicPartition, _ offset: Offset) -> Bool {
            let index = index(of: partition)
            guard !isKnown(partition, at: index) else { return false }
            places.insert(.init(partition: partition, offset: offset), at: index)
            return true
        }

        mutating func remove(_ partition: TopicPartition) {
            let index = index(of: partition)
            if isKnown(partition, at: index) { places.remove(at: index) }
        }

        mutating func advance(_ partition: TopicPartition, to offset: Offset) {
            let index = index(of: partition)
            if isKnown(partition, at: index) { places[index].offset = offset }
            last = partition
        }

        /// Those with news, in the order in which it is their turn.
        func withNews(_ board: Board) -> [Board.Place] {
            let found = board.withNews(places)
            guard let last, let first = found.indices.first(where: { last < found[$0].partition }) else { return found }
            return Array(found[first...] + found[..<first])
        }
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
        state = Mutex(State(starts))
        self.board = board
        self.readers = readers
    }

    // On the caller's own executor, as all that it calls but reading: each change of executors would cost as much as the rest.
    nonisolated(nonsending) func next() async throws(LogError) -> [FollowedRecords] {
        while true {
            let epoch = board.changes.epoch
            let (places, isClosed) = state.withLock { ($0.withNews(board), $0.isClosed) }
            guard !isClosed, !Task.isCancelled, !board.isClosed else { throw .closed }
            let found = try await collect(places)
            if !found.isEmpty { return found }
            await board.changes.wait(since: epoch)
        }
    }

    func add(_ partition: TopicPartition, from offset: Offset) {
        if state.withLock({ $0.add(partition, offset) }) { board.changes.fire() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        board.changes.fire()
    }

    /// - Parameter places: of the partitions that have records past them, or are not there.
    private nonisolated(nonsending) func collect(_ places: [Board.Place]) async throws(LogError) -> [FollowedRecords] {
        var found: [FollowedRecords] = []
        var limit = Self.limit
        for place in places where limit.records > 0 && limit.bytes > 0 {
            let (partition, offset) = (place.partition, place.offset)
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
        state.withLock { $0.advance(partition, to: offset) }
    }

    /// Goes on behind what can't be had, once that was told.
    private func passOver(_ error: LogError, _ partition: TopicPartition) {
        switch error {
        case .offsetOutOfRange(_, let bounds):
            let offset = state.withLock { $0.offset(in: partition) } ?? bounds.first
            advance(partition, to: offset < bounds.first ? bounds.first : bounds.next)
        case .unreadable(_, let range, _): advance(partition, to: range.upperBound)
        case .topicNotFound, .partitionNotFound: state.withLock { $0.remove(partition) }
        default: break
        }
    }
}

extension Record {
    /// Of key and value.
    var byteCount: Int { value.count + (key?.count ?? 0) }
}
