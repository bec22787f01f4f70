/// What is true or false of an event: a filter taken apart.
///
/// The members `all(_:)`, `any(_:)` and `negated` of the extensions keep it in its one form
/// (`Predicate+Canonical.swift`): a negation stands at a test, lists are sorted, and each thing stands once.
indirect enum Predicate: Hashable, Sendable {
    case constant(Bool)
    case all([Predicate])
    case any([Predicate])
    case test(Test, isNegated: Bool)
}

/// A predicate without `&&`, `||` and `!`.
enum Test: Hashable, Sendable {
    /// The value is one of these: sorted, each once, one at least. `x == "a"`, `x in ["a", "b"]`, and `x` alone, which
    /// is `x == true`.
    case isIn(Operand, [Literal])
    /// Two values that are no literals are equal. The lesser one stands first.
    case equal(Operand, Operand)
    /// A field is a list of these, in this order.
    case isList(Path, [Literal])
    case isBelow(Operand, Operand, orEqual: Bool)
    case has(Path)
    case text(Path, TextTest)
    /// A value is an element of a field that is a list.
    case isElement(Operand, of: Path)
    /// The predicate holds for an element of a field that is a list; paths in it that begin at the element are its own.
    case exists(Path, Predicate)
}

/// What a string is tested for.
enum TextTest: Hashable, Sendable {
    case startsWith(Text)
    case endsWith(Text)
    case contains(Text)
    case matches(Pattern)
}

/// An operand: it has a value in an event, or none.
indirect enum Operand: Hashable, Sendable {
    case literal(Literal)
    case field(Path)
    /// The number of a string's characters (code points), a list's elements or an object's members.
    case size(Path)
    case sum(Operand, Operand)
    case difference(Operand, Operand)
    case product(Operand, Operand)
}

/// Where a value is.
struct Path: Hashable, Sendable {
    enum Root: Hashable, Sendable {
        case event
        /// The element that `exists` is at.
        case element
    }
    var root = Root.event
    var names: [Text]
}

enum Literal: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Number)
    case string(Text)
}

extension Literal: Comparable {
    private var rank: Int {
        switch self {
        case .null: 0
        case .boolean: 1
        case .number: 2
        case .string: 3
        }
    }

    /// A fixed order of all literals, for their one form.
    static func < (a: Literal, b: Literal) -> Bool {
        switch (a, b) {
        case (.boolean(let a), .boolean(let b)): !a && b
        case (.number(let a), .number(let b)): a < b
        case (.string(let a), .string(let b)): a < b
        default: a.rank < b.rank
        }
    }
}
