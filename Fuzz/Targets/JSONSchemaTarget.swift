internal import JSON
internal import JSONSchema

extension FuzzTarget {
    /// A schema and, behind a line break, a value: whatever they are, they are read or refused, both ways of validating agree,
    /// and what was filled in needs nothing more.
    static let jsonSchema = FuzzTarget("json-schema") { input throws(FuzzFinding) in
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let tree = try? JSONValue(Array(parts[0])),
            let document = try? JSONDocument(Array(parts[1]))
        else { return }
        let options = SchemaOptions(formats: .strict, allowsInsecure: true)
        guard let schema = try? CompiledSchema(tree, options: options) else { return }
        var validator = SchemaValidator()
        let isValid = validator.isValid(document, by: schema)
        let errors = validator.errors(of: document, by: schema)
        try require(isValid == errors.isEmpty, "what is wrong is told, and nothing else")
        try require(errors.count <= SchemaValidator.errorLimit, "no more is told than may be")
        guard case .filled(let bytes) = validator.check(document, by: schema) else { return }
        guard let filled = try? JSONDocument(bytes) else { throw FuzzFinding("not so: a filled text is JSON") }
        guard case .valid = validator.check(filled, by: schema) else {
            throw FuzzFinding("not so: a filled text is right and needs nothing more")
        }
    }
}
