internal import JSON
internal import Patterns

/// A schema, compiled: flat lists of rules that name one another by number. Every schema within the schema is a node.
struct SchemaProgram: Sendable {
    typealias NodeID = Int32

    var nodes: ContiguousArray<Node> = []
    var strings: ContiguousArray<StringRule> = []
    var numbers: ContiguousArray<NumberRule> = []
    var arrays: ContiguousArray<ArrayRule> = []
    var objects: ContiguousArray<ObjectRule> = []
    var steps: ContiguousArray<Step> = []
    /// Branches of `anyOf` and the like, and the elements of `items` that is a list.
    var branches: ContiguousArray<NodeID> = []
    var properties: ContiguousArray<Property> = []
    var patternProperties: ContiguousArray<PatternProperty> = []
    var dependencies: ContiguousArray<Dependency> = []
    /// Numbers of properties: of `required`, and of dependencies.
    var propertyLists: ContiguousArray<Int32> = []
    var names = NameTable()
    var patterns: ContiguousArray<CompiledPattern> = []
    /// Values of `const` and `enum`, and limits of numbers.
    var constants: ContiguousArray<JSONDocument> = []
    /// What reports need of each node.
    var notes: ContiguousArray<Note> = []
    var root: NodeID = 0

    /// Kinds of values.
    struct Kinds: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let object = Kinds(rawValue: 1)
        static let array = Kinds(rawValue: 2)
        static let string = Kinds(rawValue: 4)
        /// A number whose value has no fraction.
        static let integer = Kinds(rawValue: 8)
        /// Any number.
        static let number = Kinds(rawValue: 16)
        static let boolean = Kinds(rawValue: 32)
        static let null = Kinds(rawValue: 64)
        static let all = Kinds(rawValue: 127)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init?(name: String) {
            switch name {
            case "object": self = .object
            case "array": self = .array
            case "string": self = .string
            case "integer": self = .integer
            case "number": self = .number
            case "boolean": self = .boolean
            case "null": self = .null
            default: return nil
            }
        }
    }

    /// Numbers of rules; -1 where there is none.
    struct Node: Sendable {
        var kinds = Kinds.all
        /// The schema `false`.
        var isNever = false
        var string: Int32 = -1
        var number: Int32 = -1
        var array: Int32 = -1
        var object: Int32 = -1
        var steps = Span()

        /// Whether only the kind matters.
        var isPlain: Bool {
            !isNever && string < 0 && number < 0 && array < 0 && object < 0 && steps.count == 0
        }
    }

    /// A part of a list.
    struct Span: Sendable {
        var first: Int32 = 0
        var count: Int32 = 0

        var indices: Range<Int> { Int(first)..<Int(first) + Int(count) }
    }

    struct StringRule: Sendable {
        var minimum = 0
        /// Characters (code points); the largest Int where there is no limit.
        var maximum = Int.max
        var pattern: Int32 = -1
        var format = Format.none
        var isStrict = false
    }

    /// A limit of a number.
    struct Bound: Sendable {
        /// Nil where it is no Int64.
        var integer: Int64?
        /// It as a text.
        var constant: Int32
        var isExclusive: Bool
    }

    struct NumberRule: Sendable {
        var minimum: Bound?
        var maximum: Bound?
        var minimumExclusive: Bound?
        var maximumExclusive: Bound?
        var multiple: Divisor?
        /// Its text.
        var multipleConstant: Int32 = -1

        /// The limits in the order in which they are told, 0 to 3.
        @inline(__always)
        func bound(_ number: Int) -> (bound: Bound?, isUpper: Bool) {
            switch number {
            case 0: (maximum, true)
            case 1: (maximumExclusive, true)
            case 2: (minimum, false)
            default: (minimumExclusive, false)
            }
        }
    }

    struct ArrayRule: Sendable {
        var minimum = 0
        var maximum = Int.max
        /// Of all elements, or -1.
        var items: NodeID = -1
        /// Whether `items` is a list.
        var isTuple = false
        var tuple = Span()
        /// Of the elements behind the list; -1: anything, -2: nothing.
        var additional: NodeID = -1
        var contains: NodeID = -1
        var isUnique = false
    }

    struct ObjectRule: Sendable {
        var minimum = 0
        var maximum = Int.max
        /// Names in the table, and what is known of each; in the schema's order.
        var table = NameTable.Part()
        var properties = Span()
        /// How many properties have a place among those seen.
        var seen: Int32 = 0
        /// Those that must be there, in the schema's order.
        var required = Span()
        var patternProperties = Span()
        /// Of members that are neither properties nor match a pattern; -1: anything, -2: nothing.
        var additional: NodeID = -1
        var propertyNames: NodeID = -1
        var dependencies = Span()
        var hasDefaults = false

        static let nothing: NodeID = -2
    }

    struct Property: Sendable {
        /// -1 where it is only named by `required` or a dependency.
        var node: NodeID = -1
        /// Its place among those seen, or -1.
        var seen: Int32 = -1
        /// The default's text among the constants, or -1.
        var fallback: Int32 = -1
        /// Its name among the table's names.
        var name: Int32 = 0
    }

    struct PatternProperty: Sendable {
        var pattern: Int32
        var node: NodeID
    }

    struct Dependency: Sendable {
        /// The property that, where it is there, asks for others.
        var property: Int32
        /// A schema for the object, or -1.
        var node: NodeID = -1
        var required = Span()
    }

    /// What holds for values of every kind.
    enum Step: Sendable {
        case constant(Int32)
        case oneOfConstants(Span)
        case not(NodeID)
        case anyOf(Span)
        case oneOf(Span)
        case allOf(Span)
        /// -1 where there is no schema.
        case condition(NodeID, then: NodeID, otherwise: NodeID)
    }

    /// What reports say of a node.
    struct Note: Sendable {
        /// Where it is in the schema, as a fragment of an address: `#/properties/meta`.
        var path: String
        /// As the schema lists them: `string,null`.
        var kinds = ""
        /// The words of `pattern` and `format`.
        var pattern = ""
        var format = ""
        /// The patterns of `patternProperties`.
        var patternProperties: [String] = []
    }
}
