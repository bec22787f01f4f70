internal import EventLog

/// Times as mail and HTTP write them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 1123, section 5.2.14; RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The day's name and the seconds may be left out, the day may have one digit, and the zone may be `GMT`, `UTC`, `UT`,
    /// `Z` or an offset. A day's name that isn't that day's is refused: one of the two is a mistake.
    static func parse(_ text: some StringProtocol) -> Timestamp? {
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
        var time = CivilTime.TimeOfDay()
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
            guard let number = CivilTime.day(year: year, month: month + 1, day: day),
                CivilTime.weekday(ofDay: number) == weekday
            else { return nil }
        }
        return CivilTime.timestamp(year: year, month: month + 1, day: day, time: time, zone: zone)
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
