internal import Time

/// Reads dates and times of RFC 3339.
struct FormatReader {
    private var place = 0
    private let count: Int

    init(_ count: Int) { self.count = count }

    var isAtEnd: Bool { place == count }

    private mutating func take(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard place < count, text[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func number(_ text: Span<UInt8>, digits: Int) -> Int? {
        guard count - place >= digits else { return nil }
        var value = 0
        for _ in 0..<digits {
            let digit = text[place] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            place += 1
        }
        return value
    }

    private func has(_ text: Span<UInt8>, digits: Int) -> Bool {
        guard count - place >= digits else { return false }
        for offset in 0..<digits where text[place + offset] &- 0x30 >= 10 { return false }
        return true
    }

    /// `full-date`. Leniently a month below 20 and a day below 40 are enough.
    mutating func date(_ text: Span<UInt8>, isStrict: Bool) -> Bool {
        guard let year = number(text, digits: 4), take(text, UInt8(ascii: "-")),
            let month = number(text, digits: 2), take(text, UInt8(ascii: "-")), let day = number(text, digits: 2)
        else { return false }
        guard isStrict else { return month < 20 && day < 40 }
        return (1...12).contains(month) && day >= 1 && day <= CivilCalendar.days(inMonth: month, of: year)
    }

    /// `full-time`; leniently an hour below 30 will do, and a zone of hours.
    mutating func time(_ text: Span<UInt8>, isStrict: Bool, needsZone: Bool) -> Bool {
        guard let hour = number(text, digits: 2), take(text, UInt8(ascii: ":")),
            let minute = number(text, digits: 2), take(text, UInt8(ascii: ":")),
            let second = number(text, digits: 2)
        else { return false }
        let isLeap = second == 60
        guard hour <= (isStrict ? 23 : 29), minute <= 59, second <= 59 || isLeap else { return false }
        if take(text, UInt8(ascii: ".")) {
            guard has(text, digits: 1) else { return false }
            while has(text, digits: 1) { place += 1 }
        }
        if isAtEnd, !needsZone { return !isLeap || hour == 23 && minute == 59 }
        guard let zone = zone(text, isStrict: isStrict) else { return false }
        guard isLeap else { return true }
        // A leap second is one at the end of a day in UTC.
        return isStrict
            ? (hour * 60 + minute - zone + 2880) % 1440 == 23 * 60 + 59 : hour == 23 && minute == 59
    }

    /// Minutes east of UTC.
    private mutating func zone(_ text: Span<UInt8>, isStrict: Bool) -> Int? {
        if take(text, UInt8(ascii: "Z")) || take(text, UInt8(ascii: "z")) { return 0 }
        let isWest = take(text, UInt8(ascii: "-"))
        guard isWest || take(text, UInt8(ascii: "+")), let hours = number(text, digits: 2) else { return nil }
        var minutes = 0
        if isStrict {
            guard take(text, UInt8(ascii: ":")), let value = number(text, digits: 2), hours <= 23, value <= 59 else {
                return nil
            }
            minutes = value
        } else if take(text, UInt8(ascii: ":")) {
            guard let value = number(text, digits: 2) else { return nil }
            minutes = value
        } else if has(text, digits: 2) {
            minutes = number(text, digits: 2) ?? 0
        }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }

    /// `date-time`; leniently white space may stand for the T.
    mutating func dateTime(_ text: Span<UInt8>, isStrict: Bool) -> Bool {
        guard date(text, isStrict: isStrict), place < count else { return false }
        switch text[place] {
        case UInt8(ascii: "T"), UInt8(ascii: "t"): break
        case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: if isStrict { return false }
        default: return false
        }
        place += 1
        return time(text, isStrict: isStrict, needsZone: true)
    }
}
