internal import Bytes

/// Times as ISO 8601 writes them (ISO 8601-1:2019; RFC 3339 is the subset with a zone). Times are Unix milliseconds.
public enum ISO8601 {
    /// `2026-11-21T10:00:00.123Z`, or without the fraction. A time outside years 0000 to 9999 becomes their nearest end.
    public static func format(_ time: Int64, milliseconds: Bool = true) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(time, milliseconds: milliseconds, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what `format` gives: 24 characters, or 20 without the fraction.
    public static func append(_ time: Int64, milliseconds: Bool = true, to bytes: inout [UInt8]) {
        let time = min(max(time, CivilCalendar.range.lowerBound), CivilCalendar.range.upperBound)
        let (day, rest) = CivilCalendar.split(time)
        let date = CivilCalendar.date(ofDay: day)
        bytes.append(decimal: Int64(date.year), width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: Int64(date.month), width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: Int64(date.day), width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(decimal: rest / 3_600_000, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: rest / 60_000 % 60, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: rest / 1000 % 60, width: 2)
        if milliseconds {
            bytes.append(UInt8(ascii: "."))
            bytes.append(decimal: rest % 1000, width: 3)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The moment a text names: a date, or a date and time in extended form (`2026-11-21T10:00:00`) or basic form
    /// (`20261121T100000`), to hours, minutes, seconds or a fraction of a second, with a zone or without (then UTC).
    ///
    /// A space may stand for the `T` and before the zone, and for the zone's `+`: a query's un-encoded `+` arrives as one.
    /// Digits past the millisecond are dropped. A date in basic form needs a time, since all digits are epoch
    /// milliseconds to this service. Week dates, ordinal dates and years past 9999 aren't understood.
    public static func parse(_ text: some StringProtocol) -> Int64? {
        var reader = TextReader(text)
        guard let year = reader.number(digits: 4) else { return nil }
        let isExtended = reader.take(UInt8(ascii: "-"))
        guard let month = reader.number(digits: 2), !isExtended || reader.take(UInt8(ascii: "-")),
            let day = reader.number(digits: 2)
        else { return nil }
        var time = CivilCalendar.TimeOfDay()
        var zone = 0
        if !reader.isAtEnd {
            guard reader.takeLetter("t") || reader.take(0x20),
                let timeOfDay = timeOfDay(&reader, isExtended: isExtended),
                let offset = zoneAtEnd(&reader)
            else { return nil }
            (time, zone) = (timeOfDay, offset)
        } else if !isExtended {
            return nil
        }
        guard reader.isAtEnd else { return nil }
        return CivilCalendar.timestamp(year: year, month: month, day: day, time: time, zone: zone)
    }

    private static func timeOfDay(_ reader: inout TextReader, isExtended: Bool) -> CivilCalendar.TimeOfDay? {
        var time = CivilCalendar.TimeOfDay()
        guard let hour = reader.number(digits: 2) else { return nil }
        time.hour = hour
        guard isPart(&reader, isExtended) else { return time }
        guard let minute = reader.number(digits: 2) else { return nil }
        time.minute = minute
        guard isPart(&reader, isExtended) else { return time }
        guard let second = reader.number(digits: 2) else { return nil }
        time.second = second
        guard reader.take(UInt8(ascii: ".")) || reader.take(UInt8(ascii: ",")) else { return time }
        guard let millisecond = milliseconds(&reader) else { return nil }
        time.millisecond = millisecond
        return time
    }

    /// Whether another part of a time follows.
    private static func isPart(_ reader: inout TextReader, _ isExtended: Bool) -> Bool {
        isExtended ? reader.take(UInt8(ascii: ":")) : reader.next?.decimalDigit != nil
    }

    /// The digits of a fraction of a second, rounded down.
    static func milliseconds(_ reader: inout TextReader) -> Int? {
        var (value, count) = (0, 0)
        while let digit = reader.next?.decimalDigit {
            if count < 3 { value = value * 10 + digit }
            count += 1
            reader.skip()
        }
        guard count > 0 else { return nil }
        return count == 1 ? value * 100 : count == 2 ? value * 10 : value
    }

    /// The zone at the end, in minutes east of UTC; 0 where there is none.
    private static func zoneAtEnd(_ reader: inout TextReader) -> Int? {
        var spaces = 0
        while spaces < 2, reader.take(0x20) { spaces += 1 }
        if spaces == 0, reader.isAtEnd { return 0 }
        return zone(&reader, isPlusLost: spaces > 0)
    }

    /// `Z`, `+01`, `+0100` or `+01:00`.
    static func zone(_ reader: inout TextReader, isPlusLost: Bool) -> Int? {
        if reader.takeLetter("z") { return 0 }
        let isWest = reader.take(UInt8(ascii: "-"))
        guard isWest || reader.take(UInt8(ascii: "+")) || isPlusLost else { return nil }
        guard let hours = reader.number(digits: 2), hours <= 23 else { return nil }
        var minutes = 0
        if reader.take(UInt8(ascii: ":")) || !reader.isAtEnd {
            guard let value = reader.number(digits: 2), value <= 59 else { return nil }
            minutes = value
        }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
