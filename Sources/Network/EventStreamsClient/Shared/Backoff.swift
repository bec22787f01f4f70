/// How long to wait before trying again: twice as long each time, and never all clients at once.
struct Backoff: Hashable, Sendable {
    /// Milliseconds before the second try, at most.
    let first: Int64
    let longest: Int64
    private(set) var failures = 0

    init(first: Int64 = 500, longest: Int64 = 30_000) {
        self.first = first
        self.longest = longest
    }

    /// - Parameters:
    ///   - chance: at least 0 and less than 1.
    ///   - retryAfter: seconds the server asked for: the least to wait, an hour at most.
    mutating func next(chance: Double, retryAfter: Int64? = nil) -> Int64 {
        let ceiling = min(longest, first << Int64(min(failures, 20)))
        failures += 1
        let wait = ceiling / 2 + Int64(Double(ceiling - ceiling / 2) * chance)
        guard let retryAfter else { return wait }
        // A part of the own wait on top spreads those who were told the same.
        return min(max(retryAfter, 0), 3600) * 1000 + wait / 4
    }

    mutating func reset() { failures = 0 }
}
