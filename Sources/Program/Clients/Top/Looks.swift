/// When the next look at the counts is due, and how much time those have that count as recent.
struct Looks: Hashable, Sendable {
    private let interval: Int64
    private let kept: Int
    /// When the windows that count began, the oldest first.
    private var starts: [Int64]

    /// - Parameters:
    ///   - now: in milliseconds, as all times here.
    ///   - kept: windows that count beside the one that is open.
    init(_ now: Int64, interval: Int64, kept: Int) {
        self.interval = interval
        self.kept = kept
        starts = [now]
    }

    func isDue(_ now: Int64) -> Bool { now - (starts.last ?? now) >= interval }

    /// Ends a window.
    ///
    /// - Returns: the time of all that count, this one included; 1 at least.
    mutating func look(_ now: Int64) -> Int64 {
        let span = now - (starts.first ?? now)
        starts.append(now)
        if starts.count > kept + 1 { starts.removeFirst() }
        return max(span, 1)
    }
}
