public import JSON

/// Holds events against schemas: over an event's bytes and index, without a tree. What it needs by the way is kept and used
/// again, so a right event costs no allocation.
///
/// Where an object has a name twice, each of its members must be right: readers differ in which one they take.
public struct SchemaValidator: ~Copyable {
    /// What became of a text.
    public enum Verdict: Sendable {
        case valid
        /// Right once the schema's defaults stand where members were missing: the text with them. All other bytes are as they
        /// were.
        case filled([UInt8])
        /// At most `errorLimit` of them.
        case invalid([ValidationError])
    }

    /// The most errors that are told of one text.
    public static let errorLimit = 100
    /// Schemas within schemas that are looked into at a time.
    static let depthLimit = 1100
    /// How much may be looked at for one text: so much, and this much more for each word of its index.
    static let (work, workPerWord) = (100_000, 16)
    /// How often defaults are filled in that make room for others.
    private static let fillings = 16

    /// Whether all that is wrong is told, and not only whether something is.
    var isReporting = false
    /// Whether missing members with defaults are noted.
    var isFilling = false
    var path = DataPath()
    var errors: [ValidationError] = []
    /// Of each object that is looked at: which of its watched properties are there.
    var seen: ContiguousArray<UInt64> = []
    var decoded: [UInt8] = []
    var comparison = ValueComparison()
    var fillings: [Filling] = []
    var work = 0
    var depth = 0
    /// Whether it was too much; then the answer is no.
    var isExhausted = false
    private var scanner = JSONScanner()

    /// A member to be added: where, and what, as numbers of a name and a constant.
    struct Filling {
        var place: Int
        var isFirst: Bool
        var name: Int32
        var value: Int32
    }

    public init() {}

    /// Whether a text is right as it is.
    public mutating func isValid(_ document: borrowing JSONDocument, by schema: CompiledSchema) -> Bool {
        isFilling = false
        return passes(document, schema)
    }

    /// What is wrong with a text; empty where nothing is.
    public mutating func errors(
        of document: borrowing JSONDocument, by schema: CompiledSchema
    ) -> [ValidationError] {
        isFilling = false
        return passes(document, schema) ? [] : report(document, schema)
    }

    /// What becomes of a text that may be added to.
    ///
    /// - Parameter depth: the most levels of a text with defaults.
    public mutating func check(
        _ document: borrowing JSONDocument, by schema: CompiledSchema, depth: Int = 64
    ) -> Verdict {
        isFilling = schema.hasDefaults
        guard passes(document, schema) else { return .invalid(report(document, schema)) }
        guard !fillings.isEmpty else { return .valid }
        return fill(document, schema, depth)
    }

    private mutating func begin(_ document: borrowing JSONDocument) {
        work = Self.work + Self.workPerWord * document.wordCount(of: document.root)
        comparison.budget = work
        depth = 0
        isExhausted = false
        if !fillings.isEmpty { fillings.removeAll(keepingCapacity: true) }
        if !seen.isEmpty { seen.removeAll(keepingCapacity: true) }
    }

    private mutating func passes(_ document: borrowing JSONDocument, _ schema: CompiledSchema) -> Bool {
        begin(document)
        isReporting = false
        return passes(schema.program.root, document.root, schema.program, document, isComposite: false)
    }

    private mutating func report(
        _ document: borrowing JSONDocument, _ schema: CompiledSchema
    ) -> [ValidationError] {
        begin(document)
        isReporting = true
        errors = []
        path.steps = []
        defer {
            isReporting = false
            errors = []
        }
        let isRight = passes(schema.program.root, document.root, schema.program, document, isComposite: false)
        if isExhausted || !isRight && errors.isEmpty {
            path.steps = []
            errors = [ValidationError(.tooComplex, schema.program.root, schema.program, at: path)]
        }
        return errors
    }

    // MARK: Defaults

    /// Adds what is missing, and looks again.
    private mutating func fill(
        _ document: borrowing JSONDocument, _ schema: CompiledSchema, _ depth: Int
    ) -> Verdict {
        var bytes = filled(document, schema.program)
        for _ in 0..<Self.fillings {
            let result: JSONDocument
            do throws(JSONError) { result = try JSONDocument(bytes, depth: depth, scanner: &scanner) } catch {
                path.steps = []
                return .invalid([ValidationError(.tooComplex, schema.program.root, schema.program, at: path)])
            }
            guard passes(result, schema) else { return .invalid(report(result, schema)) }
            guard !fillings.isEmpty else { return .filled(bytes) }
            bytes = filled(result, schema.program)
        }
        path.steps = []
        return .invalid([ValidationError(.tooComplex, schema.program.root, schema.program, at: path)])
    }

    /// The text from its first byte to its last, with what is to be added.
    private mutating func filled(_ document: borrowing JSONDocument, _ program: borrowing SchemaProgram) -> [UInt8] {
        // An object is noted when all in it has been; those of one object stay in the schema's order.
        let sorted = fillings.enumerated().sorted {
            ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
        }
        var result: [UInt8] = []
        var place = document.start(of: document.root)
        for (_, filling) in sorted {
            result.append(contentsOf: document.bytes[place..<filling.place])
            place = filling.place
            if !filling.isFirst { result.append(UInt8(ascii: ",")) }
            JSONText.append(program.names.name(filling.name), to: &result)
            result.append(UInt8(ascii: ":"))
            let value = program.constants[Int(filling.value)]
            result.append(contentsOf: value.text(of: value.root))
        }
        result.append(contentsOf: document.bytes[place..<document.end(of: document.root)])
        return result
    }

    // MARK: Failures

    /// Notes what is wrong. Returns whether to go on and look for more.
    @inline(never)
    mutating func fails(
        _ failure: Failure, _ node: SchemaProgram.NodeID, _ program: borrowing SchemaProgram
    ) -> Bool {
        guard isReporting, !isExhausted else { return false }
        if errors.count < Self.errorLimit { errors.append(ValidationError(failure, node, program, at: path)) }
        return true
    }

    /// Whether to go on after something was wrong.
    @inline(__always)
    var goesOn: Bool { isReporting && !isExhausted }
}
