import EventStreamsClient
import Testing

@testable import Clients

@Suite(.timeLimit(.minutes(1))) struct TopCommandTests {
    private static func events(_ wikis: [String]) -> String {
        wikis.enumerated().map { "id: \($0.offset)\ndata: {\"wiki\":\"\($0.element)\"}\n\n" }.joined()
    }

    private static func options(_ url: String, once: Bool = false) -> TopOptions {
        TopOptions(
            request: StreamRequest(url, fields: ["wiki"], pulse: 10), fields: ["wiki"], interval: 1, isOnce: once)
    }

    @Test func onceItPrintsOneTable() async throws {
        let server = try ScriptedServer { _, _ in
            [.streamHead, .send(Self.events(["b", "a", "a", "x\\u001b[2J\\ty"])), .awaitClose]
        }
        defer { server.stop() }
        // Each look at the clock takes a tenth of a second: the table is due behind the events.
        let recorded = RecordedEnvironment(step: 100)
        let command = TopCommand(
            Self.options(server.url, once: true), recorded.environment, screen: Screen { (80, 24) })
        #expect(await command.run() == 0)
        #expect(recorded.lines.first == "events/s\tevents\twiki")
        #expect(
            recorded.lines.dropFirst().map { $0.split(separator: "\t").dropFirst().joined(separator: " ") } == [
                "2 a", "1 b", "1 x [2J y",
            ])
        #expect(server.requests[0].line.contains("fields=wiki"))
    }

    @Test func aTerminalIsLeftAsItWasFoundAlsoWhenItIsCancelled() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send(Self.events(["a"])), .awaitClose] }
        defer { server.stop() }
        let recorded = RecordedEnvironment(step: 300)
        let (drawn, draw) = AsyncStream.makeStream(of: Void.self)
        var environment = recorded.environment
        let write = environment.write
        environment.write = { bytes in
            draw.yield()
            return write(bytes)
        }
        let (options, used) = (Self.options(server.url), environment)
        let task = Task { await TopCommand(options, used, screen: Screen { (80, 24) }).run() }
        var draws = 0
        for await _ in drawn {
            draws += 1
            if draws == 3 { break }
        }
        task.cancel()
        #expect(await task.value == 0)
        let text = recorded.lines.joined(separator: "\n")
        #expect(text.hasPrefix("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H"))
        #expect(text.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
    }

    @Test func aRefusalIsToldOnTheScreenThatWasThereBefore() async throws {
        let server = try ScriptedServer { _, _ in [.answer(404, "{\"title\":\"No such stream\"}")] }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let command = TopCommand(Self.options(server.url), recorded.environment, screen: Screen { (80, 24) })
        #expect(await command.run() == 1)
        #expect(recorded.lines.joined().hasSuffix("\u{1B}[?1049l"))
        #expect(recorded.sentences == ["\(server.url): the server refuses: No such stream (status 404)"])
    }

    @Test func aStreamThatEndsIsShownToItsEnd() async throws {
        let server = try ScriptedServer { _, _ in
            let text = ":ok\n\n" + Self.events(["a", "b", "a"])
            return [.answer(200, text, headers: ["Content-Type: text/event-stream"])]
        }
        defer { server.stop() }
        var options = Self.options(server.url)
        options.request.until = StreamTime("2020-01-01")
        let recorded = RecordedEnvironment()
        #expect(await TopCommand(options, recorded.environment, screen: nil).run() == 0)
        #expect(
            recorded.lines.map { $0.split(separator: "\t").dropFirst().joined(separator: " ") } == [
                "events wiki", "2 a", "1 b",
            ])
    }
}
