import Demo
import JSON
import JSONSchema
import Schemas
import Testing

/// The schemas of the demo, which are part of the project.
@Suite struct DemoSchemasTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/config/schemas"

    private func schema(_ text: String, _ schemas: SchemaNamespace) throws -> CompiledSchema {
        let name = try #require(SchemaName(text))
        return try CompiledSchema(try MaterializedSchema.dereferenced(try schemas.document(name), in: schemas))
    }

    @Test func theyPassTheTestsOfARepository() throws {
        let repository = try DirectoryRepository(Self.folder)
        var configuration = RepositoryConfiguration()
        configuration.linksLatest = false
        configuration.linksExtensionless = false
        let report = try RepositoryCheck(
            repository, in: SchemaNamespace([repository]), configuration: configuration
        ).run()
        #expect(report.problems.isEmpty, "\(report.problems)")
        #expect(report.titles == 6)
    }

    @Test func everyInventedEventFitsItsSchema() throws {
        let schemas = SchemaNamespace([try DirectoryRepository(Self.folder)])
        var compiled: [String: CompiledSchema] = [:]
        var demo = DemoEvents(seed: 1)
        var validator = SchemaValidator()
        for number in 0..<2_000 {
            let document = try JSONDocument(demo.next(now: 1_790_487_705_416 + Int64(number)).bytes)
            let name = try #require(document.string(document.member("$schema", of: document.root)))
            if compiled[name] == nil { compiled[name] = try schema(name, schemas) }
            let errors = validator.errors(of: document, by: try #require(compiled[name]))
            #expect(errors.isEmpty, "\(errors.text)")
        }
        #expect(compiled.count == 2)
    }

    @Test func aWrongGreetingIsToldWhy() throws {
        let schemas = SchemaNamespace([try DirectoryRepository(Self.folder)])
        let event =
            #"{"$schema":"/demo/greeting/1.0.0","meta":{"stream":"demo.greeting"},"greeting":"hello","times":"three"}"#
        var validator = SchemaValidator()
        let errors = validator.errors(
            of: try JSONDocument(Array(event.utf8)), by: try schema("/demo/greeting/1.0.0", schemas))
        #expect(errors.text == "'.times' should be integer")
    }
}
