/// How much a filter may be. Contract, section 5.
public struct FilterLimits: Hashable, Sendable {
    /// Bytes of an expression, and of all short forms together.
    public var bytes: Int
    /// Comparisons, calls and fields that stand alone.
    public var terms: Int
    /// Literals in lists, all lists together.
    public var values: Int
    /// Levels of parentheses, negations, calls and lists.
    public var depth: Int
    /// Regular expressions.
    public var patterns: Int
    /// Bytes of one regular expression.
    public var patternBytes: Int

    /// What one regular expression may take when it is compiled and searched for, in bytes.
    static let patternMemory: Int64 = 256 << 10

    public init(
        bytes: Int = 8192, terms: Int = 256, values: Int = 2048, depth: Int = 32, patterns: Int = 8,
        patternBytes: Int = 1024
    ) {
        self.bytes = bytes
        self.terms = terms
        self.values = values
        self.depth = depth
        self.patterns = patterns
        self.patternBytes = patternBytes
    }

    /// For a text that was printed from a filter within limits: it may be longer and deeper than what was read.
    static let printed = FilterLimits(
        bytes: .max, terms: .max, values: .max, depth: .max, patterns: .max, patternBytes: .max)

    /// The limits of the contract.
    public static let standard = FilterLimits()
}
