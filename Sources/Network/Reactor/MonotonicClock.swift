internal import CLinux

/// A clock that never goes back, in milliseconds from a beginning that means nothing. Tests bring their own.
public struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Int64

    public init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// The system's (`CLOCK_MONOTONIC`).
    public static let system = MonotonicClock { linux_monotonic_milliseconds() }

    /// Now, in milliseconds.
    public func now() -> Int64 { read() }
}
