import Clients
import JSON
import Load
import System
import TestSupport
import Testing

/// Loads over HTTP/2, on servers that do their work and on others.
@Suite(.timeLimit(.minutes(2))) struct HTTP2LoadTests {
    private static func events(_ offsets: some Sequence<Int>) -> [UInt8] {
        Array(
            offsets.map { "id: [{\"topic\":\"t\",\"partition\":0,\"offset\":\($0),\"timestamp\":\($0)}]\ndata: {}\n\n" }
                .joined().utf8)
    }

    private struct Result {
        var code: Int32
        var report: JSONValue
        var sentences: [String]

        func count(_ names: String...) -> Int? {
            var value: JSONValue? = report
            for name in names { value = value?[name] }
            return value?.integer.map(Int.init)
        }

        /// Reasons and their counts.
        func reasons(_ name: String) -> [String: Int] {
            guard case .object(let members)? = report["clients"]?[name] else { return [:] }
            return Dictionary(uniqueKeysWithValues: members.map { ($0.name, Int($0.value.integer ?? -1)) })
        }
    }

    /// Measures from the start, so that it is over when the last stream has ended.
    private func load(
        _ url: String, clients: Int, each streams: Int = 10, gzip: Bool = false, headers: [String] = []
    ) async throws -> Result {
        let recorded = RecordedEnvironment()
        let options = BenchOptions(
            url: url, clients: clients, seconds: 60, waiting: 1000, fromStart: true, gzip: gzip,
            streamsPerConnection: streams,
            json: true, headers: headers)
        let code = await BenchCommand(options, recorded.environment).run()
        let line = try #require(recorded.lines.first, "\(recorded.sentences)")
        return Result(code: code, report: try JSONValue(Array(line.utf8)), sentences: recorded.sentences)
    }

    @Test func streamsShareConnectionsAndAreCheckedLikeAnyClient() async throws {
        let server = try HTTP2Server { peer, request, _ in
            let isGood =
                request.fields["accept"] == "text/event-stream" && request.fields["x-test"] == "1"
                && request.fields[":authority"]?.hasPrefix("127.0.0.1:") == true && request.fields["host"] == nil
            peer.answer(request.stream, status: isGood ? 200 : 400, body: Self.events(1...2000))
            return .goOn
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 25, headers: ["X-Test: 1"])
        #expect(result.code == 0, "\(result)")
        #expect(result.count("clients", "connected") == 25 && result.count("clients", "ended") == 25)
        #expect(result.count("events") == 25 * 2000 && result.count("connections") == 3)
        #expect(server.connections == 3)
    }

    /// Nine megabytes of requests, which no socket takes at once.
    @Test func requestsThatTheSocketHasNoRoomForFollowLater() async throws {
        let server = try HTTP2Server(streamLimit: 500) { peer, request, _ in
            let isWhole = request.fields["x-large"]?.utf8.count == 30_000
            peer.answer(request.stream, status: isWhole ? 200 : 400, body: Self.events(1...2))
            return .goOn
        }
        defer { server.stop() }
        let large = "X-Large: " + String(repeating: "{", count: 30_000)
        let result = try await load(server.url, clients: 300, each: 300, headers: [large])
        #expect(result.code == 0 && result.count("clients", "ended") == 300, "\(result)")
        #expect(server.connections == 1)
    }

    @Test(arguments: [1, 4]) func noMoreStreamsAreOpenedThanAreAllowed(limit: UInt32) async throws {
        // nghttp2 itself refuses more.
        let server = try HTTP2Server(streamLimit: limit) { peer, request, number in
            peer.answer(request.stream, body: Self.events(1...20))
            return .goOn
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 30, each: 10)
        #expect(result.code == 0, "\(result)")
        #expect(result.count("clients", "ended") == 30 && result.count("connections") == server.connections)
    }

    @Test func aServerThatAllowsNoStreamsIsNamed() async throws {
        let server = try HTTP2Server(streamLimit: 0) { _, _, _ in .goOn }
        defer { server.stop() }
        let result = try await load(server.url, clients: 3)
        #expect(result.code == 1 && result.reasons("failed") == ["no_streams_allowed": 3])
    }

    @Test func whatOneStreamLacksIsLost() async throws {
        let server = try HTTP2Server { peer, request, number in
            let offsets = (1...20).filter { number != 3 || $0 != 12 } + (number == 4 ? [20] : [])
            peer.answer(request.stream, body: Self.events(offsets))
            return .goOn
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 6)
        #expect(result.code == 1)
        #expect(result.count("checked", "lost") == 1 && result.count("checked", "repeated") == 1)
    }

    /// `:ok` and the events 1 and 2, made by gzip.
    private static let packed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xB3, 0xCA, 0xCF, 0xE6, 0xE2, 0xCA, 0x4C, 0xB1,
        0x52, 0x30, 0xE4, 0x4A, 0x49, 0x2C, 0x49, 0xB4, 0x52, 0xA8, 0x80, 0x70, 0x8D, 0xA0, 0xDC, 0x4A, 0x2E, 0x2E,
        0x00, 0x92, 0xEF, 0x89, 0x84, 0x23, 0x00, 0x00, 0x00,
    ]

    @Test func gzipIsInflatedForEachStream() async throws {
        let server = try HTTP2Server { peer, request, number in
            let isAsked = request.fields["accept-encoding"] == "gzip"
            let body = number == 2 ? [UInt8](repeating: 0x55, count: 100) : Self.packed
            peer.answer(request.stream, isAsked ? [("content-encoding", "gzip")] : [], body: body)
            return .goOn
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 4, gzip: true)
        #expect(result.code == 1 && result.reasons("broken") == ["bad_gzip": 1])
        #expect(result.count("events") == 3 * 2 && result.count("clients", "ended") == 3)
    }

    @Test func eachEndThatIsNoneHasItsName() async throws {
        let server = try HTTP2Server { peer, request, number in
            let events = Self.events(1...5)
            switch number {
            case 0: peer.answer(request.stream, status: 429, [("retry-after", "1")], body: Array("no".utf8))
            case 1: peer.reset(request.stream, 7)
            case 2, 3: peer.answer(request.stream, body: events)
            default:
                // These are still open when the connection ends.
                peer.answer(request.stream, body: events, isWhole: false)
            }
            guard number == 9 else { return .goOn }
            return .hangUp()
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 10)
        #expect(result.code == 1)
        #expect(result.reasons("failed") == ["status_429": 1, "reset_refused_stream": 1])
        #expect(result.reasons("broken") == ["broken_off": 6])
        #expect(result.count("clients", "ended") == 2)
        #expect(result.sentences.contains("the server answered with status 429"))
        #expect(result.sentences.contains("the server reset the stream: REFUSED_STREAM"))
    }

    @Test func aGoodbyeIsToldWithItsReason() async throws {
        let server = try HTTP2Server { peer, request, number in
            peer.answer(request.stream, body: Self.events(1...5), isWhole: number == 0)
            guard number == 4 else { return .goOn }
            peer.goAway(11, last: 5)
            return .hangUp()
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 5)
        #expect(result.code == 1)
        // The streams after the third were refused; whose answer had begun is broken, the first had ended.
        let all = result.reasons("failed").merging(result.reasons("broken"), uniquingKeysWith: +)
        #expect(all.values.reduce(0, +) == 4 && result.count("clients", "ended") == 1, "\(result)")
        #expect(all["goaway_enhance_your_calm"] == 2, "\(all)")
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "", "220 mail ESMTP\r\n"])
    func aServerWithoutHTTP2IsNamed(greeting: String) async throws {
        let listener = try LoopbackListener { connection in
            _ = connection.receive()
            connection.send(Array(greeting.utf8))
            connection.finish()
        }
        defer { listener.stop() }
        let result = try await load(listener.url, clients: 25)
        #expect(result.code == 1 && result.reasons("failed") == ["not_http2": 25])
        #expect(result.sentences.contains { $0.contains("does not speak HTTP/2 without TLS") })
    }

    @Test func garbageAmidFramesIsAFailureOfTheirConnection() async throws {
        let server = try HTTP2Server { peer, request, number in
            peer.answer(request.stream, body: Self.events(1...5), isWhole: false)
            // Four on the first connection, and the fourth's answer is followed by a SETTINGS of half an entry.
            return number == 3 ? .send([0, 0, 3, 4, 0, 0, 0, 0, 0, 1, 2, 3]) : .goOn
        }
        defer { server.stop() }
        let result = try await load(server.url, clients: 4, each: 4)
        #expect(result.code == 1 && result.reasons("broken") == ["bad_http2": 4], "\(result)")
        #expect(result.sentences.contains { $0.contains("FRAME_SIZE_ERROR") })
    }

    /// Whatever a server sends, the load ends and counts every client once.
    @Test(arguments: 0..<30) func noGarbageStopsALoad(seed: UInt64) async throws {
        let server = try HTTP2Server { peer, request, number in
            var random = SeededGenerator(seed: seed << 32 | UInt64(number))
            peer.answer(request.stream, body: Self.events(1...5), isWhole: request.stream != 3)
            // The third on a connection is the last that gets anything.
            guard request.stream == 5 else { return .goOn }
            let damaged = random.damaged(peer.output())
            return .hangUp(with: damaged + (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let options = BenchOptions(
            url: server.url, clients: 9, seconds: 1, fromStart: true, streamsPerConnection: 4, json: true)
        _ = await BenchCommand(options, recorded.environment).run()
        let line = try #require(recorded.lines.first)
        let result = Result(code: 0, report: try JSONValue(Array(line.utf8)), sentences: [])
        let failed = result.reasons("failed").values.reduce(0, +)
        #expect(failed + (result.count("clients", "connected") ?? 0) <= 9)
    }

    @Test func headersThatHTTP2CannotCarryAreRefused() async {
        for header in ["Connection: close", "na\u{EF}ve: 1"] {
            let recorded = RecordedEnvironment()
            let options = BenchOptions(url: "http://127.0.0.1:1/", streamsPerConnection: 10, headers: [header])
            #expect(await BenchCommand(options, recorded.environment).run() == 2)
            #expect(recorded.sentences.count == 1)
        }
    }
}
