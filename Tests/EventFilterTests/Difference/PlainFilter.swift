import JSON

/// A filter as a tree that is evaluated over a parsed event: what ours is compared with. It shares nothing with the
/// filters of the program, and follows the contract's words.
indirect enum PlainFilter {
    case constant(Bool)
    case not(PlainFilter)
    case and(PlainFilter, PlainFilter)
    case or(PlainFilter, PlainFilter)
    case alone(PlainPath)
    case compare(PlainValue, String, PlainValue)
    case isIn(PlainValue, [JSONValue])
    case isElement(PlainValue, PlainPath)
    case isList(PlainPath, [JSONValue])
    case has(PlainPath)
    case text(PlainPath, String, String)
    case matches(PlainPath, PlainPattern)
    case exists(PlainPath, PlainFilter)

    func holds(_ event: JSONValue, element: JSONValue? = nil) -> Bool {
        switch self {
        case .constant(let value): return value
        case .not(let a): return !a.holds(event, element: element)
        case .and(let a, let b): return a.holds(event, element: element) && b.holds(event, element: element)
        case .or(let a, let b): return a.holds(event, element: element) || b.holds(event, element: element)
        case .alone(let path): return path.value(event, element) == .boolean(true)
        case .compare(let a, let sign, let b):
            let (a, b) = (a.value(event, element), b.value(event, element))
            switch sign {
            case "==": return Self.equal(a, b)
            case "!=": return !Self.equal(a, b)
            case "<": return Self.below(a, b)
            case "<=": return Self.below(a, b) || Self.ordered(a, b) && Self.equal(a, b)
            case ">": return Self.below(b, a)
            default: return Self.below(b, a) || Self.ordered(a, b) && Self.equal(a, b)
            }
        case .isIn(let value, let list):
            let value = value.value(event, element)
            return list.contains { Self.equal(value, $0) }
        case .isElement(let value, let path):
            let value = value.value(event, element)
            return path.value(event, element)?.array?.contains { Self.equal(value, $0) } ?? false
        case .isList(let path, let list):
            guard let array = path.value(event, element)?.array, array.count == list.count else { return false }
            return zip(array, list).allSatisfy { Self.equal($0, $1) }
        case .has(let path): return path.value(event, element) != nil
        case .text(let path, let test, let part):
            guard let text = path.value(event, element)?.string else { return false }
            let (text8, part8) = (Array(text.utf8), Array(part.utf8))
            switch test {
            case "startsWith": return text8.starts(with: part8)
            case "endsWith": return text8.reversed().starts(with: part8.reversed())
            default:
                return text8.count >= part8.count
                    && (0...text8.count - part8.count).contains { text8[$0...].starts(with: part8) }
            }
        case .matches(let path, let pattern): return path.value(event, element)?.string.map(pattern.holds) ?? false
        case .exists(let path, let inner):
            return path.value(event, element)?.array?.contains { inner.holds(event, element: $0) } ?? false
        }
    }

    private static func ordered(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        switch (a, b) {
        case (.number, .number), (.string, .string): true
        default: false
        }
    }

    private static func equal(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.number(let a), .number(let b)): PlainNumber(a) == PlainNumber(b)
        case (.string(let a), .string(let b)): a.unicodeScalars.elementsEqual(b.unicodeScalars)
        default: false
        }
    }

    private static func below(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
        switch (a, b) {
        case (.number(let a), .number(let b)): PlainNumber(a).isBelow(PlainNumber(b))
        case (.string(let a), .string(let b)): a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        default: false
        }
    }
}

struct PlainPath {
    var isElement: Bool
    var names: [String]

    func value(_ event: JSONValue, _ element: JSONValue?) -> JSONValue? {
        names.reduce(isElement ? element : event) { value, name in
            guard case .object(let members) = value else { return nil }
            return members.last { $0.name.unicodeScalars.elementsEqual(name.unicodeScalars) }?.value
        }
    }
}

indirect enum PlainValue {
    case literal(JSONValue)
    case field(PlainPath)
    case size(PlainPath)
    case arithmetic(PlainValue, String, PlainValue)

    func value(_ event: JSONValue, _ element: JSONValue?) -> JSONValue? {
        switch self {
        case .literal(let value): return value
        case .field(let path): return path.value(event, element)
        case .size(let path):
            switch path.value(event, element) {
            case .string(let text): return .integer(text.unicodeScalars.count)
            case .array(let array): return .integer(array.count)
            case .object(let members): return .integer(members.count)
            default: return nil
            }
        case .arithmetic(let a, let sign, let b):
            guard case .number(let a) = a.value(event, element), case .number(let b) = b.value(event, element) else {
                return nil
            }
            let (x, y) = (PlainNumber(a), PlainNumber(b))
            let result = sign == "+" ? x.plus(y) : sign == "-" ? x.plus(y.negated) : x.times(y)
            let digits = result.digits.reversed().map(String.init).joined()
            return .number("\(result.isNegative ? "-" : "")\(digits.isEmpty ? "0" : digits)e\(result.exponent)")
        }
    }
}

/// A regular expression beside what it means.
struct PlainPattern {
    var text: String
    var holds: @Sendable (String) -> Bool

    static let all = [
        PlainPattern(text: "^[0-9.]+$") {
            !$0.isEmpty && $0.unicodeScalars.allSatisfy { "0123456789.".unicodeScalars.contains($0) }
        },
        PlainPattern(text: "a|E") { $0.utf8.contains(UInt8(ascii: "a")) || $0.utf8.contains(UInt8(ascii: "E")) },
        PlainPattern(text: #"(?s)^.{6}$"#) { $0.unicodeScalars.count == 6 },
        PlainPattern(text: #"\x{e9}|\\"#) { $0.unicodeScalars.contains { $0 == "\u{e9}" || $0 == "\\" } },
        PlainPattern(text: "^(?i:en).*") {
            ["en", "En", "eN", "EN"].contains(String(decoding: $0.utf8.prefix(2), as: UTF8.self))
        },
    ]
}
