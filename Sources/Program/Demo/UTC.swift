/// Times as events write them: ISO 8601 in UTC.
enum UTC {
    /// - Parameter time: Unix time in milliseconds. Outside of the years 0 to 9999 the nearest time inside is written.
    static func text(_ time: Int64, milliseconds: Bool) -> String {
        let time = min(max(time, -62_167_219_200_000), 253_402_300_799_999)
        let (days, rest) = (floor(time, 86_400_000), time - floor(time, 86_400_000) * 86_400_000)
        // Counted in years that begin in March, a leap day is a year's last day; 400 years have 146,097 days.
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let date = [
            digits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4), digits(month, 2),
            digits(dayOfYear - (153 * marchMonth + 2) / 5 + 1, 2),
        ].joined(separator: "-")
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { digits($0, 2) }
        let fraction = milliseconds ? "." + digits(rest % 1000, 3) : ""
        return "\(date)T\(clock.joined(separator: ":"))\(fraction)Z"
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
