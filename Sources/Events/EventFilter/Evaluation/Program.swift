/// A predicate compiled for a table of fields: tests in a row, each of which says where to go on when it holds and when
/// not. Evaluating it allocates nothing.
final class Program: Sendable {
    enum Operation: UInt8 {
        /// The field is null, false or true: `a` is the kind's number.
        case isKind
        /// The field is a string with the bytes from `a` to `b` of `text`; or it begins, ends with them.
        case isText, startsWith, endsWith
        /// The field is a string in which `needles[a]` is.
        case contains
        /// The field is the number `integer`; one of `integers` from `a` to `b`, which are sorted; the number
        /// `numbers[a]`.
        case isInteger, isAnyInteger, isNumber
        /// The field is one of `strings` from `a` to `b`, which are sorted.
        case isAnyText
        /// The field is below, at most, above, at least `integer`.
        case isBelow, isAtMost, isAbove, isAtLeast
        case matches
        case isPresent
        /// The field is a list of the literals from `a` to `b`.
        case isList
        /// The value `a` is an element of the field.
        case isElement
        /// The program `a` holds for an element of the field.
        case exists
        /// The values `a` and `b` are equal; the first is below, or at most, the second.
        case equal, below, atMost
    }

    struct Instruction {
        var operation: Operation
        /// A field; within `exists`, below 0 a field of the element (the complement of its number in `elementPaths`).
        var field: Int32 = 0
        var a: Int32 = 0
        var b: Int32 = 0
        var integer: Int64 = 0
        var ifTrue: Int32 = 0
        var ifFalse: Int32 = 0
    }

    /// A step of the computation of a value. Numbers are put on a stack, of which an operator takes two and puts one
    /// back.
    struct Step {
        enum Kind: UInt8 {
            /// A literal or a number by its place in `literals` and `numbers`.
            case literal, number
            /// The field's value, or its size.
            case field, size
            case add, subtract, multiply
        }
        var kind: Kind
        var operand: Int32 = 0
    }

    /// Where the program ends.
    static let accept: Int32 = .max
    static let reject: Int32 = .max - 1

    let code: Code

    init(_ code: Code) { self.code = code }
}

/// The parts of a program.
struct Code: Sendable {
    var instructions: ContiguousArray<Program.Instruction> = []
    /// The first instruction, or an end.
    var start = Program.accept
    var text: [UInt8] = []
    /// Ranges of `text`.
    var strings: ContiguousArray<Range<Int32>> = []
    var integers: ContiguousArray<Int64> = []
    var numbers: ContiguousArray<Number> = []
    var needles: ContiguousArray<Needle> = []
    var patterns: ContiguousArray<Pattern> = []
    var literals: ContiguousArray<Literal> = []
    /// The steps that compute values, one after the other.
    var steps: ContiguousArray<Program.Step> = []
    /// Ranges of `steps`: of one step, or of several that leave one number.
    var values: ContiguousArray<Range<Int>> = []
    /// For `exists`.
    var programs: ContiguousArray<Program> = []
    /// The path that is read in each element.
    var elementPaths: ContiguousArray<[Text]> = []
}
