internal import Bytes
public import EventLog

/// Times as text: ISO 8601 in UTC with milliseconds, `2026-08-27T13:20:11.123Z`.
public enum ISO8601 {
    /// Appends 24 characters. Years outside 0000 to 9999 can't be written so and become the nearest that can.
    public static func append(_ timestamp: Timestamp, to bytes: inout [UInt8]) {
        let time = min(max(timestamp, -62_167_219_200_000), 253_402_300_799_999)
        let days = floor(time, 86_400_000)
        let milliseconds = time - days * 86_400_000

        // The civil calendar counted in years that begin in March, so that a leap day is a year's last day; an era is
        // the 400 years after which the calendar repeats (146,097 days).
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        bytes.append(decimal: year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: day, width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(decimal: milliseconds / 3_600_000, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: milliseconds / 60_000 % 60, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: milliseconds / 1000 % 60, width: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: milliseconds % 1000, width: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
