internal import Synchronization

/// Bytes of request bodies in memory, of one listener's connections on all loops: from the byte that arrives to the
/// answer.
final class BodyBudget: Sendable {
    let maximum: Int
    private let used = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    var bytes: Int { used.load(ordering: .relaxed) }

    /// Takes so many bytes more; false when they are not there.
    func take(_ count: Int) -> Bool {
        let now = used.wrappingAdd(count, ordering: .relaxed).newValue
        guard now > maximum else { return true }
        giveBack(count)
        return false
    }

    func giveBack(_ count: Int) { used.wrappingSubtract(count, ordering: .relaxed) }
}
