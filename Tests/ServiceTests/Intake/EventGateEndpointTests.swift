import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import Server
import Testing

/// What EventGate has beside `POST /v1/events`.
@Suite(.serialized) struct EventGateEndpointTests {
    private func ask(
        _ live: LiveService, _ target: String, _ method: String = "GET", _ headers: [HTTPClientField] = [],
        body: String = ""
    ) async throws -> HTTPClientResponse {
        let url = "http://127.0.0.1:\(live.service.ports.intake)\(target)"
        return try await live.client.send(HTTPClientRequest(method, url, headers: headers, body: Array(body.utf8)))
    }

    @Test func theIntakeTellsWhatItIs() async throws {
        let live = try await LiveService.start()
        #expect(try JSONValue(try await ask(live, "/_info/name").body) == ["name": "test"])
        #expect(try await ask(live, "/_info/x").head.status == 404)
        #expect(try JSONValue(try await ask(live, "/?spec").body)["paths"]?["/v1/events"]?["post"] != nil)
        #expect(try await ask(live, "/").head.status == 404)
        #expect(try JSONValue(try await ask(live, "/?doc").body)["type"] == "not_found")
        #expect(try await ask(live, "/robots.txt").head.status == 200)
        let configuration = try JSONValue(try await ask(live, "/v1/stream-configs").body)
        #expect(configuration["streams"] != nil)
        await live.stop()
    }

    @Test func testEventsArePostedByAskingForThem() async throws {
        let events = Array(#"[{"meta":{"stream":"pages"}},{"meta":{"stream":"none"}}]"#.utf8)
        var live = try await LiveService.start { $0.testEvents = events }
        for offset in 0..<2 {
            let answer = try await ask(live, "/v1/_test/events")
            #expect(answer.head.status == 207)
            #expect(try JSONValue(answer.body)["events"]?.array?.first?["offset"] == .integer(offset))
        }
        await live.stop()
        live = try await LiveService.start { $0.testEvents = Array(#"{"meta":{"stream":"pages"}}"#.utf8) }
        #expect(try await ask(live, "/v1/_test/events?hasty=true").head.status == 202)
        await live.stop()
        live = try await LiveService.start()
        #expect(try await ask(live, "/v1/_test/events").head.status == 404)
        await live.stop()
    }

    @Test func aBrowsersReportsGetTheirStreamAndSchemaFromTheQuery() async throws {
        let live = try await LiveService.start()
        let type = [HTTPClientField("Content-Type", "application/reports+json")]
        let body = #"[{"type":"csp-violation","age":7},{"meta":{"stream":"other"},"$schema":"/x"},{"meta":{}},3]"#
        let answer = try await ask(live, "/v1/events?stream=pages&schema_uri=/r/1.0.0", "POST", type, body: body)
        #expect(answer.head.status == 207)
        let statuses = try JSONValue(answer.body)["events"]?.array?.map { $0["status"]?.integer }
        #expect(statuses == [201, 201, 201, 400])
        let records = try await live.log.read(LiveService.topic, from: 0, limit: ReadLimit()).records
        #expect(try records.map { try JSONValue($0.value)["$schema"] } == ["/r/1.0.0", "/r/1.0.0"])
        #expect(try JSONValue(records[0].value)["type"] == "csp-violation")
        let other = try await live.log.read(TopicPartition("dc.other", 0), from: 0, limit: ReadLimit()).records
        #expect(try other.map { try JSONValue($0.value)["$schema"] } == ["/x"])
        let wrong = try await ask(live, "/v1/events?streams=pages", "POST", type, body: body)
        #expect(wrong.head.status == 400)
        await live.stop()
    }

    @Test func aPagesPreflightIsAnsweredForTheOriginThatIsSet() async throws {
        for (origin, allowed) in [("*", "*"), ("https://example.org", "https://example.org"), ("", nil)] {
            let live = try await LiveService.start { $0.intakeOrigin = origin }
            let preflight = try await ask(live, "/v1/events", "OPTIONS").head
            #expect(preflight.status == 204)
            #expect(preflight["Access-Control-Allow-Origin"] == allowed)
            let headers = preflight["Access-Control-Allow-Headers"]
            #expect(headers?.contains("content-type") == (allowed == nil ? nil : true))
            #expect(headers?.contains("idempotency-key") == (allowed == nil ? nil : true))
            for body in [#"{"meta":{"stream":"pages"}}"#, "{", ""] {
                #expect(
                    try await ask(live, "/v1/events", "POST", body: body).head["Access-Control-Allow-Origin"] == allowed
                )
            }
            // Streams are for everybody all the same.
            #expect(try await live.get("/v2/stream").head["Access-Control-Allow-Origin"] == "*")
            await live.stop()
        }
    }
}
