internal import Synchronization

/// How many connections a loop has, for whoever looks for the loop with the fewest.
final class LoopLoad: Sendable {
    private let connections = Atomic<Int>(0)

    var count: Int { connections.load(ordering: .relaxed) }
    func add() { connections.wrappingAdd(1, ordering: .relaxed) }
    func remove() { connections.wrappingSubtract(1, ordering: .relaxed) }
}
