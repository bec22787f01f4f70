import Catalogue
import Endpoints
import EventLog
import EventLogTestKit
import Events
import HTTP
import Intake
import JSON
import JSONSchema
import Synchronization
import Testing

/// What the intake does by the schemas of events, as EventGate does it.
@Suite struct ValidationTests {
    /// Schemas in memory: known at once, or only when they are waited for.
    private struct Shelf: SchemaSource {
        var schemas: [String: CompiledSchema]
        var isKnown = true

        func schema(at uri: String) async throws(SchemaError) -> CompiledSchema {
            if uri == "/hangs/1.0.0" {
                // This source never answers: the test gives up on it at once.
                try? await Task.sleep(for: .seconds(3600))
            }
            guard let schema = schemas[uri] else { throw SchemaError(.notFound, "there is no such schema.") }
            return schema
        }

        func knownSchema(at uri: String) -> CompiledSchema? { isKnown ? schemas[uri] : nil }
    }

    private static let schema = #"""
        {"title":"test/event","$id":"/test/event/1.0.0","type":"object","required":["$schema","meta"],"properties":{
        "$schema":{"type":"string"},"meta":{"type":"object","required":["dt","stream"],"properties":{"dt":{"type":"string",
        "format":"date-time","maxLength":128},"stream":{"type":"string","minLength":1}}},
        "test":{"type":"string","default":"default value"}}}
        """#

    private func intake(
        _ log: MemoryLog, isKnown: Bool = true, requiresSchema: Bool = false,
        patience: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(600)) }
    ) throws -> Intake {
        let compiled = try CompiledSchema(JSONValue(Array(Self.schema.utf8)))
        let other = try CompiledSchema(["title": "test/other"])
        let catalogue = try StreamCatalogue([
            PublicStream("test.event", schemaTitle: "test/event"), PublicStream("free"),
            PublicStream("errors"),
        ])
        return Intake(
            log: log, limits: IntakeLimits(),
            validation: EventValidation(
                Shelf(schemas: ["/test/event/1.0.0": compiled, "/test/other/1.0.0": other], isKnown: isKnown),
                requiresSchema: requiresSchema, patience: patience),
            errorEvents: ErrorEvents(stream: "errors", emitter: "tests"),
            catalogue: { catalogue }, now: { 1_795_255_200_123 })
    }

    private func log() -> MemoryLog { MemoryLog(topics: ["test.event": 1, "free": 1, "errors": 1]) }

    private func values(_ log: MemoryLog, _ topic: String) async throws -> [String] {
        try await log.read(TopicPartition(topic, 0), from: 0, limit: ReadLimit()).records.map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }

    private func post(_ intake: Intake, _ body: String, requestID: String? = nil) async throws -> IntakeOutcome {
        try await intake.store(Array(body.utf8), facts: IntakeFacts(requestID: requestID))
    }

    private static let right =
        #"{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","dt":"2026-11-21T10:00:00Z","id":"a"},"test":"x" }"#

    @Test(arguments: [true, false])
    func anEventThatNeedsNothingIsStoredByteForByte(_ isKnown: Bool) async throws {
        let log = log()
        let outcome = try await post(try intake(log, isKnown: isKnown), Self.right)
        #expect(outcome.stored == 1)
        #expect(try await values(log, "test.event") == [Self.right])
    }

    @Test func whatIsMissingIsFilledInAndNothingElse() async throws {
        let log = log()
        let event = #"{ "$schema":"/test/event/1.0.0","meta":{"stream":"test.event","id":"a"},"n":1.50}"#
        #expect(try await post(try intake(log), event, requestID: "r").stored == 1)
        #expect(
            try await values(log, "test.event") == [
                #"{ "$schema":"/test/event/1.0.0","meta":{"stream":"test.event","id":"a","dt":"2026-11-21T10:00:00.123Z","request_id":"r"},"n":1.50,"test":"default value"}"#
            ])
    }

    @Test func theIndexOfAFilledEventIsThatOfItsBytes() async throws {
        let log = log()
        _ = try await post(try intake(log), #"{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"}}"#)
        let record = try await log.read(TopicPartition("test.event", 0), from: 0, limit: ReadLimit()).records[0]
        let scanned = try JSONDocument(record.value)
        #expect(scanned.string(scanned.value(at: ["test"])) == "default value")
        try #require(!record.index.isEmpty)
        let kept = JSONDocument(record.value, index: record.index.words, at: record.index.start)
        #expect(kept.tree(kept.root) == scanned.tree(scanned.root))
    }

    @Test(arguments: [
        (#"{"meta":{"stream":"test.event"}}"#, "no $schema"),
        (#"{"$schema":1,"meta":{"stream":"test.event"}}"#, "$schema must be a string"),
        (
            #"{"$schema":"bad/uri/right/here@@@","meta":{"stream":"test.event"}}"#,
            "Failed loading schema at bad/uri/right/here@@@"
        ),
        (#"{"$schema":"/test/other/1.0.0","meta":{"stream":"test.event"}}"#, "have a schema titled test/event"),
        (#"{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event"},"test":1}"#, "'.test' should be string"),
        (#"{"$schema":"/test/event/1.0.0","meta":{"stream":"none"}}"#, "none"),
    ])
    func aWrongEventIsRefusedAndTheRestIsStored(_ event: String, _ reason: String) async throws {
        let log = log()
        let outcome = try await post(try intake(log), "[\(Self.right),\(event)]")
        #expect(outcome.stored == 1)
        #expect(outcome.events.map(\.index) == [0, 1])
        #expect(outcome.refusals.count == 1)
        #expect(outcome.refusals.first?.description.contains(reason) == true)
        #expect(try await values(log, "test.event") == [Self.right])
    }

    @Test func aStreamWithoutATitleTakesEventsAsTheyAreUnlessSchemasAreRequired() async throws {
        let event = #"{"meta":{"stream":"free","dt":"2026-11-21T10:00:00Z","id":"a"}}"#
        let log = log()
        #expect(try await post(try intake(log), event).stored == 1)
        #expect(try await values(log, "free") == [event])
        let outcome = try await post(try intake(log, requiresSchema: true), event)
        #expect(outcome.refusals.first?.description.contains("has no schema_title") == true)
    }

    @Test func aSourceThatHangsDelaysOnlyForAsLongAsARequestIsPatient() async throws {
        let log = log()
        let hanging = #"{"$schema":"/hangs/1.0.0","meta":{"stream":"test.event"}}"#
        let outcome = try await post(
            try intake(log, isKnown: false, patience: {}), "[\(hanging),\(Self.right)]")
        #expect(outcome.refusals.first?.isTemporary == true)
        #expect(outcome.refusals.first?.description.contains("takes too long") == true)
    }

    @Test func anEventThatDoesNotFollowItsSchemaIsToldInTheErrorStream() async throws {
        let log = log()
        let wrong = #"{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","id":"a","domain":"d"},"test":1}"#
        _ = try await post(try intake(log), wrong)
        while try await values(log, "errors").isEmpty { await Task.yield() }
        let told = try JSONValue(Array(try await values(log, "errors")[0].utf8))
        #expect(told["$schema"] == "/error/2.1.0")
        #expect(told["emitter_id"] == "tests")
        #expect(told["message"] == "'.test' should be string")
        #expect(told["errored_schema_uri"] == "/test/event/1.0.0")
        #expect(told["errored_stream_name"] == "test.event")
        #expect(told["meta"]?["domain"] == "d" && told["meta"]?["request_id"] == "unknown")
        #expect(told["raw_event"]?.string?.contains(#""test":1"#) == true)
    }

    // MARK: Answers

    private static let occurrence = Problem.Occurrence(method: "POST", uri: "/v1/events")
    private static let wrong =
        #"{"$schema":"/test/event/1.0.0","meta":{"stream":"test.event","dt":"2026-11-21T10:00:00Z","id":"b"},"test":1}"#
    private static let lost =
        #"{"$schema":"/test/event/1.0.0","meta":{"stream":"none","dt":"2026-11-21T10:00:00Z","id":"c"}}"#

    @Test(
        arguments: [
            ([right], 201, nil), ([right, right], 201, nil), ([right, wrong], 207, ["invalid", "error"]),
            ([wrong], 400, ["invalid"]), ([wrong, wrong], 400, ["invalid"]), ([lost], 500, ["invalid", "error"]),
            ([wrong, lost], 500, ["invalid", "error"]), ([right, lost], 207, ["invalid", "error"]),
        ] as [([String], Int, [String]?)])
    func answersMayHaveTheStatusesAndMembersOfEventGate(_ events: [String], _ status: Int, _ names: [String]?)
        async throws
    {
        let outcome = try await post(try intake(log()), "[\(events.joined(separator: ","))]")
        let answer = Answer.eventGate(outcome, isHasty: false)
        #expect(answer.status == status)
        guard let names else {
            #expect(answer.body.isEmpty)
            return
        }
        guard case .object(let members) = try JSONValue(answer.body) else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name) == names)
    }

    @Test func aFailedEventIsToldWithItsPlaceItselfAndWhatIsWrong() async throws {
        let outcome = try await post(try intake(log()), "[\(Self.right),\(Self.wrong),\(Self.lost)]")
        for answer in [Answer.eventGate(outcome, isHasty: false), Answer(outcome, Self.occurrence, retryAfter: 2)] {
            #expect(answer.status == 207)
            let body = try JSONValue(answer.body)
            let invalid = body["invalid"]?.array?.first
            #expect(invalid?["status"] == "invalid" && invalid?["index"] == 1)
            #expect(invalid?["event"]?["meta"]?["id"] == "b")
            #expect(invalid?["context"]?["errorsText"] == "'.test' should be string")
            let error = invalid?["context"]?["errors"]?.array?.first
            #expect(error?["keyword"] == "type" && error?["dataPath"] == ".test")
            #expect(error?["schemaPath"] == "#/properties/test/type")
            let other = body["error"]?.array?.first
            #expect(other?["status"] == "error" && other?["index"] == 2 && other?["event"]?["meta"]?["id"] == "c")
            #expect(other?["context"]?["message"]?.string?.contains("none") == true)
        }
    }

    @Test func whatHasNoEventIsRefusedWithoutABodyAsEventGateDoes() throws {
        let empty = Answer.eventGate(.noEvents, Self.occurrence)
        #expect(empty.status == 400 && empty.body.isEmpty)
        let unreadable = Answer.eventGate(.invalidRequest("The body isn't JSON."), Self.occurrence)
        #expect(unreadable.status == 500)
        #expect(try JSONValue(unreadable.body)["type"] == "internal_error")
    }

    @Test func aBatchOfFiftyThousandEventsIsValidatedAndStored() async throws {
        let log = log()
        let catalogue = try StreamCatalogue([PublicStream("test.event", schemaTitle: "test/event")])
        let schema = try CompiledSchema(JSONValue(Array(Self.schema.utf8)))
        let intake = Intake(
            log: log, limits: IntakeLimits(body: 64 << 20, events: 100_000),
            validation: EventValidation(Shelf(schemas: ["/test/event/1.0.0": schema])), catalogue: { catalogue },
            now: { 1_795_255_200_123 })
        let body = "[" + Array(repeating: Self.right, count: 50_000).joined(separator: ",") + "]"
        #expect(try await post(intake, body).stored == 50_000)
    }

    @Test func aBodyOfTextIsReadAsJSON() {
        for type in ["text/plain;charset=UTF-8", "application/reports+json", "Application/JSON", nil] {
            #expect(IntakeQuery.isSupported(contentType: type))
        }
        #expect(!IntakeQuery.isSupported(contentType: "application/x-www-form-urlencoded"))
    }
}
