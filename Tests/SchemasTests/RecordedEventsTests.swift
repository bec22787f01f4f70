import JSON
import JSONSchema
import Schemas
import TestSupport
import Testing

/// Recorded events, which are not part of the project, by the schemas that they name.
@Suite(.enabled(if: Recorded.isThere, "\(Recorded.whenMissing)"))
struct RecordedEventsTests {
    private static let files = [
        "misc-streams-samples-2020-2022", "mixed-page-and-revision-2021-01-31", "page-create-2021-08-20",
        "page_change-v1-samples-2024-2026", "recentchange-2021-01-21", "recentchange-2021-08-27",
        "recentchange-2021-09",
        "recentchange-2023-01-24", "recentchange-2023-01-25", "recentchange-2024-08-22-04h",
        "recentchange-2024-08-22-20h",
        "recentchange-2025-05-03", "recentchange-2026-02-26", "recentchange-legacy-2019-06",
        "revision-create-2021-08-27",
        "revision-create-2021-09", "revision-score-2021-08-27", "revision-score-2021-09",
    ]

    @Test func everyRecordedEventFitsItsSchemaButForThoseThatAreListed() throws {
        let documents = SchemaNamespace([try DirectoryRepository(Recorded.folder + "/schemas")])
        var compiled: [String: CompiledSchema] = [:]
        var validator = SchemaValidator()
        var valid = 0
        var others: [String: Int] = [:]
        for line in try Self.files.flatMap({ try Recorded.lines(of: $0 + ".ndjson.gz") }) {
            let document = try JSONDocument(line)
            let uri = document.member("$schema", of: document.root).flatMap { document.string($0) } ?? "no $schema"
            if compiled[uri] == nil, let name = SchemaName(uri), let found = try? documents.document(name) {
                compiled[uri] = try CompiledSchema(
                    try MaterializedSchema.dereferenced(found, in: documents), options: SchemaOptions())
            }
            guard let schema = compiled[uri] else {
                others[uri, default: 0] += 1
                continue
            }
            let errors = validator.errors(of: document, by: schema)
            if errors.isEmpty { valid += 1 } else { others["\(uri): \(errors.text)", default: 0] += 1 }
        }
        // From before events named their schema, and a version that the repository of the tests does not have.
        #expect(others == ["no $schema": 179, "/mediawiki/page/change/1.6.0": 1])
        #expect(valid == 30_102)
    }
}
