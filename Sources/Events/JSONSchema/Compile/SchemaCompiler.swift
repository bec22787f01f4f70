internal import JSON
internal import Patterns

/// Makes a schema a program. References are followed here, so a program has none; each schema becomes a node once, from
/// wherever it is referred to, and waits in a list until it is its turn: nothing recurs.
struct SchemaCompiler {
    typealias Found = KnownDocuments.Found

    var program = SchemaProgram()
    let options: SchemaOptions
    private var documents: KnownDocuments
    private var nodes: [KnownDocuments.Location: SchemaProgram.NodeID] = [:]
    private var waiting: [(Found, SchemaProgram.NodeID)] = []

    private init(_ options: SchemaOptions, _ resolve: @escaping (String) throws(SchemaError) -> JSONValue?) {
        self.options = options
        documents = KnownDocuments(limits: options.limits, resolve: resolve)
    }

    static func compile(
        _ schema: JSONValue, at address: String, draft: SchemaDraft, _ options: SchemaOptions,
        _ resolve: @escaping (String) throws(SchemaError) -> JSONValue?
    ) throws(SchemaError) -> SchemaProgram {
        var compiler = SchemaCompiler(options, resolve)
        return try compiler.run(schema, at: Address(address).base, draft)
    }

    private mutating func run(
        _ schema: JSONValue, at address: String, _ draft: SchemaDraft
    ) throws(SchemaError) -> SchemaProgram {
        program.root = try node(try documents.add(schema, at: address, draft: draft))
        while let (found, id) = waiting.popLast() {
            var note = SchemaProgram.Note(path: documents.fragment(found.location))
            program.nodes[Int(id)] = try read(found, &note)
            program.notes[Int(id)] = note
        }
        try InPlaceChains.check(program, limit: options.limits.chain)
        return program
    }

    /// The node of a schema, or of what it refers to. It is made when its turn comes.
    mutating func node(_ schema: Found) throws(SchemaError) -> SchemaProgram.NodeID {
        var schema = schema
        var passed: Set<KnownDocuments.Location> = []
        while let reference = schema.value["$ref"]?.string {
            guard passed.insert(schema.location).inserted else {
                throw SchemaError(.invalid, "The schema's \(reference) refers to itself.")
            }
            schema = try documents.find(reference, from: schema)
        }
        if let known = nodes[schema.location] { return known }
        guard program.nodes.count < options.limits.nodes else {
            throw SchemaError(.tooLarge, "The schema has more than \(options.limits.nodes) schemas within.")
        }
        let id = SchemaProgram.NodeID(program.nodes.count)
        program.nodes.append(SchemaProgram.Node())
        program.notes.append(SchemaProgram.Note(path: ""))
        nodes[schema.location] = id
        waiting.append((schema, id))
        return id
    }

    /// The node of a schema within another.
    mutating func node(
        in parent: Found, _ steps: String..., value: JSONValue
    ) throws(SchemaError) -> SchemaProgram.NodeID {
        try node(documents.child(of: parent, at: steps, value))
    }

    /// The nodes of a list of schemas, as a part of the branches.
    mutating func branches(
        in parent: Found, _ keyword: String, _ schemas: [JSONValue]
    ) throws(SchemaError) -> SchemaProgram.Span {
        var nodes: [SchemaProgram.NodeID] = []
        for (number, schema) in schemas.enumerated() {
            nodes.append(try node(in: parent, keyword, String(number), value: schema))
        }
        let span = SchemaProgram.Span(first: Int32(program.branches.count), count: Int32(nodes.count))
        program.branches.append(contentsOf: nodes)
        return span
    }

    mutating func constant(_ value: JSONValue, _ place: Found) throws(SchemaError) -> Int32 {
        do throws(JSONError) {
            program.constants.append(try JSONDocument(value.bytes, depth: 512))
        } catch {
            throw invalid("has a value that is not JSON (\(error))", place)
        }
        return Int32(program.constants.count - 1)
    }

    mutating func pattern(_ text: String, _ place: Found) throws(SchemaError) -> Int32 {
        guard text.utf8.count <= options.limits.patternBytes else {
            throw SchemaError(
                .tooLarge, "A pattern of the schema is longer than \(options.limits.patternBytes) bytes.")
        }
        guard program.patterns.count < options.limits.patterns else {
            throw SchemaError(.tooLarge, "The schema has more than \(options.limits.patterns) patterns.")
        }
        do throws(ECMAPattern.Invalid) {
            let translated = try ECMAPattern.translate(text)
            do throws(CompiledPattern.Invalid) {
                program.patterns.append(
                    try CompiledPattern(Array(translated.utf8), memory: options.limits.patternMemory))
            } catch {
                throw ECMAPattern.Invalid(reason: error.reason)
            }
        } catch {
            throw invalid("has the pattern \(text), which can't be used: \(error.reason)", place)
        }
        return Int32(program.patterns.count - 1)
    }

    func invalid(_ what: String, _ place: Found) -> SchemaError {
        SchemaError(.invalid, "The schema at \(documents.fragment(place.location)) \(what).")
    }

    func insecure(_ what: String, _ place: Found) -> SchemaError {
        SchemaError(.insecure, "The schema at \(documents.fragment(place.location)) \(what).")
    }
}
