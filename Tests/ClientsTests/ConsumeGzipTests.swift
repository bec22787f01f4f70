import Clients
import Compression
import Testing

/// Streams that come in gzip, whole, cut and damaged.
@Suite(.timeLimit(.minutes(1))) struct ConsumeGzipTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n"

    private static func event(_ number: Int) -> String { "event: message\nid: i\(number)\ndata: {\"n\":\(number)}\n\n" }
    private static func lines(_ range: ClosedRange<Int>) -> [String] { range.map { "{\"n\":\($0)}" } }

    /// A body in gzip, in pieces each of which can be unpacked when it is there, as a server flushes them.
    private static func packed(_ texts: [String], isWhole: Bool = true) -> [[UInt8]] {
        let deflater = Deflater(.quick)
        var sum = GzipSum()
        var pieces = [Gzip.header]
        for text in texts {
            let bytes = Array(text.utf8)
            sum.add(bytes.span)
            var piece: [UInt8] = []
            deflater.append(bytes.span, startsAnew: false, to: &piece)
            pieces.append(piece)
        }
        if isWhole {
            var end: [UInt8] = []
            Gzip.appendEnd(sum, to: &end)
            pieces.append(end)
        }
        return pieces
    }

    private static func packed(_ range: ClosedRange<Int>, isWhole: Bool = true) -> [[UInt8]] {
        packed([":ok\n\n"] + range.map(event), isWhole: isWhole)
    }

    /// The number of the event that a request goes on after.
    private static func last(_ request: ScriptedServer.Request) -> Int {
        Int(request.headers["last-event-id"]?.dropFirst() ?? "0") ?? 0
    }

    private static func isAsked(_ request: ScriptedServer.Request) -> Bool {
        request.headers["accept-encoding"] == "gzip"
    }

    /// A stream that is not compressed, from the event after the last on.
    private static func plain(after last: Int, upTo count: Int) -> [ScriptedServer.Step] {
        [.streamHead, .send((last + 1...count).map(event).joined()), .awaitClose]
    }

    @Test func whatHasComeIsPrintedThoughTheStreamGoesOn() async throws {
        // Nothing follows these, and no end.
        let server = try ScriptedServer { _, request in
            guard Self.isAsked(request) else { return [.answer(400)] }
            return [.send(Self.head)] + Self.packed(1...5, isWhole: false).map { .sendBytes($0) } + [.awaitClose]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url], limit: 5), recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...5))
        await server.clientClosed()
    }

    @Test func whoDoesNotWantGzipGetsNone() async throws {
        let server = try ScriptedServer { _, request in
            request.headers["accept-encoding"] == nil ? Self.plain(after: 0, upTo: 3) : [.answer(400)]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url], limit: 3, gzip: false)
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...3))
    }

    @Test(arguments: [1, 9, 10, 11, 40, 61, 120]) func cutsAnywhereLoseAndDoubleNothing(cut: Int) async throws {
        let server = try ScriptedServer { number, request in
            let last = Self.last(request)
            guard last < 40 else { return [.streamHead, .awaitClose] }
            let body = Self.packed(last + 1...40).flatMap(\.self)
            // Some cuts let nothing through: each connection comes further than the one before.
            return [.send(Self.head), .sendBytes(Array(body.prefix(cut + 5 * number))), .close]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url], limit: 40), recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...40))
        #expect(server.requests.count > 2 && server.requests.allSatisfy(Self.isAsked))
        // The waits between them are a broken connection's.
        #expect(recorded.waits.count == server.requests.count - 1)
    }

    @Test(arguments: [0, 1, 4, 12]) func afterDamageItGoesOnFromTheLastEventWithoutGzip(good: Int) async throws {
        let garbage = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 0xFE) }
        let server = try ScriptedServer { _, request in
            guard Self.isAsked(request) else { return Self.plain(after: Self.last(request), upTo: 20) }
            let pieces = good == 0 ? [] : Self.packed(1...good, isWhole: false)
            return [.send(Self.head)] + pieces.map { .sendBytes($0) } + [.sendBytes(garbage), .awaitClose]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url], limit: 20), recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...20))
        #expect(server.requests.map(Self.isAsked) == [true, false])
        #expect(recorded.sentences.count == 1)
        #expect(recorded.sentences.first?.hasPrefix("the compressed stream can't be read: ") == true)
    }

    @Test func aWrongChecksumIsDamage() async throws {
        let server = try ScriptedServer { _, request in
            guard Self.isAsked(request) else { return Self.plain(after: Self.last(request), upTo: 4) }
            var body = Self.packed(1...3).flatMap(\.self)
            body[body.count - 5] ^= 1
            return [.send(Self.head), .sendBytes(body), .close]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url], limit: 4), recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...4))
        #expect(server.requests.count == 2)
    }

    /// Without compression the end of a connection that says nothing of its length can be a good end.
    @Test func anEndWithinTheCompressedTextIsNoEnd() async throws {
        let server = try ScriptedServer { number, request in
            number == 0
                ? [.send(Self.head)] + Self.packed(1...3, isWhole: false).map { .sendBytes($0) } + [.close]
                : [.send(Self.head)] + Self.packed(4...6).map { .sendBytes($0) } + [.close]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = ConsumeOptions(urls: [server.url], until: "PT0S")
        #expect(await ConsumeCommand(options, recorded.environment).run() == 0)
        #expect(recorded.lines == Self.lines(1...6))
        #expect(server.requests.map(Self.last) == [0, 3])
    }

    @Test func aRefusalInGzipIsUnderstood() async throws {
        let body = Self.packed(["{\"title\":\"No such stream\",\"detail\":\"x\"}"]).flatMap(\.self)
        let server = try ScriptedServer { _, _ in
            [
                .send("HTTP/1.1 404 X\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"),
                .sendBytes(body),
            ]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url]), recorded.environment).run() == 1)
        #expect(recorded.sentences == ["\(server.url): the server refuses: No such stream: x (status 404)"])
    }

    @Test func aCodingThatWasNotAskedForEndsIt() async throws {
        let server = try ScriptedServer { _, _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\n"), .awaitClose]
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        #expect(await ConsumeCommand(ConsumeOptions(urls: [server.url]), recorded.environment).run() == 1)
        #expect(recorded.sentences == ["\(server.url): the server answers in the coding br, which was not asked for"])
    }
}
