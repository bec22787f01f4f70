internal import Bytes

/// Times as mail and HTTP write them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 1123, section 5.2.14; RFC 9110, section 5.6.7).
public enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The form that HTTP sends (IMF-fixdate, RFC 9110, section 5.6.7), of a time in seconds since 1970. A time outside years
    /// 0000 to 9999 becomes their nearest end.
    public static func format(_ seconds: Int64) -> String {
        let range = CivilCalendar.range
        let time = min(max(seconds, range.lowerBound / 1000), range.upperBound / 1000) * 1000
        let (day, rest) = CivilCalendar.split(time)
        let date = CivilCalendar.date(ofDay: day)
        var text = Array("\(capitalized(days[CivilCalendar.weekday(ofDay: day)])), ".utf8)
        text.append(decimal: Int64(date.day), width: 2)
        text += " \(capitalized(months[date.month - 1])) ".utf8
        text.append(decimal: Int64(date.year), width: 4)
        for (index, part) in [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].enumerated() {
            text.append(UInt8(ascii: index == 0 ? " " : ":"))
            text.append(decimal: part, width: 2)
        }
        return String(decoding: text, as: UTF8.self) + " GMT"
    }

    private static func capitalized(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }

    /// Reads a time, in Unix milliseconds. The day's name and the seconds may be left out, the day may have one digit, and the zone may be `GMT`, `UTC`, `UT`,
    /// `Z` or an offset. A day's name that isn't that day's is refused: one of the two is a mistake.
    public static func parse(_ text: some StringProtocol) -> Int64? {
        var reader = TextReader(text)
        var weekday: Int?
        if reader.next?.isLetter == true {
            guard let name = days.firstIndex(of: word(&reader)), reader.take(UInt8(ascii: ",")) else { return nil }
            weekday = name
            guard skipSpaces(&reader) else { return nil }
        }
        guard let day = dayOfMonth(&reader), skipSpaces(&reader), let month = months.firstIndex(of: word(&reader)),
            skipSpaces(&reader), let year = reader.number(digits: 4), skipSpaces(&reader)
        else { return nil }
        var time = CivilCalendar.TimeOfDay()
        guard let hour = reader.number(digits: 2), reader.take(UInt8(ascii: ":")),
            let minute = reader.number(digits: 2)
        else { return nil }
        (time.hour, time.minute) = (hour, minute)
        if reader.take(UInt8(ascii: ":")) {
            guard let second = reader.number(digits: 2) else { return nil }
            time.second = second
        }
        guard skipSpaces(&reader), let zone = zone(&reader), reader.isAtEnd else { return nil }
        if let weekday {
            guard let number = CivilCalendar.day(year: year, month: month + 1, day: day),
                CivilCalendar.weekday(ofDay: number) == weekday
            else { return nil }
        }
        return CivilCalendar.timestamp(year: year, month: month + 1, day: day, time: time, zone: zone)
    }

    private static func word(_ reader: inout TextReader) -> String {
        String(decoding: reader.take { $0.isLetter }.map { $0 | 0x20 }, as: UTF8.self)
    }

    private static func dayOfMonth(_ reader: inout TextReader) -> Int? {
        reader.number(digits: reader.peek(1)?.decimalDigit == nil ? 1 : 2)
    }

    private static func skipSpaces(_ reader: inout TextReader) -> Bool { !reader.take { $0 == 0x20 }.isEmpty }

    private static func zone(_ reader: inout TextReader) -> Int? {
        guard reader.next?.isLetter == true else { return ISO8601.zone(&reader, isPlusLost: true) }
        return ["gmt", "utc", "ut", "z"].contains(word(&reader)) ? 0 : nil
    }
}
