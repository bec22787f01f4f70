internal import Synchronization

/// Wakes the loops, once there are any.
final class Waker: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }

    func wake() {
        let action = action.withLock { $0 }
        action?()
    }
}
