public import JSON

/// A JSON Schema (draft 4, 6 or 7), compiled once: then any number of threads may validate by it.
public final class CompiledSchema: Sendable {
    /// Its `title` and its address (`$id`, `id` in draft 4).
    public let title: String?
    public let id: String?
    public let draft: SchemaDraft
    let program: SchemaProgram
    /// Whether there is something to be filled in where it is missing.
    let hasDefaults: Bool

    /// - Parameters:
    ///   - schema: whole, or with references to other documents, which `resolve` then gives.
    ///   - address: where it was found: references are relative to it where the schema has no address of its own.
    ///   - resolve: the document at an address, without a fragment; nil where there is none.
    /// - Throws: `invalid`, `insecure` or `tooLarge`, with the place in the schema.
    public convenience init(
        _ schema: JSONValue, at address: String = "", options: SchemaOptions = SchemaOptions(),
        resolve: @escaping (String) throws(SchemaError) -> JSONValue? = { _ throws(SchemaError) in nil }
    ) throws(SchemaError) {
        let draft = try Self.draft(of: schema, options)
        try Self.check(schema, draft)
        try self.init(checked: schema, at: address, options: options, resolve: resolve)
    }

    /// A schema that is known to follow its meta-schema.
    init(
        checked schema: JSONValue, at address: String = "", options: SchemaOptions,
        resolve: @escaping (String) throws(SchemaError) -> JSONValue? = { _ throws(SchemaError) in nil }
    ) throws(SchemaError) {
        draft = try Self.draft(of: schema, options)
        title = schema["title"]?.string
        id = schema[draft == .four ? "id" : "$id"]?.string
        let draft = draft
        program = try SchemaCompiler.compile(schema, at: address, draft: draft, options, resolve)
        hasDefaults = program.objects.contains(where: \.hasDefaults)
    }

    private static func draft(of schema: JSONValue, _ options: SchemaOptions) throws(SchemaError) -> SchemaDraft {
        guard let address = schema["$schema"]?.string else { return options.draft }
        guard let draft = SchemaDraft(address) else {
            throw SchemaError(.invalid, "The schema is written by \(address); drafts 4, 6 and 7 are understood.")
        }
        return draft
    }

    /// Holds a schema against the meta-schema of its draft.
    private static func check(_ schema: JSONValue, _ draft: SchemaDraft) throws(SchemaError) {
        let meta = try MetaSchema.compiled(draft)
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(schema.bytes, depth: 512) } catch {
            throw SchemaError(.tooLarge, "The schema can't be read: \(error).")
        }
        var validator = SchemaValidator()
        let errors = validator.errors(of: document, by: meta)
        guard errors.isEmpty else {
            throw SchemaError(
                .invalid, "The schema is no JSON Schema of draft \(draft.rawValue): \(errors.text).")
        }
    }
}
