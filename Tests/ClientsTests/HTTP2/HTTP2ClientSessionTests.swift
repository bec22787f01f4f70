import System
import TestSupport
import Testing

@testable import HTTP2

/// Each is a transcript between a client's session and a server's, byte for byte what a connection would carry.
@Suite struct HTTP2ClientSessionTests {
    private static let head = HTTP2RequestHead(
        method: "GET", authority: "localhost:8092", path: "/v2/stream/a?since=PT1H",
        fields: [("accept", "text/event-stream"), ("x-empty", "")])

    /// A client and a server that have told each other their settings.
    private struct Pair {
        let client: HTTP2ClientSession
        let peer: HTTP2Peer
        /// Of all data events, by request.
        var bodies: [Int: [UInt8]] = [:]
        var others: [HTTP2ClientSession.Event] = []

        init(streamLimit: UInt32? = nil) throws {
            (client, peer) = (try HTTP2ClientSession(), HTTP2Peer(streamLimit: streamLimit))
            try exchange()
        }

        /// The client takes what the server sends, in pieces of a size, until neither has anything to say.
        mutating func exchange(pieces size: Int = .max) throws {
            var hadOutput = true
            while hadOutput {
                var output: [UInt8] = []
                try client.takeOutput(into: &output)
                #expect(peer.receive(output))
                let answer = peer.output()
                hadOutput = !answer.isEmpty || !output.isEmpty
                try take(answer, pieces: size)
            }
        }

        mutating func take(_ bytes: [UInt8], pieces size: Int = .max) throws {
            var rest = bytes[...]
            repeat {
                let piece = Array(rest.prefix(size))
                rest = rest.dropFirst(piece.count)
                defer { collect(piece) }
                try client.receive(piece.span)
            } while !rest.isEmpty
        }

        private mutating func collect(_ piece: [UInt8]) {
            for event in client.events {
                if case .data(let request, let range) = event {
                    #expect(piece.indices.contains(range.lowerBound) && range.upperBound <= piece.count)
                    bodies[request, default: []] += piece[range]
                } else {
                    others.append(event)
                }
            }
            client.removeEvents()
        }
    }

    @Test func theServersSettingsTellHowManyStreamsItAllows() throws {
        let limited = try Pair(streamLimit: 7)
        #expect(limited.others == [.ready] && limited.client.streamLimit == 7)
        #expect(try Pair().client.streamLimit == Int(UInt32.max))
    }

    @Test(arguments: [1, 2, 7, 10, 1000, 100_000])
    func responsesAreTakenInPiecesOfAnySize(size: Int) throws {
        var pair = try Pair()
        for number in [70, 71, 72] { _ = try pair.client.request(Self.head, number: number) }
        try pair.exchange(pieces: size)
        let requests = pair.peer.takeRequests()
        #expect(requests.map(\.stream) == [1, 3, 5])
        #expect(
            requests.first?.fields == [
                ":method": "GET", ":scheme": "http", ":authority": "localhost:8092", ":path": "/v2/stream/a?since=PT1H",
                "accept": "text/event-stream", "x-empty": "",
            ])
        let text = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        pair.peer.answer(1, [("content-type", "text/event-stream")], body: text, isWhole: false)
        pair.peer.answer(3, status: 404)
        pair.peer.answer(5, [("content-encoding", "GZIP")], body: Array("x".utf8))
        try pair.exchange(pieces: size)
        #expect(pair.bodies == [70: text, 72: Array("x".utf8)])
        let expected: Set<HTTP2ClientSession.Event> = [
            .ready, .head(request: 70, status: 200, .identity), .head(request: 71, status: 404, .identity),
            .end(request: 71), .head(request: 72, status: 200, .gzip), .end(request: 72),
        ]
        #expect(Set(pair.others) == expected && pair.others.count == expected.count)
    }

    @Test func interimAnswersArePassedOver() throws {
        var pair = try Pair()
        _ = try pair.client.request(Self.head, number: 0)
        try pair.exchange()
        pair.peer.answerEarly(1, status: 103)
        pair.peer.answer(1)
        try pair.exchange()
        #expect(pair.others == [.ready, .head(request: 0, status: 200, .identity), .end(request: 0)])
    }

    @Test func anAnswerWithAStatusThatThereIsNotIsReset() throws {
        let client = try HTTP2ClientSession()
        _ = try client.request(Self.head, number: 0)
        var output: [UInt8] = []
        try client.takeOutput(into: &output)
        let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
        // HEADERS with `:status: 050`, then the same stream's DATA and end.
        let head: [UInt8] = [0, 0, 5, 1, 4, 0, 0, 0, 1, 8, 3, 0x30, 0x35, 0x30]
        let data: [UInt8] = [0, 0, 1, 0, 1, 0, 0, 0, 1, 0x61]
        try client.receive((settings + head + data).span)
        #expect(client.events == [.ready, .reset(request: 0, .protocolError)])
    }

    @Test func flowControlHoldsNobodyUp() throws {
        var pair = try Pair()
        for number in 0..<4 { _ = try pair.client.request(Self.head, number: number) }
        try pair.exchange()
        let text = [UInt8](repeating: 65, count: 1 << 20)
        for stream in [1, 3, 5, 7] as [Int32] { pair.peer.answer(stream, body: text) }
        // All of it, though the client says nothing meanwhile.
        try pair.take(pair.peer.output())
        #expect(pair.bodies.values.allSatisfy { $0 == text } && pair.bodies.count == 4)
        #expect(pair.others.count { if case .end = $0 { true } else { false } } == 4)
    }

    @Test func aServerMayEndAStreamOrTakeNoMore() throws {
        var pair = try Pair()
        for number in 0..<3 { _ = try pair.client.request(Self.head, number: number) }
        try pair.exchange()
        for stream in [1, 3, 5] as [Int32] { pair.peer.answer(stream, isWhole: false) }
        try pair.exchange()
        pair.others = []
        pair.peer.reset(3, 2)
        // Even one without an error is no good end.
        pair.peer.reset(1, 0)
        try pair.exchange()
        #expect(
            Set(pair.others) == [
                .reset(request: 0, .noError), .reset(request: 1, HTTP2ErrorCode(rawValue: 2)),
            ])
        #expect(HTTP2ErrorCode(rawValue: 2).name == "INTERNAL_ERROR" && HTTP2ErrorCode(rawValue: 999).name == "unknown")

        pair.others = []
        pair.peer.goAway(0, last: 5)
        try pair.exchange()
        #expect(pair.others == [.goAway(.noError)] && !pair.client.isOver)
        _ = try pair.client.request(Self.head, number: 9)
        try pair.exchange()
        try pair.take([])
        #expect(pair.others.last == .reset(request: 9, .refusedStream))
    }

    @Test func whatIsCancelledIsHeardOfNoMore() throws {
        var pair = try Pair()
        let stream = try pair.client.request(Self.head, number: 0)
        try pair.exchange()
        pair.peer.answer(stream, body: [1, 2, 3], isWhole: false)
        pair.client.cancel(stream)
        try pair.exchange()
        #expect(pair.others == [.ready] && pair.bodies.isEmpty)
        #expect(pair.peer.closed == [stream: HTTP2ErrorCode.cancel.rawValue])
        pair.client.cancel(stream)
        pair.client.cancel(1001)
        pair.client.cancel(-1)
        pair.client.cancel(0)
        try pair.exchange()
    }

    /// What a client that got these bytes first throws.
    private func failure(_ bytes: [UInt8]) throws -> HTTP2Error? {
        let client = try HTTP2ClientSession()
        var output: [UInt8] = []
        do throws(HTTP2Error) {
            try client.receive(bytes.span)
            try client.takeOutput(into: &output)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n",
        "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}F and more",
    ])
    func whatIsNoHTTP2IsSeenAtOnce(text: String) throws { #expect(try failure(Array(text.utf8)) == .notHTTP2) }

    @Test func aBrokenRuleIsToldWithItsName() throws {
        var pair = try Pair()
        _ = try pair.client.request(Self.head, number: 0)
        try pair.exchange()
        // A WINDOW_UPDATE of nothing for the connection.
        let bytes: [UInt8] = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect {
            try pair.take(bytes)
            try pair.exchange()
        } throws: { error in
            guard case .violation(let code, let reason)? = error as? HTTP2Error else { return false }
            return code.name == "PROTOCOL_ERROR" && reason.contains("WINDOW_UPDATE")
        }
        #expect(pair.client.isOver)
    }

    @Test func whoAsksForAnswersWithoutEndIsLeft() throws {
        var pair = try Pair()
        let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
        #expect(throws: HTTP2Error.flooded) {
            for _ in 0..<100 { try pair.take((0..<1000).flatMap { _ in ping }) }
        }
    }

    /// All that a server sends in a whole conversation, some of it changed, is an error or is none: nothing else.
    @Test func damageDoesNoHarm() throws {
        let pair = try Pair()
        for number in 0..<3 { _ = try pair.client.request(Self.head, number: number) }
        var requests: [UInt8] = []
        try pair.client.takeOutput(into: &requests)
        #expect(pair.peer.receive(requests))
        pair.peer.answerEarly(1, status: 103)
        pair.peer.answer(1, [("content-type", "text/event-stream")], body: Array("id: 1\ndata: {}\n\n".utf8))
        pair.peer.answer(3, status: 429, [("retry-after", "1")], body: Array("no".utf8))
        pair.peer.answer(5, [("content-encoding", "gzip")], body: [0x1F, 0x8B], isWhole: false)
        pair.peer.ping()
        var good = pair.peer.output()
        pair.peer.reset(5, 8)
        pair.peer.goAway(0, last: 5)
        good += pair.peer.output()

        var random = SeededGenerator(seed: 1)
        var (failed, passed) = (0, 0)
        for _ in 0..<3000 {
            var other = try Pair()
            for number in 0..<3 { _ = try other.client.request(Self.head, number: number) }
            let bytes = random.damaged(good)
            do {
                var output: [UInt8] = []
                try other.client.takeOutput(into: &output)
                try other.take(bytes, pieces: Int.random(in: 1...bytes.count, using: &random))
                try other.client.takeOutput(into: &output)
                passed += 1
            } catch {
                failed += 1
            }
        }
        #expect(failed > 300 && passed > 300, "\(failed) failed and \(passed) passed")
    }
}
