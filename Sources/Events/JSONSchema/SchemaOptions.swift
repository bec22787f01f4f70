/// Which version of JSON Schema a schema is written in.
public enum SchemaDraft: Int, Hashable, Sendable, CaseIterable, Comparable {
    case four = 4
    case six = 6
    case seven = 7

    /// The draft of a meta-schema's address (`$schema`), with or without `#` behind it, by http or https.
    public init?(_ address: String) {
        var rest = address[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        if rest.hasSuffix("#") { rest = rest.dropLast() }
        switch rest {
        case "json-schema.org/draft-04/schema": self = .four
        case "json-schema.org/draft-06/schema": self = .six
        case "json-schema.org/draft-07/schema", "json-schema.org/schema": self = .seven
        default: return nil
        }
    }

    public var address: String { "http://json-schema.org/draft-0\(rawValue)/schema#" }

    public static func < (a: SchemaDraft, b: SchemaDraft) -> Bool { a.rawValue < b.rawValue }
}

/// How a schema is compiled.
public struct SchemaOptions: Hashable, Sendable {
    public enum Formats: Hashable, Sendable {
        /// As the standards say that name them.
        case strict
        /// Times, addresses and mail addresses by their shape only: as EventGate's validator does.
        case lenient
        case ignored
    }

    /// The draft of schemas without `$schema`.
    public var draft: SchemaDraft
    public var formats: Formats
    /// Whether a schema is taken by which validating may take long: `pattern`, `format` and `patternProperties` without a
    /// greatest length of what they are held against, `uniqueItems` of objects or arrays without a greatest number.
    public var allowsInsecure: Bool
    public var limits: SchemaLimits

    public init(
        draft: SchemaDraft = .seven, formats: Formats = .lenient, allowsInsecure: Bool = false,
        limits: SchemaLimits = SchemaLimits()
    ) {
        self.draft = draft
        self.formats = formats
        self.allowsInsecure = allowsInsecure
        self.limits = limits
    }
}

/// How much a schema may be.
public struct SchemaLimits: Hashable, Sendable {
    /// Schemas within the schema, with those it refers to.
    public var nodes: Int
    /// Levels of objects and arrays of the schema's text.
    public var depth: Int
    /// Schemas that hold for one and the same value, one by way of the other (`$ref`, `allOf`, `if`...).
    public var chain: Int
    /// Documents that it refers to.
    public var documents: Int
    /// Regular expressions.
    public var patterns: Int
    /// Bytes of one regular expression.
    public var patternBytes: Int
    /// Bytes that one regular expression may take when it is compiled and searched for.
    public var patternMemory: Int64

    public init(
        nodes: Int = 10_000, depth: Int = 128, chain: Int = 128, documents: Int = 100, patterns: Int = 1000,
        patternBytes: Int = 4096, patternMemory: Int64 = 1 << 20
    ) {
        self.nodes = nodes
        self.depth = depth
        self.chain = chain
        self.documents = documents
        self.patterns = patterns
        self.patternBytes = patternBytes
        self.patternMemory = patternMemory
    }
}
