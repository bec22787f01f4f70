import Glibc
import JSON
import JSONSchema
import System
import TestSupport
import Testing
import YAML

/// Recorded events of the public service, by the schemas that they name.
@Suite(.enabled(if: Recorded.isThere, Comment(rawValue: Recorded.whenMissing))) struct RecordedEventTests {
    private static func schema(at address: String) throws -> CompiledSchema? {
        guard let text = try SmallFile.read("\(Recorded.folder)/schemas/jsonschema\(address).yaml") else { return nil }
        return try CompiledSchema(JSONValue(try YAML.parse(text)))
    }

    /// Schemas that are not beside the events.
    private static let missing: Set<String> = ["/mediawiki/page/change/1.6.0"]

    @Test(arguments: [
        "recentchange-2021-08-27", "recentchange-2023-01-24", "recentchange-2024-08-22-04h", "recentchange-2026-02-26",
        "revision-create-2021-08-27", "revision-score-2021-08-27", "page-create-2021-08-20",
        "mixed-page-and-revision-2021-01-31", "page_change-v1-samples-2024-2026", "misc-streams-samples-2020-2022",
    ])
    func everyRecordedEventFollowsTheSchemaThatItNames(_ file: String) throws {
        var schemas: [String: CompiledSchema?] = [:]
        var validator = SchemaValidator()
        var right = 0
        for line in try Recorded.lines(of: "\(file).ndjson.gz") {
            let document = try JSONDocument(line)
            let address = try #require(document.string(document.value(at: ["$schema"])))
            if schemas[address] == nil { schemas[address] = try Self.schema(at: address) }
            guard let schema = schemas[address] ?? nil else {
                #expect(Self.missing.contains(address))
                continue
            }
            let errors = validator.errors(of: document, by: schema)
            if errors.isEmpty { right += 1 } else { Issue.record("\(address): \(errors.text)") }
        }
        #expect(right > 0)
    }
}
