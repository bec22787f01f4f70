import Catalogue
import Endpoints
import HTTPClient
import JSON
import SchemaLibrary
import Schemas
import Server
import TestSupport
import Testing

@Suite struct SchemaPagesTests {
    private func get(
        _ service: LiveService, _ path: String, accept: String? = nil, tag: String? = nil
    ) async throws -> HTTPClientResponse {
        var headers = accept.map { [HTTPClientField("Accept", $0)] } ?? []
        if let tag { headers.append(HTTPClientField("If-None-Match", tag)) }
        let url = "http://127.0.0.1:\(service.service.ports.streams)\(path)"
        return try await service.client.send(HTTPClientRequest("GET", url, headers: headers))
    }

    private func start() async throws -> LiveService {
        let directory = TemporaryDirectory()
        _ = try SchemaLibraryTests.repository(directory.path)
        var settings = SchemaSettings()
        settings.repositories = [directory.path]
        return try await LiveService.start(schemas: try SchemaLibrary(settings, now: { 0 }))
    }

    @Test func aVersionIsServedInTheFormThatIsAskedForAndNeverChanges() async throws {
        let service = try await start()
        let yaml = try await get(service, "/schemas/shop/order/1.0.0")
        #expect(String(decoding: yaml.body, as: UTF8.self) == SchemaLibraryTests.order)
        #expect(yaml.head["Content-Type"] == "application/yaml; charset=utf-8")
        #expect(yaml.head["Cache-Control"]?.contains("immutable") == true)
        #expect(yaml.head["Access-Control-Allow-Origin"] == "*")
        let tag = try #require(yaml.head["ETag"])
        #expect(try await get(service, "/schemas/shop/order/1.0.0", tag: tag).head.status == 304)
        for (path, accept) in [
            ("1.0.0.json", nil), ("1.0.0", "application/json"), ("latest", "application/json;q=0.9, */*;q=0.1"),
        ] {
            let json = try await get(service, "/schemas/shop/order/\(path)", accept: accept)
            #expect(json.head["Content-Type"] == "application/json; charset=utf-8", "\(path)")
            #expect(try JSONValue(json.body)["title"] == "shop/order")
        }
        let latest = try await get(service, "/schemas/shop/order/latest.yaml")
        #expect(latest.body == yaml.body && latest.head["Cache-Control"] == "public, max-age=60")
        await service.stop()
    }

    @Test func foldersAreListedForProgramsAndForPeople() async throws {
        let service = try await start()
        let root = try JSONValue(try await get(service, "/schemas/").body)
        #expect(root == [["name": "fragment", "type": "directory"], ["name": "shop", "type": "directory"]])
        let versions = try JSONValue(try await get(service, "/schemas/shop/order/").body)
        #expect(versions == [["name": "1.0.0.yaml", "type": "file"], ["name": "latest", "type": "file"]])
        let page = try await get(service, "/schemas", accept: "text/html,application/xhtml+xml,*/*;q=0.8")
        #expect(page.head["Content-Type"] == "text/html; charset=utf-8")
        #expect(page.head["Content-Security-Policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(String(decoding: page.body, as: UTF8.self).contains("<a href=\"/schemas/shop/\">shop</a>"))
        await service.stop()
    }

    @Test func aSchemaIsShownWithItsFieldsExamplesAndStreams() async throws {
        let service = try await start()
        let page = try await get(service, "/schemas/shop/order/1.0.0", accept: "text/html")
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(text.contains("<code>subject</code> <small>required</small>"))
        #expect(text.contains("What &lt;it&gt; is about.<br><small>maxLength 20</small>"))
        #expect(text.contains("<code>meta.stream</code>"))
        #expect(text.contains("&quot;subject&quot;: &quot;one&quot;"))
        #expect(text.contains("<a href=\"/v2/ui/#/?streams=orders\">orders</a>"))
        await service.stop()
    }

    @Test func whatIsNotThereIsAnsweredWithWhatIsNear() async throws {
        let service = try await start()
        for path in [
            "shop/ordr/1.0.0", "shop/order/2.0.0", "none", "..%2f..", "shop//order", "shop/order/%00", "a/../b/1.0.0",
        ] {
            let answer = try await get(service, "/schemas/\(path)")
            #expect(answer.head.status == 404, "\(path)")
        }
        let near = try await get(service, "/schemas/shop/ordr/1.0.0")
        #expect(String(decoding: near.body, as: UTF8.self).contains("Nearest: shop/order"))
        await service.stop()
    }
}
