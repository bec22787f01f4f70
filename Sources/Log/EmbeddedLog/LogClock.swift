public import EventLog
internal import Glibc

/// The time of day and how to wait, so that tests need neither.
public struct LogClock: Sendable {
    public var now: @Sendable () -> Timestamp
    /// Throws when the task was cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's.
    public static let system = LogClock(
        now: {
            var time = timespec()
            // Can't fail for this clock and a valid address.
            unsafe clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(time.tv_sec) * 1000 + Timestamp(time.tv_nsec) / 1_000_000
        },
        sleep: { try await Task.sleep(for: $0) })
}
