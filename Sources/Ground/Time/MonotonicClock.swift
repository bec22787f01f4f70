internal import Glibc

/// A clock that never goes back, in milliseconds from a beginning that means nothing. Tests bring their own.
public struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Int64

    public init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// The system's (`CLOCK_MONOTONIC`).
    public static let system = MonotonicClock {
        var time = timespec()
        // The time is written before the call returns; the call can't fail for this clock.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)
    }

    /// Now, in milliseconds.
    public func now() -> Int64 { read() }
}
