internal import CLinux
public import EventLog
internal import Glibc
internal import Time

/// The time of day, a clock that nobody sets, and how to wait, so that tests need none of them.
public struct LogClock: Sendable {
    /// The time of day. People and programs may set it to anything at any moment.
    public var now: @Sendable () -> Timestamp
    /// Milliseconds since some moment, which grow as time does, whatever happens to the time of day.
    public var steady: @Sendable () -> Int64
    /// Throws when the task was cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, steady: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.steady = steady
        self.sleep = sleep
    }

    /// The machine's. Its steady clock goes on while the machine sleeps.
    public static let system = LogClock(
        now: { WallClock.now() }, steady: { milliseconds(CLOCK_BOOTTIME) },
        sleep: { try await Task.sleep(for: $0) })

    private static func milliseconds(_ clock: Int32) -> Int64 {
        var time = timespec()
        // Can't fail for these clocks and a valid address.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
