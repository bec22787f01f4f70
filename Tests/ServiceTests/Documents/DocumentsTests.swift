import Catalogue
import Endpoints
import Foundation
import HTTP
import JSON
import SchemaLibrary
import System
import TestSupport
import Testing

@Suite struct DocumentsTests {
    static let info = ServiceInfo(
        name: "eventstreams", version: "1.2.3", description: "Streams", home: "https://example.org/")

    private func catalogue() throws -> StreamCatalogue {
        try StreamCatalogue([
            PublicStream(
                "b", aliases: ["a"], topics: ["x.b", "y.b"], schemaTitle: "t/b", description: "All of b.", partitions: 2
            ),
            PublicStream("c"),
        ])
    }

    /// Of the title `t/b`, two versions.
    private func schemas() throws -> StreamSchemas {
        let directory = TemporaryDirectory()
        let folder = "\(directory.path)/t/b"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for version in ["1.0.0", "1.1.0"] {
            let schema: JSONValue = [
                "title": "t/b", "$id": .string("/t/b/\(version)"), "$schema": "http://json-schema.org/draft-07/schema#",
                "type": "object", "properties": ["n": ["type": "integer", "description": .string(version)]],
                "examples": [["n": 7]],
            ]
            try SmallFile.replace("\(folder)/\(version).json", with: schema.bytes)
        }
        var settings = SchemaSettings()
        settings.repositories = [directory.path]
        let library = try SchemaLibrary(settings, now: { 0 })
        return StreamSchemas(try catalogue(), library.shelf)
    }

    @Test func theAsyncAPIDocumentIsAsItWasKept() throws {
        let answer = AsyncAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer()
        try Golden.expect(String(decoding: answer.body, as: UTF8.self), matches: "asyncapi.json")
    }

    @Test func theNewestSchemaOfAStreamDescribesItsEvents() throws {
        let document = try JSONValue(
            OpenAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer().body)
        let content = document["paths"]?["/v2/stream/a"]?["get"]?["responses"]?["200"]?["content"]
        #expect(content?["application/x-ndjson"]?["schema"]?["$ref"] == "#/components/schemas/t_b")
        #expect(content?["application/x-ndjson"]?["example"] == ["n": 7] as JSONValue)
        let schema = document["components"]?["schemas"]?["t_b"]
        #expect(schema?["properties"]?["n"]?["description"] == "1.1.0" && schema?["x-schema-uri"] == "/t/b/1.1.0")
        #expect(schema?["$id"] == nil && schema?["$schema"] == nil)
    }

    @Test func streamsWhoseNamesLookAlikeHaveChannelsOfTheirOwn() throws {
        let alike = try StreamCatalogue(["gap", "a.b", "a_b", "a-b"].map { PublicStream($0) })
        let document = try JSONValue(AsyncAPIDocument.rendered(Self.info, alike, try schemas()).answer().body)
        guard case .object(let channels) = try #require(document["channels"]) else { return }
        #expect(channels.map(\.name) == ["a-b", "a_b", "a_b_2", "gap_2", "intake"])
        #expect(document["channels"]?["gap_2"]?["address"] == "/v2/stream/gap")
    }

    @Test func eachRouteOfTheTableThatIsToldHasItsPathParameters() throws {
        let document = try JSONValue(
            OpenAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer().body)
        guard case .object(let paths) = try #require(document["paths"]) else { return }
        for path in paths where path.name.contains("{") {
            let name = path.name.split(separator: "{")[1].dropLast()
            let parameters = path.value["get"]?["parameters"]?.array ?? []
            #expect(parameters.contains { $0["name"]?.string == String(name) && $0["in"] == "path" }, "\(path.name)")
        }
    }

    @Test func theSpecIsAsItWasKept() throws {
        let answer = OpenAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer()
        try Golden.expect(String(decoding: answer.body, as: UTF8.self), matches: "openapi.json")
    }

    @Test func theSpecHasTheNamesWhereClientsLook() throws {
        let document = try JSONValue(OpenAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer().body)
        let parameter = document["paths"]?["/v2/stream/{streams}"]?["get"]?["parameters"]?.array?.first
        #expect(parameter?["name"] == "streams" && parameter?["in"] == "path" && parameter?["required"] == true)
        #expect(parameter?["schema"]?["items"]?["enum"] == ["a", "b", "c"])
        #expect(document["info"]?["version"] == "1.2.3")
        let alias = document["paths"]?["/v2/stream/a"]?["get"]
        #expect(alias?["description"] == "All of b. Schema title: t/b. (NOTE: This stream is an alias of b.)")
        #expect(alias?["summary"] == "a events" && alias?["x-monitor"] == false)
        #expect(document["paths"]?["/v2/stream/c"]?["get"]?["description"] == "c events.")
        #expect(document["paths"]?["/v1/events"]?["post"]?["tags"] == ["intake"])
    }

    @Test func everyReferenceOfTheSpecLeadsSomewhere() throws {
        let document = try JSONValue(OpenAPIDocument.rendered(Self.info, try catalogue(), try schemas()).answer().body)
        var references: [String] = []
        func collect(_ value: JSONValue) {
            switch value {
            case .object(let members):
                for member in members {
                    if member.name == "$ref", let text = member.value.string { references.append(text) }
                    collect(member.value)
                }
            case .array(let values): values.forEach(collect)
            default: break
            }
        }
        collect(document)
        #expect(references.count > 30)
        for reference in Set(references) {
            let path = reference.split(separator: "/").dropFirst()
            let target = path.reduce(document as JSONValue?) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
    }

    @Test func theListingHasEveryStream() throws {
        let activity = ["b": StreamListing.Activity(newest: 1_795_255_200_000, rate: 1.23456, partitions: 5)]
        let answer = StreamListing.rendered(try catalogue(), activity: activity).answer()
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == #"{"streams":[{"name":"b","aliases":["a"],"description":"All of b.","schema_title":"t/b","topics":["x.b","y.b"],"partitions":5,"rate":1.235,"newest":"2026-11-21T10:00:00.000Z"},{"name":"c","aliases":[],"description":"c events.","schema_title":null,"topics":["c"],"partitions":1,"rate":null,"newest":null}]}"#
                + "\n")
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300, 0, 1e-9, 123_456.789])
    func anyRateGivesJSON(rate: Double) throws {
        let answer = StreamListing.rendered(try catalogue(), activity: ["c": .init(newest: .max, rate: rate)]).answer()
        _ = try JSONValue(answer.body)
    }

    @Test func infoAnswersItsParts() {
        #expect(Self.info.answer(.all).status == 200)
        #expect(String(decoding: Self.info.answer(.version).body, as: UTF8.self) == "{\"version\":\"1.2.3\"}\n")
        let home = Self.info.answer(.home)
        #expect(home.status == 301 && home.headers["location"] == "https://example.org/")
    }

    @Test func robotsAreKeptOut() {
        #expect(ServiceInfo.robots.body == Array("User-agent: *\nDisallow: /\n".utf8))
    }
}
