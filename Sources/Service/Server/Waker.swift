internal import Synchronization

/// Wakes the loops, once there are any.
final class Waker: Sendable {
    /// A type of its own around the closure: a `Mutex` of a closure wraps it anew whenever it is looked at, and each wrapping
    /// stays, until calling it overflows the stack.
    private struct Action {
        var run: @Sendable () -> Void
    }

    private let action = Mutex<Action?>(nil)

    func set(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = Action(run: action) } }

    func wake() {
        let action = action.withLock { $0 }
        action?.run()
    }
}
