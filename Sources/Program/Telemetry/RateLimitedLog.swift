internal import Synchronization
public import Time

/// Lets a message through once in a while, and then says how often it would have come.
public final class RateLimitedLog: Sendable {
    private let interval: Int64
    private let now: @Sendable () -> Int64
    private let keys = Mutex<[String: (last: Int64, left: Int)]>([:])
    /// Keys are bounded in number: past it all others are one.
    private static let keyLimit = 1000

    /// - Parameters:
    ///   - interval: milliseconds.
    ///   - now: milliseconds; a clock that doesn't go back.
    public init(interval: Int64 = 60_000, now: @escaping @Sendable () -> Int64 = WallClock.now) {
        self.interval = interval
        self.now = now
    }

    /// Runs `body` with the number of times that were left out since the last one, or leaves this one out.
    public func callAsFunction(_ key: String, _ body: (_ leftOut: Int) -> Void) {
        let time = now()
        let leftOut: Int? = keys.withLock { keys in
            let key = keys[key] == nil && keys.count >= Self.keyLimit ? "" : key
            if let entry = keys[key], time - entry.last < interval {
                keys[key] = (entry.last, entry.left + 1)
                return nil
            }
            let left = keys[key]?.left ?? 0
            keys[key] = (time, 0)
            return left
        }
        if let leftOut { body(leftOut) }
    }
}
