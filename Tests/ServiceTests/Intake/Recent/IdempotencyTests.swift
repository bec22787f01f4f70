import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import Server
import Testing

/// Events that are sent again, as clients see it.
@Suite(.serialized) struct IdempotencyTests {
    private let event = #"{"meta":{"stream":"pages","id":"x"},"n":1}"#

    private func post(_ live: LiveService, _ body: String, key: String? = nil) async throws -> HTTPClientResponse {
        var headers = [HTTPClientField("Content-Type", "application/json")]
        if let key { headers.append(HTTPClientField("Idempotency-Key", key)) }
        let url = "http://127.0.0.1:\(live.service.ports.intake)/v1/events"
        return try await live.client.send(HTTPClientRequest("POST", url, headers: headers, body: Array(body.utf8)))
    }

    private func next(_ log: MemoryLog) async throws -> Offset { try await log.bounds(of: LiveService.topic).next }

    @Test func theAnswerTellsADuplicateAndWhereItIs() async throws {
        let live = try await LiveService.start()
        #expect(try await post(live, event).head["Duplicate-Events"] == nil)
        let answer = try await post(live, "[\(event),{\"meta\":{\"stream\":\"pages\"}}]")
        #expect(answer.head.status == 201 && answer.head["Duplicate-Events"] == "1")
        let body = try JSONValue(answer.body)
        #expect(body["stored"] == 2 && body["failed"] == 0 && body["duplicates"] == 1)
        let events = body["events"]?.array ?? []
        #expect(events.map { $0["offset"] } == [0, 1] && events.map { $0["duplicate"] } == [true, nil])
        #expect(try await next(live.log) == 2)
        await live.stop()
    }

    @Test func aRequestWithAKeyIsStoredOnceAlsoByTheServerAfterThisOne() async throws {
        let (log, key) = (MemoryLog(), "4be5b4a2-a0d6-4b3c-9d3f-6f4d6b3a0c11")
        let body = #"[{"meta":{"stream":"pages"}},{"meta":{"stream":"pages"}}]"#
        var live = try await LiveService.start(log: log)
        let first = try JSONValue(try await post(live, body, key: key).body)
        #expect(first["duplicates"] == nil)
        // Started over the records alone, as they are on a disk.
        let copy = MemoryLog(topics: [LiveService.topic.topic: 1])
        for record in try await log.read(LiveService.topic, from: 0, limit: ReadLimit()).records {
            copy.put(LiveService.topic, timestamp: record.timestamp, value: record.value)
        }
        await live.stop()
        live = try await LiveService.start(log: copy)
        let again = try JSONValue(try await post(live, body, key: key).body)
        #expect(again["duplicates"] == 2)
        #expect(again["events"]?.array?.map { $0["id"] } == first["events"]?.array?.map { $0["id"] })
        #expect(try await next(copy) == 2)
        await live.stop()
    }

    @Test func aKeyThatIsNoneIsRefused() async throws {
        let live = try await LiveService.start()
        let answer = try await post(live, event, key: "1")
        #expect(answer.head.status == 400)
        #expect(try JSONValue(answer.body)["detail"]?.string?.contains("16 to 256") == true)
        #expect(try await next(live.log) == 0)
        await live.stop()
    }

    @Test func whatAnotherServerHasStoredIsKnownOnceItWasRead() async throws {
        let live = try await LiveService.start()
        let stream = try await live.open("/v2/stream/pages")
        live.log.put(LiveService.topic, timestamp: 1, value: Array(event.utf8))
        _ = try await stream.event()
        let answer = try JSONValue(try await post(live, event).body)
        #expect(answer["duplicates"] == 1 && answer["events"]?.array?.first?["offset"] == 0)
        await live.stop()
    }

    @Test func whatWasInATopicThatWasMadeAnewMayBeStoredAgain() async throws {
        let live = try await LiveService.start()
        #expect(try await post(live, event).head.status == 201)
        live.log.recreateTopic(LiveService.topic.topic, partitions: 1)
        // Until the server has noticed.
        var answer: JSONValue
        repeat { answer = try JSONValue(try await post(live, event).body) } while answer["duplicates"] == 1
        #expect(answer["stored"] == 1 && answer["events"]?.array?.first?["offset"] == 0)
        #expect(try await next(live.log) == 1)
        await live.stop()
    }
}
