internal import Bytes
package import EventLog
internal import Time

/// A time as `since` and `until` take it (contract, section 2).
package enum TimeExpression: Hashable, Sendable {
    case moment(Timestamp)
    /// So long ago. Months are calendar months.
    case ago(months: Int64, milliseconds: Int64)

    /// Why a text is no time. A sentence without its end.
    package struct Failure: Error, Hashable, Sendable { package var reason: String }

    /// What is understood, for the answers that refuse.
    static let forms =
        "Use ISO 8601 (2026-11-21T10:00:00Z, 2026-11-21T10:00:00.5+02:00, 2026-11-21), an RFC 1123 date "
        + "(Sat, 21 Nov 2026 10:00:00 GMT), epoch seconds (1795255200) or milliseconds (1795255200000), or a duration "
        + "meaning that long ago (PT1H)."

    /// The longest text there is a use for.
    static let limit = 64

    package init(_ text: String) throws(Failure) {
        guard text.utf8.count <= Self.limit else { throw Failure(reason: "it is longer than \(Self.limit) bytes") }
        let first = text.utf8.first ?? 0
        if text.isEmpty {
            throw Failure(reason: "it is empty")
        } else if text.utf8.allSatisfy({ $0.decimalDigit != nil }) {
            self = .moment(try Self.moment(digits: text))
        } else if first | 0x20 == UInt8(ascii: "p") {
            guard let duration = ISO8601Duration.parse(text) else {
                throw Failure(reason: "it isn't an ISO 8601 duration such as PT1H, P1DT2H30M or P2W")
            }
            self = .ago(months: duration.months, milliseconds: duration.milliseconds)
        } else if let moment = ISO8601.parse(text) ?? HTTPDate.parse(text) {
            self = .moment(moment)
        } else {
            throw Failure(reason: Self.reason(for: text))
        }
    }

    /// A number says what it is by its size: a year, a date, seconds from 1973 to 5138, or milliseconds from 1973 on.
    /// Small ones, which many a program sends for the beginning, are seconds.
    private static func moment(digits text: String) throws(Failure) -> Timestamp {
        switch text.utf8.count {
        case ...3: return (Int64(text) ?? 0) * 1000
        case 4: if let moment = ISO8601.parse("\(text)-01-01") { return moment }
        case 8:
            let (year, rest) = (text.prefix(4), text.dropFirst(4))
            if let moment = ISO8601.parse("\(year)-\(rest.prefix(2))-\(rest.dropFirst(2))") { return moment }
        case 9...11: if let seconds = Int64(text) { return seconds * 1000 }
        case 5...7: break
        default:
            if let value = Int64(text), value <= CivilCalendar.range.upperBound { return value }
            throw Failure(reason: "it is past the year 9999, read as milliseconds since 1970")
        }
        throw Failure(reason: "it is neither a date (20261121) nor seconds or milliseconds since 1970")
    }

    private static func reason(for text: String) -> String {
        if text.utf8.first == UInt8(ascii: "-") { return "it is negative" }
        return text.utf8.first?.decimalDigit != nil || text.utf8.contains(UInt8(ascii: ","))
            ? "it isn't a date and time, or there is no such day or hour" : "it isn't a time"
    }

    package func timestamp(now: Timestamp) -> Timestamp {
        switch self {
        case .moment(let moment): moment
        case .ago(let months, let milliseconds):
            ISO8601Duration(months: months, milliseconds: milliseconds).before(now)
        }
    }
}
