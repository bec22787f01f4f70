internal import JSON
internal import Schemas

extension FuzzTarget {
    /// Any text is a schema or is refused; what is made of a schema is written so that it reads back as the same, makes nothing
    /// new when it is made once more, and differs from itself in nothing.
    static let schema = FuzzTarget("schema") { input throws(FuzzFinding) in
        let name = SchemaName(title: "a", version: "current")
        guard let document = try? SchemaDocument(name: name, path: "a/current.yaml", bytes: input) else { return }
        let schemas = SchemaNamespace([FuzzedRepository(current: input)])
        let made: MaterializedSchema
        do throws(SchemaError) {
            made = try MaterializedSchema(document, in: schemas)
        } catch {
            return try require(
                !error.message.isEmpty && !error.document.isEmpty, "a refusal says what and where: \(error)")
        }
        for form in SchemaForm.allCases {
            let text = made.text(form)
            // A schema that grew with what it refers to may be past the limits of a file.
            guard text.count <= SchemaLimits.fileBytes else { continue }
            let again = try? SchemaDocument(name: name, path: "a", bytes: text)
            try requireEqual(again?.value, made.value, "a \(form) reads back as what was written")
        }
        let again = try? MaterializedSchema(
            SchemaDocument(name: name, path: "a", value: made.value), in: schemas)
        if let again { try requireEqual(again.value, made.value, "a schema that is made once more is the same") }
        try require(SchemaDifference.all(from: made.value, to: made.value).isEmpty, "nothing differs from itself")
    }

    private struct FuzzedRepository: SchemaRepository {
        let name = "fuzz"
        var current: [UInt8]

        func file(_ path: String) throws(SchemaError) -> [UInt8]? {
            switch path {
            case "a/current.yaml": current
            case "b/1.0.0.yaml":
                Array(
                    "{title: b, type: object, properties: {x: {type: integer}, y: {$ref: '/a/current#/definitions'}}}"
                        .utf8)
            default: nil
            }
        }

        func names(in folder: String) throws(SchemaError) -> [String]? { folder == "b" ? ["1.0.0.yaml"] : nil }
    }
}
