/// How often each length of time was seen, to three significant digits, in constant memory: the layout of HdrHistogram
/// (hdrhistogram.org) with a unit of one microsecond.
///
/// The first 2,048 counters are one microsecond wide. Then come groups of 1,024, each covering twice the range of the one
/// before with counters twice as wide. So a counter is never wider than a thousandth of what it counts.
struct LatencyHistogram: Sendable {
    private static let halfMagnitude = 10
    private static let half = 1 << halfMagnitude
    private static let mask: UInt64 = 2047
    /// About 19 hours. What is longer counts as this.
    static let longest: Int64 = (1 << 36) - 1

    private var counts = ContiguousArray<UInt64>(
        repeating: 0, count: LatencyHistogram.counter(of: LatencyHistogram.longest) + 1)
    private(set) var count: UInt64 = 0
    /// The longest seen, exactly.
    private(set) var maximum: Int64 = 0

    /// - Parameter microseconds: less than 0 counts as 0.
    mutating func record(_ microseconds: Int64) {
        let value = min(max(microseconds, 0), Self.longest)
        counts[Self.counter(of: value)] += 1
        count += 1
        maximum = max(maximum, value)
    }

    /// The time that this share of all was not longer than, in microseconds; nil: none was seen.
    ///
    /// - Parameter percent: 0 to 100.
    func percentile(_ percent: Double) -> Int64? {
        guard count > 0 else { return nil }
        let wanted = max(1, UInt64((Double(count) * min(max(percent, 0), 100) / 100).rounded(.up)))
        var seen: UInt64 = 0
        for (index, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= wanted { return min(Self.last(of: index), maximum) }
        }
        return maximum
    }

    static func counter(of value: Int64) -> Int {
        let value = UInt64(bitPattern: value)
        let group = 63 - halfMagnitude - (value | mask).leadingZeroBitCount
        return (group + 1) << halfMagnitude + Int(value >> UInt64(group)) - half
    }

    /// The longest time that a counter counts.
    static func last(of counter: Int) -> Int64 {
        let group = max(0, counter >> halfMagnitude - 1)
        let inGroup = counter < half ? counter : counter & (half - 1) + half
        return Int64(inGroup + 1) << Int64(group) - 1
    }
}
