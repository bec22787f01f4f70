import Endpoints
import System
import TestSupport
import Testing
import Time

@Suite struct TimeExpressionTests {
    /// 2026-11-21T10:00:00Z
    static let now: Int64 = 1_795_255_200_000

    private func time(_ text: String) throws -> Int64 { try TimeExpression(text).timestamp(now: Self.now) }

    @Test(
        arguments: [
            ("2026-11-21T10:00:00Z", 0), ("2026-11-21T10:00:00", 0), ("2026-11-21T10:00", 0), ("2026-11-21T10", 0),
            ("2026-11-21t10:00:00z", 0), ("2026-11-21 10:00:00", 0), ("2026-11-21T10:00:00.123Z", 123),
            ("2026-11-21T10:00:00,5", 500), ("2026-11-21T10:00:00.1239999999Z", 123), ("2026-11-21T12:00:00+02:00", 0),
            ("2026-11-21T12:00:00+0200", 0), ("2026-11-21T12:00:00+02", 0), ("2026-11-21T04:30:00-05:30", 0),
            ("2026-11-21T12:00:00 02:00", 0), ("2026-11-21T12:00:00.000 02:00", 0), ("2026-11-21 12:00:00  02:00", 0),
            ("2026-11-21T12:00:00 +02:00", 0), ("2026-11-21T10:00:00 Z", 0), ("2026-11-21T08:00 -02:00", 0),
            ("20261121T100000Z", 0), ("20261121T1000", 0), ("20261121T120000.5+0200", 500), ("20261121T10", 0),
            ("2026-11-21", -36_000_000), ("2026-11-20T24:00:00Z", -36_000_000), ("2026-11-21T10:00:00-00:00", 0),
            ("Sat, 21 Nov 2026 10:00:00 GMT", 0), ("21 Nov 2026 10:00 UT", 0), ("sat, 21 NOV 2026 12:00:00 +0200", 0),
            ("Sat, 21 Nov 2026 12:00:00  0200", 0), ("1795255200000", 0), ("1795255200", 0),
            ("20261121", -36_000_000), ("1795255200123", 123), ("01795255200000", 0), ("PT1H", -3_600_000),
            ("pt90m", -5_400_000),
            ("P1DT2H30M", -95_400_000), ("P2W", -1_209_600_000), ("PT1.5S", -1500), ("PT0,5H", -1_800_000), ("PT0S", 0),
            ("P1M", -31 * 86_400_000), ("P1Y", -365 * 86_400_000), ("P1M1D", -32 * 86_400_000),
        ] as [(String, Int64)])
    func understandsEveryForm(text: String, difference: Int64) throws {
        #expect(try time(text) - Self.now == difference)
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1000), ("2026", 1_767_225_600_000), ("20240229", 1_709_164_800_000),
            ("100000000", 100_000_000_000), ("99999999999", 99_999_999_999_000), ("100000000000", 100_000_000_000),
            ("253402300799999", 253_402_300_799_999), ("1970-01-01", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2000-02-29", 951_782_400_000),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000), ("2016-12-31T23:59:60Z", 1_483_228_799_999),
            ("2017-01-01T01:59:60.9+02:00", 1_483_228_799_999), ("1972-02-29T00:00Z", 68_169_600_000),
        ] as [(String, Int64)])
    func namesTheRightMoment(text: String, timestamp: Int64) throws {
        #expect(try time(text) == timestamp)
    }

    @Test(arguments: [
        "", " ", "now", "yesterday", "-1", "+1", "1e12", "0x10", "1.5", "Infinity", "NaN", "99999999999999999999",
        "253402300800000", "20261131", "20261301", "00000000", "99999999", "12345", "202611", "1234567",
        "1795255200000000", "1795255200000000000",
        "2026-11-", "2026-1-1", "2026-13-01", "2026-00-10", "2026-02-29", "1900-02-29", "2100-02-29",
        "2026-11-31",
        "2026-11-00", "2026-11-21T", "2026-11-21T25:00", "2026-11-21T24:00:01", "2026-11-21T10:60",
        "2026-11-21T10:00:61",
        "2026-11-21T10:30:60Z", "2026-11-21T10:00:00.", "2026-11-21T10:00:00.Z", "2026-11-21T1000", "20261121T10:00",
        "20261121 ",
        "2026-11-21T10:00:00+", "2026-11-21T10:00:00+2", "2026-11-21T10:00:00+24:00", "2026-11-21T10:00:00+02:60",
        "2026-11-21T10:00:00+02:", "2026-11-21T10:00:00ZZ", "2026-11-21T10:00:00Z ", "2026-11-21T10:00:00   02:00",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T24:00", "10000-01-01", "+002026-11-21",
        "2026-W47-6", "2026-325", "٢٠٢٦-11-21", "2026–11–21", "12:00", "June 14 2018",
        "Fri, 21 Nov 2026 10:00:00 GMT", "Sat, 31 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 10:00:00",
        "Sat, 21 Nov 26 10:00:00 GMT",
        "Sat 21 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 10:00:00 XYZ", "Saturday, 21 Nov 2026 10:00:00 GMT",
        "P", "PT", "P1", "PT1", "P1H", "PT1D", "P1DT", "PT1H1H", "PT1M1H", "P-1D", "-P1D", "PT1.5H1M", "P1.5M", "P1.5Y",
        "PT.5S", "PT1.S",
        "P99999999999999999999D", "P9223372036854775807D", "PT9223372036854775807S", "P9223372036854775807Y", "P1D ",
        "P1DT1", "PTT1H",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(throws: TimeExpression.Failure.self) { try TimeExpression(text) }
    }

    @Test func refusesWhatIsTooLongWithoutReadingIt() {
        #expect(throws: TimeExpression.Failure.self) { try TimeExpression(String(repeating: "0", count: 1 << 20)) }
    }

    @Test(arguments: [
        ("2026-03-31T12:00:00Z", "P1M", "2026-02-28T12:00:00.000Z"),
        ("2024-03-31T00:00:00Z", "P1M", "2024-02-29T00:00:00.000Z"),
        ("2024-02-29T00:00:00Z", "P1Y", "2023-02-28T00:00:00.000Z"),
        ("2026-01-15T00:00:00Z", "P14M", "2024-11-15T00:00:00.000Z"),
        ("2026-01-15T00:00:00Z", "P9223372036854775807M", "0000-01-01T00:00:00.000Z"),
        ("2026-01-15T00:00:00Z", "P9999Y", "0000-01-01T00:00:00.000Z"),
        ("2026-01-15T00:00:00Z", "P100000000D", "0000-01-01T00:00:00.000Z"),
    ])
    func countsMonthsByTheCalendarAndStopsAtYearZero(now: String, ago: String, expected: String) throws {
        let now = try #require(ISO8601.parse(now))
        #expect(try ISO8601.format(TimeExpression(ago).timestamp(now: now)) == expected)
    }

    @Test func aMomentDoesNotDependOnNow() throws {
        #expect(
            try TimeExpression("2026-11-21").timestamp(now: .min) == TimeExpression("2026-11-21").timestamp(now: .max))
        #expect(try ISO8601.format(TimeExpression("PT1H").timestamp(now: .min)) == "0000-01-01T00:00:00.000Z")
        #expect(try TimeExpression("P1M").timestamp(now: .max) > 0)
    }

    @Test func everyDayAgreesWithACountOneByOne() throws {
        var (year, month, day) = (0, 1, 1)
        var number: Int64 = -719_528
        while year <= 9999 {
            // Every day of some centuries, the ends of months of all.
            if year % 100 < 9 || day == 1 || day >= 28 {
                let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
                guard ISO8601.parse(date) == number * 86_400_000,
                    ISO8601.format(number * 86_400_000 + 3_723_004) == "\(date)T01:02:03.004Z"
                else {
                    Issue.record("\(date) is day \(number)")
                    return
                }
            }
            number += 1
            day += 1
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
                guard ISO8601.parse("\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))") == nil else {
                    Issue.record("\(year)-\(month) has no day \(day)")
                    return
                }
                (day, month) = (1, month + 1)
            }
            if month > 12 { (month, year) = (1, year + 1) }
        }
    }

    private func pad(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    @Test func whatIsFormattedIsReadBack() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let time = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator)
            #expect(try self.time(ISO8601.format(time)) == time)
        }
        #expect(ISO8601.format(.max) == "9999-12-31T23:59:59.999Z")
        #expect(ISO8601.format(.min) == "0000-01-01T00:00:00.000Z")
    }

    @Test func anyTextIsRefusedOrWithinTheCalendar() throws {
        var generator = SeededGenerator(seed: 2)
        let pieces = [
            "2026", "-", "11", "T", ":", "00", "Z", "+", " ", "P", "1", "D", "H", "M", "S", "W", ".", "Sat, ", "Nov ",
            "GMT", "9999999",
        ]
        for _ in 0..<50_000 {
            let text = generator.text(of: pieces, upTo: 16)
            guard let expression = try? TimeExpression(text) else { continue }
            for now in [Self.now, 0, .min, .max] {
                #expect((-62_167_219_200_000...253_402_300_799_999).contains(expression.timestamp(now: now)), "\(text)")
            }
        }
    }
}
