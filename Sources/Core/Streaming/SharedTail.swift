internal import Synchronization

/// The tail as the loops share it: the one thing they share, behind the one lock.
public final class SharedTail: Sendable {
    private let tail: Mutex<Tail>

    public init(maximumBytes: Int) { tail = Mutex(Tail(maximumBytes: maximumBytes)) }

    public func withLock<Result>(_ body: (inout Tail) throws -> sending Result) rethrows -> sending Result {
        try tail.withLock { tail in try body(&tail) }
    }
}
