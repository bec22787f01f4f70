internal import Clients
internal import JSON
internal import Time

/// Finds the time in an event's data, in microseconds since 1970.
///
/// A string is ISO 8601 in UTC (to the microsecond), or a number in quotes. A number, whole or not, is Unix time in the unit
/// that its size tells, so that no unit must be named: below 1e11 seconds, below 1e14 milliseconds, below 1e17
/// microseconds, else nanoseconds. Each is right for times from March 1973 to the year 5138.
struct EventTimestamp: Hashable, Sendable {
    /// The names to follow, from the outermost.
    let path: [String]

    /// - Parameter field: a JSON pointer (RFC 6901) such as `/meta/dt`, or a name, or names with dots between. `none` for
    ///   no time at all.
    init?(_ field: String) {
        guard field != "none", !field.isEmpty else { return nil }
        if field.hasPrefix("/") {
            path = field.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Self.unescaped)
        } else {
            path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// `~1` is a slash and `~0` a tilde.
    private static func unescaped(_ step: Substring) -> String {
        var result = ""
        var isEscape = false
        for character in step {
            if isEscape {
                result += character == "1" ? "/" : character == "0" ? "~" : "~\(character)"
                isEscape = false
            } else if character == "~" {
                isEscape = true
            } else {
                result.append(character)
            }
        }
        return isEscape ? result + "~" : result
    }

    /// nil: the data is no JSON, or has no such time.
    func microseconds(in data: [UInt8]) -> Int64? {
        guard let document = try? JSONDocument(data), let value = document.value(at: path) else { return nil }
        if let text = document.string(value) {
            return Self.microseconds(ofText: text) ?? Self.microseconds(ofNumber: text)
        }
        guard document[value].kind == .number else { return nil }
        return Self.microseconds(ofNumber: String(decoding: document.text(of: value), as: UTF8.self))
    }

    static func microseconds(ofText text: String) -> Int64? {
        guard let milliseconds = ISO8601.parse(text) else { return nil }
        // The fourth to sixth digit of the fraction; the ones before are in the milliseconds.
        let digits = text.utf8.dropFirst(20).dropLast().dropFirst(3).prefix(3)
        var rest: Int64 = 0
        for place in 0..<3 {
            guard place < digits.count else {
                rest *= 10
                continue
            }
            let digit = digits[digits.index(digits.startIndex, offsetBy: place)]
            guard case 48...57 = digit else { return nil }
            rest = rest * 10 + Int64(digit - 48)
        }
        return milliseconds * 1000 + rest
    }

    static func microseconds(ofNumber text: String) -> Int64? {
        guard let number = Double(text), number.isFinite, number > 0 else { return nil }
        switch number {
        case ..<1e11: return Int64(number * 1e6)
        case ..<1e14: return Int64(number * 1e3)
        case ..<1e17: return Int64(number)
        case ..<1e20:
            // A double has not digits enough for nanoseconds, but for microseconds.
            return Int64(text).map { $0 / 1000 } ?? Int64(number / 1e3)
        default: return nil
        }
    }
}
