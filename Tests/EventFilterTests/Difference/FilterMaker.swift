import JSON
import System
import TestSupport

/// Makes filters at random about what events have, so that many of them hold now and then.
struct FilterMaker {
    var random: SeededGenerator
    /// What the filters are about.
    let events: [JSONValue]

    mutating func filter(depth: Int = 3) -> PlainFilter {
        switch depth > 0 ? random.below(10) : 9 {
        case 0: .not(filter(depth: depth - 1))
        case 1, 2, 3: .and(filter(depth: depth - 1), filter(depth: depth - 1))
        case 4, 5: .or(filter(depth: depth - 1), filter(depth: depth - 1))
        default: test()
        }
    }

    private mutating func test() -> PlainFilter {
        let (path, value) = field()
        switch random.below(20) {
        case 0: return .constant(random.below(2) == 0)
        case 1: return .has(path)
        case 2, 3: return .alone(path)
        case 4, 5, 6:
            return .isIn(.field(path), (0...random.below(5)).map { _ in scalar(near(value)) })
        case 7: return .compare(operand(), sign(), operand())
        case 8: return .compare(.field(path), sign(), .field(field().path))
        case 9, 10: return text(path, value)
        case 11: return .matches(path, PlainPattern.all[random.below(PlainPattern.all.count)])
        case 12, 13: return list(path, value)
        default:
            let literal = PlainValue.literal(scalar(near(value)))
            return random.below(4) == 0
                ? .compare(literal, sign(), .field(path)) : .compare(.field(path), sign(), literal)
        }
    }

    private mutating func sign() -> String { ["==", "==", "==", "!=", "<", "<=", ">", ">="][random.below(8)] }

    private mutating func text(_ path: PlainPath, _ value: JSONValue) -> PlainFilter {
        let scalars = Array((near(value).string ?? "x").unicodeScalars)
        let (from, to) = (random.below(scalars.count + 1), random.below(scalars.count + 1))
        var part = String.UnicodeScalarView()
        switch random.below(3) {
        case 0:
            part.append(contentsOf: scalars[..<to])
            return .text(path, "startsWith", String(part))
        case 1:
            part.append(contentsOf: scalars[from...])
            return .text(path, "endsWith", String(part))
        default:
            part.append(contentsOf: scalars[min(from, to)..<max(from, to)])
            return .text(path, "contains", String(part))
        }
    }

    private mutating func list(_ path: PlainPath, _ value: JSONValue) -> PlainFilter {
        let elements = value.array ?? [value]
        switch random.below(3) {
        case 0: return .isList(path, elements.map { scalar($0) })
        case 1: return .isElement(.literal(scalar(elements.randomElement(using: &random) ?? .null)), path)
        default:
            let element = elements.randomElement(using: &random) ?? .null
            let own = PlainPath(isElement: true, names: names(in: element))
            let found = own.value(.null, element) ?? .null
            let inner: PlainFilter = .compare(.field(own), sign(), .literal(scalar(near(found))))
            let (other, _) = field()
            switch random.below(3) {
            case 0: return .exists(path, inner)
            case 1: return .exists(path, .or(.alone(other), .not(inner)))
            default: return .exists(path, .and(.compare(.field(own), "!=", .field(other)), inner))
            }
        }
    }

    private mutating func operand(depth: Int = 2) -> PlainValue {
        switch depth > 0 ? random.below(5) : 4 {
        case 0, 1: .arithmetic(operand(depth: depth - 1), ["+", "-", "*"][random.below(3)], operand(depth: depth - 1))
        case 2: .size(field().path)
        case 3: .literal(.number(["0", "1", "-2", "0.5", "1000", "12e3"][random.below(6)]))
        default: .field(field().path)
        }
    }

    /// A field that an event has, or nearly, and what it has there.
    private mutating func field() -> (path: PlainPath, value: JSONValue) {
        let event = events[random.below(events.count)]
        var path = PlainPath(isElement: false, names: names(in: event))
        let value = path.value(event, nil) ?? .null
        if random.below(20) == 0 { path.names.append("absent") }
        if path.names.isEmpty { path.names = ["absent"] }
        return (path, value)
    }

    private mutating func names(in value: JSONValue) -> [String] {
        guard case .object(let members) = value, let member = members.randomElement(using: &random) else { return [] }
        return [member.name] + (random.below(10) == 0 ? [] : names(in: member.value))
    }

    /// A literal that is this value, or something like it.
    private mutating func near(_ value: JSONValue) -> JSONValue {
        switch (value, random.below(8)) {
        case (.number(let text), 0): .number(text.contains(where: { "eE.".contains($0) }) ? text : "\(text).5")
        case (.number(let text), 1): .string(text)
        case (.number(let text), 2): .number(text.contains(where: { "eE.".contains($0) }) ? text : "\(text).00e0")
        case (.string(let text), 0): .string(text + "x")
        case (.boolean(let value), 0): .boolean(!value)
        case (_, 7): .null
        default: value
        }
    }

    private func scalar(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object, .array: .null
        default: value
        }
    }
}
