import EventFormats
import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import Server
import Testing

/// Streams of which clients see only what passes their filter.
@Suite(.timeLimit(.minutes(2))) struct FilteredStreamTests {
    private func put(_ live: LiveService, _ number: Int, wiki: String) {
        let text = #"{"number":\#(number),"wiki":"\#(wiki)","meta":{"stream":"pages"}}"#
        live.log.put(LiveService.topic, timestamp: 1000 + Timestamp(number), value: Array(text.utf8))
    }

    private func query(_ expression: String) -> String {
        expression.utf8.map { byte in
            byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    @Test func onlyWhatPassesIsSentLiveAndFromHistory() async throws {
        let live = try await LiveService.start()
        for number in 0..<10 { put(live, number, wiki: number % 5 == 0 ? "rare" : "frequent") }
        let old = try await live.open("/v2/stream/pages?since=0&match.wiki=rare")
        #expect(try await old.numbers(2) == [0, 5])
        let both = try await live.open("/v2/stream/pages?filter=\(query(#"wiki == "rare" && number > 5"#))")
        _ = try await both.next()
        for number in 10..<16 { put(live, number, wiki: number % 5 == 0 ? "rare" : "frequent") }
        #expect(try await old.numbers(2) == [10, 15])
        #expect(try await both.numbers(2) == [10, 15])
        await live.stop()
    }

    @Test func anIDOfWhatWasHiddenLeadsOn() async throws {
        let live = try await LiveService.start()
        put(live, 0, wiki: "rare")
        for number in 1..<50 { put(live, number, wiki: "frequent") }
        let stream = try await live.open("/v2/stream/pages?since=0&match.wiki=rare&heartbeat=1")
        #expect(try await stream.numbers(1) == [0])
        // The client moves on though it is shown nothing.
        var id = ""
        while !id.contains(#""offset":50"#) {
            if case .progress(let bytes) = try await stream.next() { id = String(decoding: bytes, as: UTF8.self) }
        }
        put(live, 50, wiki: "rare")
        let again = try await live.open("/v2/stream/pages?match.wiki=rare", id: id)
        #expect(try await again.numbers(1) == [50])
        await live.stop()
    }

    @Test func theLastNAreOfThoseThatPass() async throws {
        let live = try await LiveService.start()
        for number in 0..<40 { put(live, number, wiki: number % 10 == 0 ? "rare" : "frequent") }
        let stream = try await live.open("/v2/stream/pages?last=3&match.wiki=rare")
        #expect(try await stream.numbers(3) == [10, 20, 30])
        await live.stop()
    }

    @Test func aLimitCountsWhatIsSent() async throws {
        let live = try await LiveService.start()
        for number in 0..<40 { put(live, number, wiki: number % 10 == 0 ? "rare" : "frequent") }
        let stream = try await live.open("/v2/stream/pages?since=0&limit=2&match.wiki=rare")
        #expect(try await stream.numbers(2) == [0, 10])
        await #expect(throws: LiveStream.Ended.self) { try await stream.event() }
        await live.stop()
    }

    @Test func aLongFilterMayBePosted() async throws {
        let live = try await LiveService.start()
        for number in 0..<4 { put(live, number, wiki: number == 2 ? "rare" : "frequent") }
        let url = "http://127.0.0.1:\(live.service.ports.streams)/v2/stream/pages"
        let bodies = [
            ("application/json", #"{"filter":"wiki == \"rare\"","since":"0","limit":1}"#),
            ("application/x-www-form-urlencoded; charset=utf-8", "match.wiki=rare&since=0&limit=1"),
        ]
        for (type, body) in bodies {
            let answer = try await live.client.send(
                HTTPClientRequest(
                    "POST", url, headers: [HTTPClientField("Content-Type", type)], body: Array(body.utf8)))
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.head.status == 200 && text.contains(#""number":2"#), "\(text)")
        }
        for (type, body, status) in [
            ("text/plain", "x", 415), ("application/json", "[]", 400), ("application/json", #"{"filter":[]}"#, 400),
            ("application/x-www-form-urlencoded", "limit=1&limit=2", 400),
        ] {
            let answer = try await live.client.send(
                HTTPClientRequest(
                    "POST", url, headers: [HTTPClientField("Content-Type", type)], body: Array(body.utf8)))
            #expect(answer.head.status == status)
        }
        await live.stop()
    }

    @Test func whatIsNoFilterIsRefusedWithThePlace() async throws {
        let live = try await LiveService.start()
        let answer = try await live.get("/v2/stream/pages?filter=\(query("wiki == "))")
        let problem = try JSONValue(answer.body)
        #expect(answer.head.status == 400 && problem["type"] == "invalid_filter" && problem["parameter"] == "filter")
        #expect((problem["column"]?.integer ?? 0) > 7)
        await live.stop()
    }

    @Test func aFilterIsToldInWordsAndTriedOnTheNewestEvents() async throws {
        let live = try await LiveService.start()
        for number in 0..<10 { put(live, number, wiki: number % 5 == 0 ? "rare" : "frequent") }
        let stream = try await live.open("/v2/stream/pages?since=0")
        _ = try await stream.numbers(10)
        let asked = "filter=\(query(#"wiki == "rare" && nmber == 5"#))"
        let answer = try JSONValue(try await live.get("/v2/filter?stream=pages&\(asked)").body)
        #expect(answer["events"] == 10 && answer["matching"] == 0 && answer["match"] == .null)
        #expect(answer["other"]?["wiki"] != nil && answer["words"]?.string?.isEmpty == false)
        #expect(answer["warnings"]?.array?.contains { $0.string?.contains("number") == true } == true)
        let right = try JSONValue(try await live.get("/v2/filter?stream=pages&match.wiki=rare").body)
        #expect(right["matching"] == 2 && right["match"]?["number"] == 5 && right["warnings"] == [])
        for (target, status) in [
            ("/v2/filter", 400), ("/v2/filter?stream=pages", 400), ("/v2/filter?stream=none&filter=bot", 404),
            ("/v2/filter?filter=bot&since=1", 400), ("/v2/filter?filter=bot", 200), ("/v2/filter?filter=%3D", 400),
        ] {
            #expect(try await live.get(target).head.status == status, "\(target)")
        }
        await live.stop()
    }
}
