/// A rate with room for bursts: so many a second on average over `burstSeconds`, counted from a full bucket.
///
/// Times are monotonic milliseconds and a parameter. Numbers are in thousandths, so that no rate is rounded away.
struct TokenBucket: Hashable, Sendable {
    private var thousandths: Int
    private var filledAt: Int64

    /// A full bucket.
    init(perSecond: Int, burstSeconds: Int, now: Int64) {
        thousandths = Self.capacity(perSecond, burstSeconds)
        filledAt = now
    }

    /// Whether there is one to take.
    mutating func hasOne(perSecond: Int, burstSeconds: Int, now: Int64) -> Bool {
        fill(perSecond, burstSeconds, now)
        return thousandths >= 1000
    }

    /// Takes one; false when there is none.
    mutating func take(perSecond: Int, burstSeconds: Int, now: Int64) -> Bool {
        guard hasOne(perSecond: perSecond, burstSeconds: burstSeconds, now: now) else { return false }
        thousandths -= 1000
        return true
    }

    /// Whether nothing is owed any more: then a new bucket says the same.
    mutating func isFull(perSecond: Int, burstSeconds: Int, now: Int64) -> Bool {
        fill(perSecond, burstSeconds, now)
        return thousandths >= Self.capacity(perSecond, burstSeconds)
    }

    private mutating func fill(_ perSecond: Int, _ burstSeconds: Int, _ now: Int64) {
        let capacity = Self.capacity(perSecond, burstSeconds)
        // No longer than what fills it, so that the product stays small.
        let elapsed = Int(min(max(0, now - filledAt), Int64(burstSeconds) * 1000))
        filledAt = max(filledAt, now)
        thousandths = min(capacity, thousandths + elapsed * perSecond)
    }

    private static func capacity(_ perSecond: Int, _ burstSeconds: Int) -> Int { perSecond * burstSeconds * 1000 }
}
