/// What an event has or doesn't have, as far as filters are found by it.
enum AccessKey: Hashable {
    /// The field is this literal.
    case value(Path, Literal)
    /// The field is a list that has this literal.
    case element(Path, Literal)
    /// The field is a string that begins with it, ends with it, has it somewhere: `AccessKey.longestPart` bytes at most, at
    /// least one.
    case prefix(Path, Text)
    case suffix(Path, Text)
    case part(Path, Text)
    case present(Path)

    static let longestPart = 32

    var path: Path {
        switch self {
        case .value(let path, _), .element(let path, _), .prefix(let path, _), .suffix(let path, _),
            .part(let path, _), .present(let path):
            path
        }
    }

    /// Whether few events have it, as a rule.
    var isTelling: Bool { if case .present = self { false } else { true } }
}

extension AccessKey {
    /// The keys of which an event has one exactly, or at least (`isExact` is false), where the test holds. Nil where there
    /// are none.
    static func keys(of test: Test) -> (keys: [AccessKey], isExact: Bool)? {
        switch test {
        case .isIn(.field(let path), let values): (values.map { .value(path, $0) }, true)
        case .has(let path): ([.present(path)], true)
        case .text(let path, .startsWith(let text)):
            text.bytes.isEmpty
                ? ([.present(path)], false) : (Self.prefix(path, text), text.bytes.count <= longestPart)
        case .text(let path, .endsWith(let text)):
            text.bytes.isEmpty
                ? ([.present(path)], false) : (Self.suffix(path, text), text.bytes.count <= longestPart)
        case .text(let path, .contains(let text)):
            text.bytes.isEmpty ? ([.present(path)], false) : (Self.part(path, text), text.bytes.count <= longestPart)
        case .isElement(.literal(let literal), let path): ([.element(path, literal)], true)
        case .text(let path, .matches), .isList(let path, _), .exists(let path, _), .isElement(_, let path):
            ([.present(path)], false)
        case .isBelow(let a, let b, _), .equal(let a, let b): present(a) ?? present(b)
        case .isIn(let operand, _): present(operand)
        }
    }

    private static func prefix(_ path: Path, _ text: Text) -> [AccessKey] {
        [.prefix(path, Text(bytes: Array(text.bytes.prefix(longestPart))))]
    }

    private static func suffix(_ path: Path, _ text: Text) -> [AccessKey] {
        [.suffix(path, Text(bytes: Array(text.bytes.suffix(longestPart))))]
    }

    private static func part(_ path: Path, _ text: Text) -> [AccessKey] {
        [.part(path, Text(bytes: Array(text.bytes.prefix(longestPart))))]
    }

    /// A value computed from a missing field is missing too.
    private static func present(_ operand: Operand) -> (keys: [AccessKey], isExact: Bool)? {
        switch operand {
        case .literal: nil
        case .field(let path), .size(let path): ([.present(path)], false)
        case .sum(let a, let b), .difference(let a, let b), .product(let a, let b): present(a) ?? present(b)
        }
    }
}

/// A number that a field, or what is computed from fields, is held against.
struct AccessBound: Hashable {
    var operand: Operand
    var number: Number
    /// Above it, or below.
    var isAbove: Bool
    /// Whether the number itself holds too.
    var orEqual: Bool

    /// Nil where the test is another one.
    init?(_ test: Test) {
        switch test {
        case .isBelow(.literal(.number(let number)), let operand, let orEqual):
            self.init(operand: operand, number: number, isAbove: true, orEqual: orEqual)
        case .isBelow(let operand, .literal(.number(let number)), let orEqual):
            self.init(operand: operand, number: number, isAbove: false, orEqual: orEqual)
        default: return nil
        }
    }

    private init(operand: Operand, number: Number, isAbove: Bool, orEqual: Bool) {
        self.operand = operand
        self.number = number
        self.isAbove = isAbove
        self.orEqual = orEqual
    }

    /// The test that it was made of.
    var test: Test {
        isAbove
            ? .isBelow(.literal(.number(number)), operand, orEqual: orEqual)
            : .isBelow(operand, .literal(.number(number)), orEqual: orEqual)
    }
}
