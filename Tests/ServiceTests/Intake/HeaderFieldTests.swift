import Catalogue
import EventLog
import EventLogTestKit
import Intake
import JSON
import JSONSchema
import Testing

/// Header fields that become a part of events (`producers.eventgate.enrich_fields_from_http_headers`).
@Suite struct HeaderFieldTests {
    private struct Shelf: SchemaSource {
        let known: CompiledSchema
        func schema(at uri: String) async throws(SchemaError) -> CompiledSchema { known }
        func knownSchema(at uri: String) -> CompiledSchema? { known }
    }

    private static let schema = #"""
        {"title":"t","type":"object","properties":{"meta":{"type":"object","properties":{"request_id":{"type":"string"}}},
        "http":{"type":"object","properties":{"client_ip":{"type":"string"},"request_headers":{"type":"object",
        "properties":{"user-agent":{"type":"string"}}}}}}}
        """#

    private static let sent = [
        "x-client-ip": "192.0.2.7", "user-agent": "Tests/1 \"quoted\"", "x-trace": "abc", "x-request-id": "r",
    ]

    /// What is stored of an event of a stream with these settings.
    private func stored(
        _ event: String, _ settings: String = "{}", schema: String = Self.schema, sent: [String: String] = Self.sent
    ) async throws -> String {
        let log = MemoryLog(topics: ["s": 1])
        let text =
            #"{"s":{"schema_title":"t","producers":{"eventgate":{"enrich_fields_from_http_headers":\#(settings)}}}}"#
        let streams = try StreamDocument.streams(
            in: JSONValue(Array(text.utf8)), path: nil, defaults: nil, overrides: nil)
        let catalogue = try StreamCatalogue(streams)
        let validation = EventValidation(Shelf(known: try CompiledSchema(JSONValue(Array(schema.utf8)))))
        let intake = Intake(
            log: log, limits: IntakeLimits(), validation: validation, catalogue: { catalogue },
            now: { 1_795_255_200_123 })
        let facts = IntakeFacts(requestID: sent["x-request-id"], field: { sent[$0] })
        #expect(try await intake.store(Array(event.utf8), facts: facts).refusals == [])
        let records = try await log.read(TopicPartition("s", 0), from: 0, limit: ReadLimit()).records
        return records.map { String(decoding: $0.value, as: UTF8.self) }.joined()
    }

    private func event(_ rest: String = "", requestID: String = "") -> String {
        #"{"$schema":"/t/1.0.0","meta":{"stream":"s","id":"i","dt":"2026-11-21T10:00:00Z"\#(requestID)}\#(rest)}"#
    }

    @Test func theClientsAddressIsCopiedWhereTheSchemaHasRoomForIt() async throws {
        let id = #","request_id":"r""#
        #expect(
            try await stored(event()) == event(#","http":{"client_ip":"192.0.2.7"}"#, requestID: id))
        #expect(try await stored(event(), schema: #"{"title":"t"}"#) == event(requestID: id))
        #expect(try await stored(event(), sent: [:]) == event())
    }

    @Test func aStreamSaysWhatIsCopiedAndWhatIsNot() async throws {
        let settings = #"{"http.request_headers.user-agent":"User-Agent","x":"x-trace","meta.request_id":false}"#
        #expect(
            try await stored(event(), settings)
                == event(
                    #","http":{"client_ip":"192.0.2.7","request_headers":{"user-agent":"Tests/1 \"quoted\""}}"#))
        #expect(
            try await stored(event(), #"{"http.client_ip":false,"meta.request_id":"X-Trace"}"#)
                == event(requestID: #","request_id":"abc""#))
        #expect(
            try await stored(event(), #"{"http.client_ip":false,"meta.request_id":"X-Request-Id"}"#)
                == event(requestID: #","request_id":"r""#))
    }

    @Test(arguments: [#","http":{"client_ip":"mine"}"#, #","http":{"client_ip":""}"#])
    func whatTheEventHasStays(rest: String) async throws {
        #expect(try await stored(event(rest), #"{"meta.request_id":false}"#) == event(rest))
    }

    @Test func aValueThatIsTooLongIsLeftOut() async throws {
        let sent = ["x-client-ip": String(repeating: "1", count: 4097)]
        #expect(try await stored(event(), sent: sent) == event())
    }

    @Test(arguments: [#"{"a":1}"#, #"{"a":true}"#, #"{"a":""}"#, #"{"a..b":"x"}"#, #"[]"#, #""x""#])
    func whatIsNoMappingOfPathsToNamesIsRefused(settings: String) async throws {
        await #expect(throws: CatalogueError.self) { try await stored(event(), settings) }
    }
}
