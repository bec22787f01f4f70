/// The calendar of ISO 8601: proleptic Gregorian, UTC, years 0000 to 9999. Days are counted from 1970-01-01.
public enum CivilCalendar {
    /// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, in milliseconds.
    public static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Of every day: Unix time has no leap seconds.
    public static let millisecondsPerDay: Int64 = 86_400_000

    /// Whether the year has a 29 February.
    public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// How many days a month (1 to 12) has.
    public static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The day's number. Nil where there is no such day.
    ///
    /// The year is taken to begin in March, so that the leap day is its last: then the days before a month are a linear
    /// function of the month, rounded down, and 400 years are always 146,097 days.
    public static func day(year: Int, month: Int, day: Int) -> Int? {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year)
        else {
            return nil
        }
        let shifted = month > 2 ? year : year - 1
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let leapDays = floorDivide(shifted, 4) - floorDivide(shifted, 100) + floorDivide(shifted, 400)
        return 365 * shifted + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468
    }

    /// The date of a day that lies in `range`.
    public static func date(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
        let fromMarch = number + 719_468
        let era = floorDivide(fromMarch, 146_097)
        let dayOfEra = fromMarch - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// The day of a time in Unix milliseconds, and the milliseconds since that day began.
    public static func split(_ time: Int64) -> (day: Int, rest: Int64) {
        let day = time / millisecondsPerDay - (time % millisecondsPerDay < 0 ? 1 : 0)
        return (Int(day), time - day * millisecondsPerDay)
    }

    /// 0 is Monday.
    public static func weekday(ofDay number: Int) -> Int { number + 3 - floorDivide(number + 3, 7) * 7 }

    private static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }

    /// A time of day as it was written. A leap second counts as the last millisecond of the second before it, as do its
    /// fractions: Unix time has no place for it, and the order of times is kept.
    public struct TimeOfDay {
        /// 0 to 23; 24 for the end of the day.
        public var hour = 0
        public var minute = 0
        public var second = 0
        public var millisecond = 0

        /// Midnight.
        public init() {}

        /// Nil out of range. 24:00:00 is the end of the day (ISO 8601:2004, 4.2.3).
        public var milliseconds: Int64? {
            if hour == 24 { return minute == 0 && second == 0 && millisecond == 0 ? millisecondsPerDay : nil }
            guard (0...23).contains(hour), (0...59).contains(minute), (0...999).contains(millisecond) else {
                return nil
            }
            if second == 60 { return minute == 59 ? Int64(hour * 3_600_000 + minute * 60_000 + 59_999) : nil }
            guard (0...59).contains(second) else { return nil }
            return Int64(hour * 3_600_000 + minute * 60_000 + second * 1000 + millisecond)
        }
    }

    /// The moment, or nil where there is none in `range`. The zone is in minutes east of UTC.
    public static func timestamp(year: Int, month: Int, day: Int, time: TimeOfDay, zone: Int) -> Int64? {
        guard let number = self.day(year: year, month: month, day: day), let time = time.milliseconds else {
            return nil
        }
        let result = Int64(number) * millisecondsPerDay + time - Int64(zone) * 60_000
        return range.contains(result) ? result : nil
    }

    /// The same time of day so many months before a moment in `range`, on the month's last day where it is too short.
    public static func subtract(months: Int64, from timestamp: Int64) -> Int64 {
        let (day, rest) = split(timestamp)
        let date = date(ofDay: day)
        let (month, overflow) = Int64(date.year * 12 + date.month - 1).subtractingReportingOverflow(months)
        guard !overflow, month >= 0 else { return range.lowerBound }
        let (year, monthOfYear) = (Int(month / 12), Int(month % 12) + 1)
        let dayOfMonth = min(date.day, days(inMonth: monthOfYear, of: year))
        guard let number = self.day(year: year, month: monthOfYear, day: dayOfMonth) else { return range.lowerBound }
        return Int64(number) * millisecondsPerDay + rest
    }
}
