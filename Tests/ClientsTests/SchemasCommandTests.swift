import Clients
import Schemas
import TestSupport
import Testing

@Suite struct SchemasCommandTests {
    private func command(_ directory: String, _ change: (inout SchemasCommand.Options) -> Void = { _ in })
        -> SchemasCommand
    {
        var options = SchemasCommand.Options()
        options.directory = directory
        change(&options)
        return SchemasCommand(options)
    }

    @Test func aSchemaIsBegunReleasedCheckedAndChanged() throws {
        let directory = TemporaryDirectory()
        let schemas = command(directory.path)
        let begun = schemas.run("new", ["shop/order"])
        #expect(begun.status == 0 && begun.output.contains("shop/order/current.yaml"))
        #expect(schemas.run("new", ["shop/order"]).status == 1)
        #expect(schemas.run("check", []).status == 1)
        #expect(schemas.run("materialize", []).output.contains("shop/order/1.0.0.yaml"))
        #expect(schemas.run("check", []).output == "All is right with 1 versions of 1 schemas.\n")

        let repository = try DirectoryRepository(directory.path)
        let file = try #require(try repository.file("shop/order/current.yaml"))
        let text = String(decoding: file, as: UTF8.self)
        let changed = text.split(separator: "1.0.0").joined(separator: "1.1.0")
            .split(separator: "- subject\n").joined(separator: "\n")
        try repository.write(Array(changed.utf8), to: "shop/order/current.yaml")
        let files = ["1.0.0.yaml", "current.yaml"].map { "\(directory.path)/shop/order/\($0)" }
        let difference = schemas.run("diff", files)
        #expect(difference.status == 1)
        #expect(difference.output.contains("(the event): subject is not required any more"))
        #expect(schemas.run("dereference", [files[1]]).output.contains("$id: /shop/order/1.1.0"))
        _ = schemas.run("materialize", ["shop/order"])
        let checked = schemas.run("check", [])
        #expect(checked.status == 1 && checked.errors.contains("(schema-version-compatibility)"))
        #expect(command(directory.path) { $0.skipped = ["schema-version-compatibility"] }.run("check", []).status == 0)
    }

    @Test func wrongUseIsToldApartFromWrongSchemas() {
        let directory = TemporaryDirectory()
        let schemas = command(directory.path)
        for (action, arguments) in [
            ("chekc", []), ("diff", ["a"]), ("new", []), ("new", ["../x"]), ("new", ["a b"]), ("dereference", []),
            ("check", ["a", "b"]),
        ] {
            let report = schemas.run(action, arguments)
            #expect(report.status == 2 && report.errors.hasPrefix("eventstreams: "), "\(action) \(arguments)")
        }
        #expect(command(directory.path) { $0.skipped = ["no-such-test"] }.run("check", []).status == 2)
        #expect(schemas.run("check", ["\(directory.path)/none"]).status == 1)
        #expect(schemas.run("dereference", ["\(directory.path)/none.yaml"]).status == 1)
        #expect(schemas.run("materialize", ["none"]).status == 1)
    }
}
