import JSON
import Schemas
import TestSupport
import Testing

@Suite struct RepositoryCheckTests {
    private static let right = """
        title: shop/order
        description: An order was made.
        $id: /shop/order/1.0.0
        $schema: https://json-schema.org/draft-07/schema#
        type: object
        required: [$schema]
        properties:
          $schema: {type: string}
          count: {type: integer}
        examples: [{$schema: {$ref: '#/$id'}}]
        """

    /// Makes a repository with one schema, lets it be changed, and checks it.
    private func check(
        _ current: String = right, configuration: String? = nil, change: (DirectoryRepository) throws -> Void = { _ in }
    ) throws -> RepositoryCheck.Report {
        let directory = TemporaryDirectory()
        let repository = try DirectoryRepository(directory.path)
        let schemas = SchemaNamespace([repository])
        try repository.write(Array(current.utf8), to: "shop/order/current.yaml")
        _ = try? SchemaRelease(repository, in: schemas).make("shop/order")
        try change(repository)
        let settings = try configuration.map { try RepositoryConfiguration(Array($0.utf8), path: "c") } ?? .init()
        return try RepositoryCheck(repository, in: schemas, configuration: settings).run()
    }

    private func tests(_ report: RepositoryCheck.Report) -> Set<SchemaTest> { Set(report.problems.map(\.test)) }

    private func replaced(_ old: String, _ new: String) -> String {
        let parts = Self.right.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        return parts.joined(separator: new)
    }

    @Test func aRepositoryAsItIsMadeHasNoProblem() throws {
        let report = try check()
        #expect(report.problems.isEmpty && report.titles == 1 && report.versions == 1)
    }

    @Test func eachRobustnessTestSpeaksAgainstItsOwnMistake() throws {
        let mistakes: [(String, SchemaTest)] = [
            ("{type: whole}", .isValid), ("{type: string, minLength: -1}", .isValid),
            ("{type: string, enum: []}", .isValid),
            ("{type: string, pattern: '^a'}", .isSecure), ("{type: string, format: uri}", .isSecure),
            ("{type: array, items: {type: object, properties: {}}, uniqueItems: true}", .isSecure),
            ("{type: object, additionalProperties: {type: string}, patternProperties: {a: {type: string}}}", .isSecure),
            ("{type: object, properties: {camelCase: {type: string}}}", .snakeCase),
            ("{type: object, properties: {_x: {type: string}}}", .snakeCase),
            ("{type: [string, 'null']}", .deterministicTypes), ("{description: any}", .deterministicTypes),
            ("{type: array}", .deterministicTypes), ("{type: object}", .deterministicTypes),
            ("{type: string, enum: [a, null]}", .deterministicTypes),
            ("{type: array, items: [{type: string}]}", .deterministicTypes),
            (
                "{type: object, oneOf: [{type: object, properties: {a: {type: string}}, required: [a]}, {type: string}]}",
                .deterministicTypes
            ),
            ("{type: object, required: [gone], properties: {here: {type: string}}}", .requiredExist),
        ]
        for (field, test) in mistakes {
            let report = try check(replaced("count: {type: integer}", "count: \(field)"))
            #expect(tests(report) == [test], "\(field): \(report.problems)")
        }
    }

    @Test func examplesAndBoundsAreChecked() throws {
        let other = try check(replaced("{$ref: '#/$id'}", "/shop/order/2.0.0"))
        #expect(tests(other) == [.exampleNames])
        let wrong = try check(replaced("{$schema: {$ref: '#/$id'}}", "{$schema: {$ref: '#/$id'}, count: many}"))
        #expect(tests(wrong) == [.examplesAreValid])
        #expect(wrong.problems.first?.error.message == "'.count' should be integer")
        let unbound = try check { repository in
            let file = try #require(try repository.file("shop/order/1.0.0.yaml"))
            let text = String(decoding: file, as: UTF8.self).split(separator: "\n").filter { !$0.contains("maximum") }
            try repository.write(Array(text.joined(separator: "\n").utf8), to: "shop/order/1.0.0.yaml")
        }
        #expect(tests(unbound) == [.numericBounds, .newestEqualsCurrent])
    }

    @Test func theStructureIsChecked() throws {
        #expect(tests(try check { _ = try $0.write([], to: "shop/order/current") }).contains(.currentExists))
        #expect(tests(try check { try $0.makeLink("shop/order/latest", to: "0.9.0") }) == [.latestLink])
        #expect(tests(try check { try $0.makeLink("shop/order/1.0.0", to: "2.0.0.yaml") }) == [.extensionlessLink])
        #expect(tests(try check(configuration: "contentTypes: [yaml, json]")) == [.contentTypes, .latestLink])
        let moved = try check { repository in
            let file = try #require(try repository.file("shop/order/1.0.0.yaml"))
            try repository.write(file, to: "shop/else/1.0.0.yaml")
        }
        #expect(tests(moved).isSuperset(of: [.titleMatchesPath, .identifierMatchesPath, .currentExists]))
        let ahead = try check { repository in
            try repository.write(Array(replaced("1.0.0", "1.1.0").utf8), to: "shop/order/current.yaml")
        }
        #expect(tests(ahead) == [.newestEqualsCurrent])
    }

    @Test func theConfigurationSkipsTestsByTheirNames() throws {
        let configuration = """
            skipSchemaTestCases:
              ^/shop/.*: [schema-deterministic-types]
            """
        let current = replaced("count: {type: integer}", "count: {type: [string, 'null']}")
        #expect(try check(current, configuration: configuration).problems.isEmpty)
        #expect(try check(current, configuration: configuration).passedOver > 0)
    }

    @Test func aVersionIsMadeOnceAndNeverChanged() throws {
        let directory = TemporaryDirectory()
        let repository = try DirectoryRepository(directory.path)
        let release = SchemaRelease(repository, in: SchemaNamespace([repository]))
        try repository.write(Array(Self.right.utf8), to: "shop/order/current.yaml")
        let files = ["1.0.0.yaml", "1.0.0", "latest", "latest.yaml"].map { "shop/order/\($0)" }
        #expect(try release.make("shop/order") == .written(files))
        #expect(try release.make("shop/order") == .unchanged)
        try repository.write(Array(replaced("integer", "string").utf8), to: "shop/order/current.yaml")
        #expect(throws: SchemaError.self) { try release.make("shop/order") }
        #expect(try release.make("shop/order", isForced: true) == .written([files[0]]))
        #expect(repository.link("shop/order/latest.yaml") == "1.0.0.yaml")
    }

    @Test func aLinkLeadsNowhereOutside() throws {
        let directory = TemporaryDirectory()
        let repository = try DirectoryRepository(directory.path)
        try repository.makeLink("a/1.0.0.yaml", to: "/etc/hostname")
        try repository.makeLink("b/loop", to: "..")
        #expect(try repository.file("a/1.0.0.yaml") == nil)
        #expect(try SchemaNamespace([repository]).titles() == ["a"])
    }
}
