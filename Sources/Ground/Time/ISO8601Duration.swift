internal import Bytes

/// A length of time as ISO 8601 writes it: `PT1H`, `P1DT2H30M`, `P2W`, `P1Y6M`, `PT1.5S`.
public struct ISO8601Duration: Hashable, Sendable {
    /// Years and months. Their length depends on where they are counted from.
    public var months: Int64 = 0
    /// All other parts; a day is 24 hours, there being no summer time in UTC.
    public var milliseconds: Int64 = 0

    /// - Parameters:
    ///   - months: years and months, in months.
    ///   - milliseconds: everything else.
    public init(months: Int64 = 0, milliseconds: Int64 = 0) {
        self.months = months
        self.milliseconds = milliseconds
    }

    private static let parts: [(designator: UInt8, isTime: Bool, unit: Int64)] = [
        (UInt8(ascii: "Y"), false, 0), (UInt8(ascii: "M"), false, 0), (UInt8(ascii: "W"), false, 604_800_000),
        (UInt8(ascii: "D"), false, 86_400_000), (UInt8(ascii: "H"), true, 3_600_000), (UInt8(ascii: "M"), true, 60_000),
        (UInt8(ascii: "S"), true, 1000),
    ]

    /// Each part once, in order, one at the least; a fraction in the last one only, and not of years and months (ISO
    /// 8601-2:2019, 14). Weeks may stand beside others. Nil for anything else, and where a sum passes Int64.
    public static func parse(_ text: some StringProtocol) -> ISO8601Duration? {
        var reader = TextReader(String(decoding: text.utf8.map { $0.isLetter ? $0 & 0xDF : $0 }, as: UTF8.self))
        guard reader.take(UInt8(ascii: "P")) else { return nil }
        var result = ISO8601Duration()
        var last = -1
        var isTime = false
        var hasFraction = false
        while !reader.isAtEnd {
            if !isTime, reader.take(UInt8(ascii: "T")) {
                isTime = true
                guard !reader.isAtEnd else { return nil }
            }
            guard !hasFraction, let count = reader.number() else { return nil }
            var thousandths = 0
            if reader.take(UInt8(ascii: ".")) || reader.take(UInt8(ascii: ",")) {
                guard let fraction = ISO8601.milliseconds(&reader) else { return nil }
                hasFraction = true
                thousandths = fraction
            }
            guard let designator = reader.next,
                let place = parts.firstIndex(where: { $0.designator == designator && $0.isTime == isTime }),
                place > last
            else { return nil }
            reader.skip()
            last = place
            guard result.add(count, thousandths, place, hasFraction) else { return nil }
        }
        return last >= 0 ? result : nil
    }

    private mutating func add(_ count: Int64, _ thousandths: Int, _ place: Int, _ hasFraction: Bool) -> Bool {
        let unit = Self.parts[place].unit
        if unit == 0 {
            let (product, overflow) = count.multipliedReportingOverflow(by: place == 0 ? 12 : 1)
            let (sum, overflowed) = months.addingReportingOverflow(product)
            months = sum
            return !hasFraction && !overflow && !overflowed
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        let (sum, overflowed) = milliseconds.addingReportingOverflow(product)
        let (total, overflowedAgain) = sum.addingReportingOverflow(Int64(thousandths) * unit / 1000)
        milliseconds = total
        return !overflow && !overflowed && !overflowedAgain
    }

    /// The moment that long before `now`, but never before year 0. Months first, then the rest.
    public func before(_ now: Int64) -> Int64 {
        let now = min(max(now, CivilCalendar.range.lowerBound), CivilCalendar.range.upperBound)
        let start = months == 0 ? now : CivilCalendar.subtract(months: months, from: now)
        let (result, overflow) = start.subtractingReportingOverflow(milliseconds)
        return overflow ? CivilCalendar.range.lowerBound : max(result, CivilCalendar.range.lowerBound)
    }
}
