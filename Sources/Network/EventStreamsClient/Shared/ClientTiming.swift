internal import Time

/// The clock and the chance of a client. Tests give their own.
package struct ClientTiming: Sendable {
    /// Unix time in milliseconds.
    package var now: @Sendable () -> Int64
    /// Waits so many milliseconds; false when the task was cancelled.
    package var sleep: @Sendable (Int64) async -> Bool
    /// At least 0 and less than 1.
    package var random: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Int64 = { WallClock.now() },
        sleep: @escaping @Sendable (Int64) async -> Bool = Self.wait,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    package static let wait: @Sendable (Int64) async -> Bool = { milliseconds in
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
            return true
        } catch {
            return false
        }
    }
}
