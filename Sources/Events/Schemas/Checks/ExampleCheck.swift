internal import JSON
internal import JSONSchema

/// Holds the examples of a schema against it.
struct ExampleCheck {
    private let schema: CompiledSchema?
    /// Why the schema itself can't be used; nil: it can.
    let mistake: String?

    init(_ schema: JSONValue) {
        do throws(JSONSchema.SchemaError) {
            // Whether it is secure is another test.
            self.schema = try CompiledSchema(schema, options: SchemaOptions(allowsInsecure: true))
            mistake = nil
        } catch {
            self.schema = nil
            mistake = error.detail
        }
    }

    /// What is wrong with an example; nil: nothing, or it can't be told.
    func mistake(in example: JSONValue) -> String? {
        guard let schema, let document = try? JSONDocument(example.bytes) else { return nil }
        var validator = SchemaValidator()
        let errors = validator.errors(of: document, by: schema)
        return errors.isEmpty ? nil : errors.text
    }
}
