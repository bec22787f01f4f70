import Clients
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConsumeCommandTests {
    /// Events of numbers, as a server sends them.
    private static func text(_ range: ClosedRange<Int>) -> String {
        range.map { "event: message\nid: i\($0)\ndata: {\"n\":\($0)}\n\n" }.joined()
    }

    private static func lines(_ range: ClosedRange<Int>) -> [String] { range.map { "{\"n\":\($0)}" } }

    /// Goes on after the id it is asked for, and cuts every connection after `cut` bytes of events.
    private static func server(count: Int, cut: Int) throws -> ScriptedServer {
        try ScriptedServer { number, request in
            // Now and then there is no stream at all.
            if number % 4 == 3 { return [.answer(503, headers: ["Retry-After: 1", "Content-Type: text/plain"])] }
            let last = Int(request.headers["last-event-id"]?.dropFirst() ?? "0") ?? 0
            guard last < count else { return [.streamHead, .awaitClose] }
            let rest = Array(text(last + 1...count).utf8)
            return [.streamHead, .send(String(decoding: rest.prefix(cut), as: UTF8.self)), .close]
        }
    }

    @Test(arguments: [60, 97, 131, 500]) func cutsAnywhereLoseAndDoubleNothing(cut: Int) async throws {
        let server = try Self.server(count: 40, cut: cut)
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url + "/v2/stream/a"], limit: 40)
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...40))
        #expect(server.requests.count > 2)
    }

    @Test func theLimitCountsAllStreams() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send(Self.text(1...30)), .awaitClose] }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url + "/a", server.url + "/b"], limit: 45)
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines.count == 45)
        await server.clientClosed()
    }

    @Test func aRerunGoesOnAfterTheLastPrinted() async throws {
        let server = try Self.server(count: 20, cut: 10_000)
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let url = server.url + "/a"
        var options = ConsumeOptions(urls: [url], limit: 7, id: "i2", stateFile: directory.path + "/state")
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(directory.text("state") == "{\"\(url)\":\"i9\"}\n")
        options.limit = 11
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(3...20))
        #expect(directory.names == ["state"])
    }

    @Test func aReaderThatLeavesEndsItQuietly() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send(Self.text(1...30)), .awaitClose] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let recorded = RecordedEnvironment(writes: 3)
        let options = ConsumeOptions(urls: [server.url], stateFile: directory.path + "/state")
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...3))
        #expect(recorded.sentences.isEmpty)
        #expect(directory.text("state") == "{\"\(server.url)\":\"i3\"}\n")
    }

    @Test func aFinalRefusalEndsItWithItsReason() async throws {
        let server = try ScriptedServer { _, _ in [.answer(404, "{\"title\":\"No such stream\",\"detail\":\"x\"}")] }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url + "/a"])
        #expect(await ConsumeCommand(options, recorded.environment).run() == 1)
        #expect(recorded.sentences == ["\(server.url)/a: the server refuses: No such stream: x (status 404)"])
    }

    @Test func parametersAndIdAreAskedFor() async throws {
        let server = try ScriptedServer { _, _ in
            [.send("HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nContent-Length: 5\r\n\r\n:ok\n\n")]
        }
        defer { server.stop() }
        let options = ConsumeOptions(
            urls: [server.url + "/a?canary=true#x"], since: "2026-01-01T00:00:00+01:00", until: "PT1H", last: 3, id: "i"
        )
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        let request = try #require(server.requests.first)
        #expect(
            request.line
                == "GET /a?canary=true&since=2026-01-01T00%3A00%3A00%2B01%3A00&until=PT1H&last=3 HTTP/1.1")
        #expect(request.headers["last-event-id"] == "i")
        #expect(request.headers["accept"] == "text/event-stream")
        #expect(request.headers["accept-encoding"] == "gzip")
    }

    @Test func cancellingEndsItInOrder() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send(Self.text(1...2)), .awaitClose] }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url])
        let task = Task { await ConsumeCommand(options, recorded.environment).run() }
        task.cancel()
        #expect(await task.value == 0)
    }

    @Test func misuseIsTold() async throws {
        let recorded = RecordedEnvironment()
        let directory = TemporaryDirectory()
        let bad = directory.file("bad", "nonsense")
        for options in [
            ConsumeOptions(urls: []), ConsumeOptions(urls: ["http://a", "http://a"]),
            ConsumeOptions(urls: ["http://a"], limit: 0), ConsumeOptions(urls: ["http://a"], id: "a\nb"),
            ConsumeOptions(urls: ["http://a"], stateFile: bad),
        ] { #expect(await ConsumeCommand(options, recorded.environment).run() == 2) }
        #expect(recorded.sentences.count == 5)
    }
}
