/// How many starts one event loop has the log asked for.
public struct LookupLimits: Hashable, Sendable {
    /// Lookups under way at once.
    public var running = 4
    /// Lookups under way at once for one client address.
    public var runningPerAddress = 2
    /// Lookups that wait for their turn. Beyond it clients are refused for a moment.
    public var waiting = 1_000
    /// Lookups that wait for one client address.
    public var waitingPerAddress = 100
    /// How long an answer is given to those who ask the same. Milliseconds.
    public var keptMilliseconds: Int64 = 1_000
    /// The largest number of positions in all kept answers together.
    public var keptPositions = 16_384

    public init() {}
}

/// Counts of one event loop's lookups.
public struct LookupStatistics: Hashable, Sendable {
    /// Under way now, and waiting now.
    public internal(set) var running = 0
    public internal(set) var waiting = 0
    public internal(set) var begun = 0
    /// Questions that needed no lookup of their own.
    public internal(set) var shared = 0
    /// Lookups that were cancelled, or never begun, because everybody who waited for them had left.
    public internal(set) var abandoned = 0
    /// Clients that were refused because too many lookups waited.
    public internal(set) var refused = 0

    public init() {}

    public static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.running += b.running
        sum.waiting += b.waiting
        sum.begun += b.begun
        sum.shared += b.shared
        sum.abandoned += b.abandoned
        sum.refused += b.refused
        return sum
    }
}
