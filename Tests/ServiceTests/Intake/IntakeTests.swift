import Catalogue
import Endpoints
import EventLog
import EventLogTestKit
import HTTP
import Intake
import JSON
import System
import TestSupport
import Testing

@Suite struct IntakeTests {
    static let now: Timestamp = 1_795_255_200_123
    static let catalogue = try! StreamCatalogue([
        PublicStream("a", aliases: ["alias"], topics: ["eqiad.a", "codfw.a"]),
        PublicStream(
            "keyed", keyFields: [.init(name: "wiki_id", path: ["wiki"]), .init(name: "page_id", path: ["page", "id"])]),
    ])
    static let occurrence = Problem.Occurrence(method: "POST", uri: "/v1/events")

    private func request(_ text: String, limits: IntakeLimits = IntakeLimits()) throws(IntakeError) -> IntakeRequest {
        var random = SeededGenerator(seed: 1)
        return try IntakeRequest(
            body: Array(text.utf8), catalogue: Self.catalogue, now: Self.now, limits: limits, random: &random)
    }

    private func stored(_ text: String) throws -> String {
        let request = try request(text)
        #expect(request.failures.isEmpty)
        return String(decoding: try #require(request.accepted.first).record.value, as: UTF8.self)
    }

    @Test func aCompleteEventIsKeptByteForByte() throws {
        let text =
            #"{ "$schema":"/x/1.0.0" ,"meta":{"id":"i","dt":"2026-11-21T09:00:00Z","stream":"a"}, "n":1.50, "s":"\u00e9\/"}"#
        let request = try request(" \n\(text)\n")
        let event = try #require(request.accepted.first)
        #expect(event.record == NewRecord(topic: "eqiad.a", timestamp: 1_795_251_600_000, value: Array(text.utf8)))
        #expect(event.id == "i" && event.stream == "a" && event.index == 0 && request.count == 1)
    }

    @Test func whatIsMissingInMetaIsAddedAtItsEnd() throws {
        let id = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        let both = try Regex(
            #"\{"meta":\{ "stream" : "a","id":"\#(id)","dt":"2026-11-21T10:00:00\.123Z" \},"n":1\.0\}"#)
        #expect(try stored(#"{"meta":{ "stream" : "a" },"n":1.0}"#).wholeMatch(of: both) != nil)
        #expect(
            try stored(#"{"meta":{"id":"i","stream":"a"}}"#)
                == #"{"meta":{"id":"i","stream":"a","dt":"2026-11-21T10:00:00.123Z"}}"#)
        #expect(try request(#"{"meta":{"stream":"a"}}"#).accepted.first?.record.timestamp == Self.now)
    }

    @Test func lineBreaksBetweenTokensBecomeSpaces() throws {
        #expect(
            try stored("{\r\n\"meta\":{\"id\":\"i\",\n\"dt\":\"2026-11-21\",\"stream\":\"a\"},\"s\":\"\\n\"}")
                == "{  \"meta\":{\"id\":\"i\", \"dt\":\"2026-11-21\",\"stream\":\"a\"},\"s\":\"\\n\"}")
    }

    @Test func eachEventOfAnArrayStandsForItself() throws {
        let request = try request(
            #"[{"meta":{"stream":"a"}},7,{"meta":{"stream":"b","id":"x"}},{},{"meta":{"stream":"a","dt":"then"}},{"meta":{"stream":"a"}}]"#
        )
        #expect(request.accepted.map(\.index) == [0, 5])
        #expect(request.failures.map(\.index) == [1, 2, 3, 4])
        #expect(
            request.failures.map(\.error.code) == [
                "invalid_event", "stream_not_found", "invalid_event", "invalid_event",
            ])
        #expect(request.failures[1].id == "x")
        #expect(request.accepted[0].id != request.accepted[1].id)
    }

    @Test func theNameSuggestedForAnUnknownOneIsNoAlias() throws {
        let request = try request(#"{"meta":{"stream":"alia"}}"#)
        guard case .unknownStream(let unknown) = try #require(request.failures.first).error else {
            Issue.record("\(request.failures)")
            return
        }
        #expect(unknown.nearest == ["a"])
    }

    @Test(arguments: [
        (#"{"meta":[]}"#, "no object"), (#"{"meta":{}}"#, "no meta.stream"),
        (#"{"meta":{"stream":1}}"#, "meta.stream must be a string"),
        (#"{"meta":{"stream":"alias"}}"#, "the stream's own name, a"),
        (#"{"meta":{"stream":"a","stream":"a"}}"#, "meta.stream more than once"),
        (#"{"meta":{"stream":"a"},"m\u0065ta":{}}"#, "meta more than once"),
        (#"{"meta":{"stream":"a","dt":5}}"#, "meta.dt must be a string"),
        (#"{"meta":{"stream":"a","dt":null}}"#, "meta.dt must be a string"),
        (#"{"meta":{"stream":"a","id":""}}"#, "1 to 256 bytes"),
        (#"{"meta":{"stream":"a","dt":"PT1H"}}"#, "must be ISO 8601"),
        (#"{"meta":{"stream":"a","dt":"2026-02-30"}}"#, "must be ISO 8601"),
        (#"{"meta":{"stream":"a","dt":"2026-11-21T11:00:01Z"}}"#, "ahead of the server's"),
        (#"{"meta":{"stream":"a","dt":"9999-12-31"}}"#, "ahead of the server's"),
        (#"{"meta":{"stream":"keyed"},"wiki":"enwiki"}"#, "page.id"),
    ])
    func anEventThatCannotBeStoredSaysWhy(text: String, reason: String) throws {
        let request = try request(text)
        #expect(request.accepted.isEmpty)
        #expect(request.failures.first?.error.code == "invalid_event")
        #expect(request.failures.first?.error.description.contains(reason) == true, "\(request.failures)")
    }

    @Test(
        arguments: [
            ("", .badRequest), ("7", .badRequest), ("\"a\"", .badRequest), ("null", .badRequest), ("[]", .badRequest),
            ("{", .badRequest),
            ("{}{}", .badRequest), ("[{}", .badRequest), ("\u{FEFF}{}", .badRequest),
            (String(repeating: "[", count: 70), .badRequest),
            ("[{},{},{},{}]", .badRequest),
            (
                #"{"meta":{"stream":"a"},"s":"123456789012345678901234567890123456789012345678901234567890"}"#,
                .contentTooLarge
            ),
        ] as [(String, ProblemType)])
    func refusesABodyThatIsNoRequest(text: String, type: ProblemType) {
        #expect { try request(text, limits: IntakeLimits(body: 80, events: 3)) } throws: {
            ($0 as? IntakeError)?.code == type.rawValue
        }
    }

    @Test func theDepthThatReadersTakeIsTheDepthThatIsStored() throws {
        func nested(_ depth: Int) -> String {
            #"{"meta":{"stream":"a"},"x":"# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "}"
        }
        #expect(try request(nested(64)).accepted.count == 1)
        #expect(try request("[\(nested(64))]").accepted.count == 1)
        #expect(try request(nested(65)).failures.count == 1)
        // The others are no deeper for it.
        let mixed = try request("[\(nested(2)),\(nested(65)),\(nested(300)),\(nested(3))]")
        #expect(mixed.accepted.map(\.index) == [0, 3] && mixed.failures.map(\.index) == [1, 2])
        #expect(mixed.failures[0].error.description.contains("deeper than 64 levels"))
        #expect(throws: IntakeError.self) { try request("[\(nested(1_000))]") }
        #expect(throws: IntakeError.self) { try request("[\(nested(70).dropLast())]") }
    }

    @Test func theLimitCountsWhatIsAdded() throws {
        let text = #"{"meta":{"stream":"a"}}"#
        let size = try #require(try request(text).accepted.first).record.value.count
        #expect(size > text.utf8.count + 60)
        #expect(
            try request(text, limits: IntakeLimits(event: size - 1)).failures.first?.error.code == "content_too_large")
        #expect(try request(text, limits: IntakeLimits(event: size)).accepted.count == 1)
    }

    @Test func aByteOrderMarkIsNamed() throws {
        #expect { try request("\u{FEFF}{}") } throws: { "\($0)".contains("byte order mark") }
    }

    /// An index that is not the record's would have wrong fields filtered, redacted, and shown.
    @Test func aRecordsIndexIsTheOneThatAScanOfItGives() throws {
        let long = String(repeating: "x", count: 70_000)
        let texts = [
            #"{"meta":{"stream":"a"},"n":[1,{"b":"\n"}]}"#,
            #"{"z":{"y":[]}, "meta":{"id":"i","stream":"a","x":{"y":[1,2]}},"n":{}}"#,
            #"{"meta":{"stream":"a","dt":"2026-11-21","id":"i"},"ä":"ö"}"#,
            #"{"m\u0065ta":{"stream":"a"},"n":1}"#, "{\n\"meta\":\r\n{\"stream\":\"a\"}}",
            #"{"meta":{"stream":"a"},"long":"\#(long)","after":[[]]}"#,
        ]
        for body in texts + ["[" + texts.joined(separator: " , ") + "]"] {
            let request = try request(body)
            #expect(request.failures.isEmpty)
            for event in request.accepted {
                let index = event.record.index
                let indexed = JSONDocument(event.record.value, index: index.words, at: index.start)
                let scanned = try JSONDocument(event.record.value)
                #expect(indexed.tree(0) == scanned.tree(0))
                #expect(indexed.wordCount(of: 0) == scanned.wordCount(of: 0))
                #expect(indexed.hasEscapedNames == scanned.hasEscapedNames)
            }
        }
    }

    @Test func theKeyIsMadeOfTheConfiguredFields() throws {
        let request = try request(#"{"meta":{"stream":"keyed"},"wiki":"en\u0077iki","page":{"id":1.0}}"#)
        #expect(request.accepted.first?.record.key == Array(#"{"wiki_id":"en\u0077iki","page_id":1.0}"#.utf8))
        #expect(request.accepted.first?.record.topic == "keyed")
    }

    private func answer(_ text: String, _ results: [Result<Appended, LogError>]) throws -> (Int, JSONValue, Headers) {
        let outcome = IntakeOutcome(try request(text), results.map { IntakeOutcome.Fate($0) })
        let answer = Answer(outcome, Self.occurrence, retryAfter: 5)
        return (answer.status, try JSONValue(answer.body), answer.headers)
    }

    private let good = #"{"meta":{"stream":"a","id":"i"}}"#
    private let place = Appended(topicPartition: TopicPartition("eqiad.a", 2), offset: 9)

    @Test func allStoredIs201AndSaysWhere() throws {
        let (status, body, headers) = try answer(good, [.success(place)])
        #expect(status == 201 && headers["content-type"] == "application/json")
        #expect(
            String(decoding: body.bytes, as: UTF8.self)
                == #"{"status":201,"stored":1,"failed":0,"events":[{"index":0,"id":"i","status":201,"stream":"a","topic":"eqiad.a","partition":2,"offset":9}]}"#
        )
    }

    @Test func eachEventIsToldItsOwnPlaceWhateverThePlaceOfTheOneBeforeIt() throws {
        let keyed = #"{"meta":{"stream":"keyed"},"wiki":1,"page":{"id":1}}"#
        let places = [("eqiad.a", 2, 9), ("eqiad.a", 2, 10), ("eqiad.a", 1, 3), ("keyed", 1, 4), ("eqiad.a", 2, 11)]
        let (_, body, _) = try answer(
            "[\(good),\(good),\(good),\(keyed),\(good)]",
            places.map { .success(Appended(topicPartition: TopicPartition($0, Int32($1)), offset: Int64($2))) })
        let events = try #require(body["events"]?.array)
        #expect(events.map { $0["stream"]?.string } == ["a", "a", "a", "keyed", "a"])
        #expect(events.map { $0["topic"]?.string } == places.map(\.0))
        #expect(events.map { $0["partition"]?.integer } == places.map { Int64($0.1) })
        #expect(events.map { $0["offset"]?.integer } == places.map { Int64($0.2) })
    }

    @Test func someStoredIs207AndListsAllInOrder() throws {
        let (status, body, headers) = try answer(
            "[{},\(good),\(good),7]", [.failure(.full("disk")), .success(place)])
        #expect(status == 207 && headers["retry-after"] == "5")
        #expect(body["stored"] == 1 && body["failed"] == 3)
        let events = try #require(body["events"]?.array)
        #expect(events.compactMap { $0["index"]?.integer } == [0, 1, 2, 3])
        #expect(events.compactMap { $0["status"]?.integer } == [400, 503, 201, 400])
        #expect(events[1]["id"] == "i" && events[1]["type"] == "unavailable")
    }

    @Test(
        arguments: [
            (.full("the disk has 3 MB left"), 503, "unavailable"), (.unavailable("x"), 503, "unavailable"),
            (.closed, 503, "draining"),
            (.topicNotFound("x"), 503, "unavailable"), (.recordTooLarge(limit: 9), 413, "content_too_large"),
            (.invalid("secret path"), 500, "internal_error"),
        ] as [(LogError, Int, String)])
    func whatTheLogRefusesHasItsStatus(error: LogError, status: Int, type: String) throws {
        let answer = try answer(good, [.failure(error)])
        #expect(answer.0 == status && answer.1["type"]?.string == type)
        #expect((answer.2["retry-after"] != nil) == (status == 503))
        #expect(answer.1["detail"]?.string?.contains("secret") == false)
        if case .full(let reason) = error { #expect(answer.1["detail"]?.string?.contains(reason) == true) }
        #expect(answer.1["events"]?.array?.count == 1)
    }

    @Test func noneStoredIs400UnlessTryingAgainMayHelp() throws {
        #expect(try answer("[{},7]", []).0 == 400)
        #expect(try answer("[{},\(good)]", [.failure(.full("x"))]).0 == 503)
        #expect(try answer("[{},\(good)]", [.failure(.recordTooLarge(limit: 1))]).0 == 400)
        #expect(try answer(good, []).0 == 503)
        let (_, body, headers) = try answer("{}", [])
        #expect(headers["content-type"] == "application/problem+json")
        #expect(body["type"] == "invalid_event" && body["uri"] == "/v1/events")
    }

    @Test(
        arguments: [
            (nil, true), ("application/json", true), ("Application/JSON; charset=utf-8", true), ("text/plain", true),
            ("", false),
            ("application/jsonx", false),
        ] as [(String?, Bool)])
    func onlyWhatMayBeJSONIsRead(type: String?, isSupported: Bool) {
        #expect(IntakeQuery.isSupported(contentType: type) == isSupported)
    }

    private func intake(_ log: MemoryLog, now: Timestamp) -> Intake {
        Intake(log: log, limits: IntakeLimits(), catalogue: { Self.catalogue }, now: { now })
    }

    @Test func aLogWithoutRoomSaysInTheAnswerHowMuchThereIsAndWhere() async throws {
        let log = MemoryLog()
        log.failAppends(1, with: .full("17 bytes are free in /data, and the log leaves 100 free"))
        let outcome = try await intake(log, now: Self.now).store(Array(#"{"meta":{"stream":"a"}}"#.utf8))
        guard case .refused(let error)? = outcome.events.first?.fate else {
            Issue.record("it was stored")
            return
        }
        #expect(error.isTemporary)
        #expect(error.description.contains("17 bytes are free in /data, and the log leaves 100 free"))
    }

    @Test func aClockThatWasNeverSetMakesThePostWorthAnotherTry() async throws {
        let event = Array(#"{"meta":{"stream":"a","dt":"2026-11-21T09:00:00Z"}}"#.utf8)
        do throws(IntakeError) {
            _ = try await intake(MemoryLog(), now: 5_000).store(event)
            Issue.record("it was taken")
        } catch {
            #expect(error.isTemporary && error.description.contains("1970-01-01T00:00:05"))
        }
    }

    @Test func anyBodyIsReadOrRefusedAndWhatIsAcceptedIsJSON() throws {
        var generator = SeededGenerator(seed: 9)
        let pieces = [
            #"{"meta":"#, #"{"stream":"a"}"#, "}", "[", "]", ",", #""dt":"2026-11-21","#, #""id":"x""#, ":", "{", "\n",
            #""meta""#,
        ]
        for _ in 0..<20_000 {
            guard let request = try? request(generator.text(of: pieces, upTo: 12)) else { continue }
            for event in request.accepted {
                let value = try JSONValue(event.record.value)
                #expect(value["meta"]?["stream"] == "a" && value["meta"]?["id"]?.string == event.id)
                #expect(!event.record.value.contains(0x0A))
            }
        }
    }
}
