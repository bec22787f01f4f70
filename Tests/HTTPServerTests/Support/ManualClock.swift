import Synchronization

/// A clock that moves when a test says so.
final class ManualClock: Sendable {
    private let milliseconds = Atomic<Int64>(1_000_000)

    var now: Int64 { milliseconds.load(ordering: .acquiring) }
    func advance(_ by: Int64) { milliseconds.wrappingAdd(by, ordering: .acquiringAndReleasing) }
}
