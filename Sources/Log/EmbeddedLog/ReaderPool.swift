internal import EventLog
internal import Synchronization

/// A few readers; each call goes to the one with the fewest calls on its hands.
final class ReaderPool: Sendable {
    private let readers: [Reader]
    private let board: Board
    /// Calls on each reader's hands.
    private let loads: Mutex<[Int]>

    init(_ readers: [Reader], board: Board) {
        self.readers = readers
        self.board = board
        loads = Mutex(Array(repeating: 0, count: readers.count))
    }

    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        let known = try board.extent(of: partition)
        let (reader, slot) = choose()
        defer { giveBack(slot) }
        return try await reader.bounds(of: known)
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        let known = try board.extent(of: partition)
        let (reader, slot) = choose()
        defer { giveBack(slot) }
        return try await reader.read(known, from: offset, limit: limit)
    }

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        let known = try board.extent(of: partition)
        let (reader, slot) = choose()
        defer { giveBack(slot) }
        return try await reader.position(in: known, atOrAfter: time)
    }

    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        let known = try board.extent(of: partition)
        let (reader, slot) = choose()
        defer { giveBack(slot) }
        return try await reader.position(in: known, at: offset)
    }

    func close() async {
        for reader in readers { await reader.close() }
    }

    private func choose() -> (Reader, Int) {
        let slot = loads.withLock { loads in
            let slot = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[slot] += 1
            return slot
        }
        return (readers[slot], slot)
    }

    private func giveBack(_ slot: Int) {
        loads.withLock { $0[slot] -= 1 }
    }
}
