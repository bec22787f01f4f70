import Endpoints
import EventLogTestKit
import HTTPClient
import HTTPServer
import JSON
import SchemaLibrary
import Schemas
import Server
import Synchronization
import TestSupport
import Testing

@Suite struct SchemaLibraryTests {
    static let order = """
        title: shop/order
        $id: /shop/order/1.0.0
        type: object
        required: [subject]
        properties:
          subject: {description: What <it> is about., type: string, maxLength: 20}
          meta: {$ref: /fragment/meta/1.0.0}
        examples: [{subject: one}]
        """
    static let meta = """
        title: fragment/meta
        $id: /fragment/meta/1.0.0
        type: object
        properties: {stream: {type: string}}
        """

    static func repository(_ directory: String) throws -> DirectoryRepository {
        let repository = try DirectoryRepository(directory)
        try repository.write(Array(order.utf8), to: "shop/order/1.0.0.yaml")
        try repository.write(Array(meta.utf8), to: "fragment/meta/1.0.0.yaml")
        return repository
    }

    private func library(_ places: [String], cache: String = "", clock: TestTime = TestTime()) throws -> SchemaLibrary {
        var settings = SchemaSettings()
        settings.repositories = places
        settings.cacheDirectory = cache
        return try SchemaLibrary(settings, now: { clock.value })
    }

    /// Milliseconds that a test sets.
    final class TestTime: Sendable {
        private let box = Mutex<Int64>(0)
        var value: Int64 {
            get { box.withLock { $0 } }
            set { box.withLock { $0 = newValue } }
        }
    }

    private func name(_ text: String) throws -> SchemaName { try #require(SchemaName(text)) }

    @Test func aSchemaComesWithAllThatItRefersTo() async throws {
        let directory = TemporaryDirectory()
        _ = try Self.repository(directory.path)
        let schemas = try library([directory.path])
        let schema = try await schemas.schema(try name("/shop/order/latest"))
        #expect(schema["properties"]?["meta"]?["title"] == "fragment/meta")
        await #expect(throws: SchemaError.self) { try await schemas.schema(try name("/shop/order/2.0.0")) }
    }

    @Test func whatIsNewInADirectoryIsThereAfterARefresh() async throws {
        let directory = TemporaryDirectory()
        let repository = try Self.repository(directory.path)
        let schemas = try library([directory.path])
        let version = schemas.shelf.version
        #expect(await schemas.refresh().isEmpty && schemas.shelf.version == version)
        try repository.write(Array(Self.meta.utf8), to: "fragment/other/1.0.0.yaml")
        #expect(await schemas.refresh().isEmpty && schemas.shelf.version == version + 1)
        #expect(schemas.shelf.titles == ["fragment/meta", "fragment/other", "shop/order"])
    }

    @Test func aDirectoryThatIsGoneLeavesItsSchemasInForce() async throws {
        let schemas: SchemaLibrary
        do {
            let directory = TemporaryDirectory()
            _ = try Self.repository(directory.path)
            schemas = try library([directory.path])
        }
        #expect(await schemas.refresh().count == 1)
        #expect(try await schemas.schema(try name("/shop/order/1.0.0"))["title"] == "shop/order")
    }

    @Test func schemasOfAnAddressAreFetchedOnceAndServeWhileItIsAway() async throws {
        let directory = TemporaryDirectory()
        let cache = TemporaryDirectory()
        _ = try Self.repository(directory.path)
        let source = try await LiveService.start(schemas: try library([directory.path]))
        let address = "http://127.0.0.1:\(source.service.ports.streams)/schemas"
        let first = try library([address], cache: cache.path)
        #expect(first.shelf.titles.isEmpty)
        #expect(
            try await first.schema(try name("/shop/order/1.0.0"))["properties"]?["meta"]?["title"] == "fragment/meta")
        #expect(first.shelf.titles == ["fragment/meta", "shop/order"])
        await #expect(throws: SchemaError.self) { try await first.schema(try name("/shop/order/9.0.0")) }
        await source.stop()

        let second = try library([address], cache: cache.path)
        #expect(try await second.schema(try name("/shop/order/1.0.0"))["title"] == "shop/order")
        #expect(await second.refresh().isEmpty == false)
        do throws(SchemaError) {
            _ = try await second.schema(SchemaName(title: "shop/order", version: "3.0.0"))
            Issue.record("there is no such schema")
        } catch {
            #expect(error.kind == .unreadable)
        }
    }

    @Test func theNewestVersionOfAnAddressIsFoundByARefresh() async throws {
        let directory = TemporaryDirectory()
        let cache = TemporaryDirectory()
        let repository = try Self.repository(directory.path)
        let origin = try library([directory.path])
        let source = try await LiveService.start(schemas: origin)
        let schemas = try library(["http://127.0.0.1:\(source.service.ports.streams)/schemas"], cache: cache.path)
        _ = try await schemas.schema(try name("/shop/order/1.0.0"))
        let newer = Self.order.split(separator: "1.0.0", maxSplits: 1).joined(separator: "1.1.0")
        try repository.write(Array(newer.utf8), to: "shop/order/1.1.0.yaml")
        _ = await origin.refresh()
        #expect(await schemas.refresh().isEmpty)
        #expect(
            try schemas.shelf.documents.versions(of: "shop/order") == [
                SemanticVersion(1, 0, 0), SemanticVersion(1, 1, 0),
            ])
        await source.stop()
    }

    @Test func aSourceThatHangsCountsAsAwayAndIsNotAskedAgainAtOnce() async throws {
        let cache = TemporaryDirectory()
        let clock = TestTime()
        var settings = SchemaSettings()
        settings.cacheDirectory = cache.path
        settings.fetchTimeout = 1
        let schemas: SchemaLibrary
        let first: SchemaError?
        do {
            let server = SilentServer()
            settings.repositories = ["http://127.0.0.1:\(server.port)"]
            schemas = try SchemaLibrary(settings, now: { clock.value })
            first = await refusal(of: "/shop/order/1.0.0", schemas)
        }
        #expect(first?.kind == .unreadable && first?.message.contains("sent nothing for 1 s") == true)
        // The server is gone now: who asked it would hear something else.
        #expect(await refusal(of: "/shop/order/1.0.0", schemas) == first)
        clock.value = 60_000
        let second = await refusal(of: "/shop/order/1.0.0", schemas)
        #expect(second?.kind == .unreadable && second != first)
    }

    private func refusal(of text: String, _ schemas: SchemaLibrary) async -> SchemaError? {
        do throws(SchemaError) {
            guard let name = SchemaName(text) else { return nil }
            _ = try await schemas.schema(name)
            return nil
        } catch {
            return error
        }
    }
}
