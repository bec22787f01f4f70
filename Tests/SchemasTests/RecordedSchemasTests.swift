import JSON
import Schemas
import TestSupport
import Testing
import YAML

private let isThere = (try? DirectoryRepository(Recorded.folder + "/schemas")) != nil

/// The schemas of a real repository, which are not part of the project.
@Suite(.enabled(if: isThere, "\(Recorded.whenMissing)"))
struct RecordedSchemasTests {
    let repository: DirectoryRepository
    let schemas: SchemaNamespace

    init() throws {
        repository = try DirectoryRepository(Recorded.folder + "/schemas")
        schemas = SchemaNamespace([repository])
    }

    @Test func everyFileIsReadAndWrittenAgainByteForByte() throws {
        // Two end with an empty line more or less; two were written by hand.
        let others: Set = [
            "/fragment/mediawiki/page/common/1.0.0", "/mediawiki/user/blocks-change/1.0.0", "/test/event/0.0.2",
            "/test/event/0.0.3",
        ]
        var count = 0
        for title in try schemas.titles() {
            for version in try schemas.versions(of: title) {
                let name = SchemaName(title: title, version: "\(version)")
                let file = try #require(try schemas.file(name))
                let value = try schemas.document(name).value
                let text = String(decoding: MaterializedSchema.text(of: value, .yaml), as: UTF8.self)
                if others.contains(name.identifier) {
                    let again = try SchemaDocument(name: name, path: "", bytes: Array(text.utf8))
                    #expect(again.value == value, "\(name)")
                } else {
                    #expect(text == String(decoding: file.bytes, as: UTF8.self), "\(name)")
                }
                #expect(try JSONValue(MaterializedSchema.text(of: value, .json)) == value, "\(name)")
                count += 1
            }
        }
        #expect(count == 65)
    }

    @Test func everyCurrentSchemaIsMaterializedToTheBytesOfItsVersion() throws {
        var count = 0
        for title in try schemas.titles() {
            let schema = try schemas.materialized(title)
            let version = try #require(schema.version)
            let file = try #require(try schemas.file(SchemaName(title: title, version: "\(version)")))
            let text = String(decoding: schema.text(.yaml), as: UTF8.self)
            #expect(text == String(decoding: file.bytes, as: UTF8.self), "\(title)")
            count += 1
        }
        #expect(count == 31)
    }

    /// What real schemas have that the tests speak against, as their keepers know (the closed holes add to it).
    @Test func theChecksSayOnlyWhatIsSo() throws {
        let report = try RepositoryCheck(
            repository, in: schemas, skipping: [.extensionlessLink, .latestLink]
        ).run()
        #expect(report.titles == 31 && report.versions == 65)
        var found: [String: Int] = [:]
        for problem in report.problems {
            let file = problem.error.document.split(separator: "jsonschema/").last ?? ""
            found["\(problem.test.rawValue) \(file)", default: 0] += 1
        }
        #expect(
            found == [
                // Known to their keepers, who skip them.
                "schema-deterministic-types mediawiki/recentchange/1.0.0.yaml": 9,
                "schema-deterministic-types mediawiki/recentchange/1.0.1.yaml": 9,
                "schema-deterministic-types mediawiki/page/properties-change/1.0.0.yaml": 2,
                "schema-version-compatibility mediawiki/page/change/1.2.0.yaml": 1,
                "schema-version-compatibility fragment/mediawiki/state/change/page/1.2.0.yaml": 1,
                // A field that is gone.
                "schema-version-compatibility fragment/http/1.2.0.yaml": 1,
                // A hole that is closed here: other fields were forbidden.
                "schema-version-compatibility fragment/common/1.1.0.yaml": 1,
                // From before there had to be one.
                "schema-examples-are-valid mediawiki/revision/score/1.0.0.yaml": 1,
            ])
    }
}
