import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// Streams over real sockets.
@Suite(.serialized) struct StreamTests {
    static let request = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"

    /// A client that has the head of its stream.
    private func subscribe(_ test: TestServer, receiveBuffer: Int32? = nil) async throws -> TestClient {
        let client = try test.client(receiveBuffer: receiveBuffer)
        try client.send(Self.request)
        _ = try client.text(through: "\r\n\r\n")
        return client
    }

    @Test func aStreamCarriesWhatTheHandlerWritesAndThenEnds() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send(Self.request)
            let head = try client.text(through: "\r\n\r\n")
            #expect(head.contains("Transfer-Encoding: chunked"))
            #expect(!head.contains("Content-Length"))
            #expect(await test.server.onLoop(0) { $0.publish("hello") } == [.accepted(10)])
            #expect(try client.text(through: "hello\r\n") == "5\r\nhello\r\n")
            await test.server.onLoop(0) { $0.finishStreams() }
            #expect(try client.textToEnd() == "0\r\n\r\n")
            client.close()
            try await test.journal.wait(for: .closed(.finished))
            #expect(test.server.connectionCount == 0)
        }
    }

    @Test func http10GetsAStreamWithoutFraming() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /stream HTTP/1.0\r\n\r\n")
            let head = try client.text(through: "\r\n\r\n")
            #expect(!head.contains("Transfer-Encoding"))
            #expect(head.contains("Connection: close"))
        }
    }

    @Test func aHeadRequestForAStreamGetsTheHeadAlone() async throws {
        try await TestServer.with { test in
            let text = try test.exchange("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(text.contains("Transfer-Encoding: chunked"))
            #expect(text.hasSuffix("\r\n\r\n"))
            try await test.journal.wait(for: .closed(.finished))
        }
    }

    @Test func aFullSocketIsReportedAndThenItsRoom() async throws {
        try await TestServer.with { test in
            let client = try await subscribe(test, receiveBuffer: 4096)
            let payload = String(repeating: "x", count: 60_000)
            var results: [WriteResult] = []
            while results.last != .accepted(0), results.count < 1000 {
                results += await test.server.onLoop(0) { $0.publish(payload) }
            }
            #expect(results.last == .accepted(0))
            let unsent = await test.server.onLoop(0) { $0.exchanges.unsentBytes($0.streams[0]) }
            #expect(unsent > 0)
            #expect(!test.journal.entries.contains(.writable))
            let taken = results.reduce(0) { sum, result in
                if case .accepted(let count) = result { sum + count } else { sum }
            }
            _ = try client.bytes(taken)
            try await test.journal.wait(for: .writable)
            #expect(await test.server.onLoop(0) { $0.publish("y") } == [.accepted(6)])
        }
    }

    @Test func aClientThatResetsIsNoticedWithoutAWrite() async throws {
        try await TestServer.with { test in
            try await subscribe(test).reset()
            try await test.journal.wait(for: .closed(.peerGone))
            #expect(test.server.connectionCount == 0)
        }
    }

    @Test func aClientThatClosesIsNoticedByTheNextWrite() async throws {
        try await TestServer.with { test in
            try await subscribe(test).close()
            try await test.journal.wait(for: .peerEnded)
            #expect(test.server.connectionCount == 1)
            #expect(await test.server.onLoop(0) { $0.publish("heartbeat") } == [.accepted(14)])
            try await test.journal.wait(for: .closed(.peerGone))
            #expect(test.journal.entries.filter { $0 == .peerEnded }.count == 1)
        }
    }

    @Test func aClientThatOnlyEndsItsSideReadsOn() async throws {
        try await TestServer.with { test in
            let client = try await subscribe(test)
            client.endWriting()
            try await test.journal.wait(for: .peerEnded)
            for _ in 0..<3 { #expect(await test.server.onLoop(0) { $0.publish("more") } == [.accepted(9)]) }
            _ = try client.bytes(27)
            await test.server.onLoop(0) { $0.finishStreams() }
            #expect(try client.textToEnd() == "0\r\n\r\n")
            try await test.journal.wait(for: .closed(.finished))
            #expect(test.journal.entries.filter { $0 == .peerEnded }.count == 1)
        }
    }

    @Test func requestsAfterAStreamsAreReadAndForgotten() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send(Self.request + "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.text(through: "\r\n\r\n")
            try client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.received(33 + 28 + 28)
            #expect(await test.server.onLoop(0) { $0.publish("z") } == [.accepted(6)])
            #expect(try client.text(through: "z\r\n") == "1\r\nz\r\n")
            #expect(await test.server.onLoop(0) { $0.requests.count } == 1)
        }
    }

    @Test func aClientThatTalksIntoItsStreamWithoutEndIsClosed() async throws {
        try await TestServer.with { test in
            let client = try await subscribe(test)
            // The server closes in the middle of this, so that sending fails at last.
            _ = try? client.send([UInt8](repeating: 0x61, count: 8_000_000))
            try await test.journal.wait(for: .closed(.tooMuchInput))
        }
    }

    @Test func abortEndsAStreamAndARequestAtOnce() async throws {
        try await TestServer.with { test in
            let client = try await subscribe(test)
            await test.server.onLoop(0) { handler in handler.exchanges.abort(handler.streams[0]) }
            try await test.journal.wait(for: .closed(.aborted))
            #expect(throws: TestClient.Failure.self) { try client.textToEnd() }
            let other = try test.client()
            try other.send("GET /abort HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait { $0.filter { $0 == .closed(.aborted) }.count == 2 }
        }
    }

    @Test func aHeldRequestsClientThatLeavesIsReportedOnce() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            let held = await test.server.onLoop(0) { $0.held }
            client.reset()
            try await test.journal.wait(for: .closed(.peerGone))
            await test.server.onLoop(0) { handler in
                handler.exchanges.respond(held[0], Answer(status: 200))
                handler.exchanges.abort(held[0])
                handler.exchanges.finishStream(held[0])
                _ = handler.exchanges.startStream(held[0], status: 200, headers: Headers())
            }
            #expect(test.journal.entries == [.request("/hold"), .closed(.peerGone)])
        }
    }

    @Test func anEventForAGoneConnectionDoesNotReachItsSuccessor() async throws {
        try await TestServer.with { test in
            try await subscribe(test).reset()
            try await test.journal.wait(for: .closed(.peerGone))
            let client = try await subscribe(test)
            await test.server.onLoop(0) { handler in
                let key = handler.streams[0].key
                let stale = SlabKey(index: key.index, generation: key.generation - 1)
                handler.exchanges.ready(stale, .broken)
                handler.exchanges.ready(SlabKey(index: 1_000_000, generation: 0), .broken)
            }
            #expect(await test.server.counters().staleEvents == 2)
            #expect(await test.server.onLoop(0) { $0.publish("alive") } == [.accepted(10)])
            #expect(try client.text(through: "alive\r\n") == "5\r\nalive\r\n")
        }
    }

    @Test func aDescriptorUsedAgainInTheSameTurnIsAnotherConnection() async throws {
        try await TestServer.with { test in
            let first = try await subscribe(test)
            // While the loop is in this call, the old client resets and a new one waits to be accepted: both are events
            // of the next turn.
            let second = try await test.server.onLoop(0) { handler -> Result<TestClientBox, any Error> in
                Result {
                    handler.exchanges.abort(handler.streams[0])
                    return TestClientBox(client: try test.client())
                }
            }.get().client
            try await test.journal.wait(for: .closed(.aborted))
            try second.send(Self.request)
            _ = try second.text(through: "\r\n\r\n")
            #expect(await test.server.onLoop(0) { $0.publish("new") } == [.accepted(8)])
            #expect(try second.text(through: "new\r\n") == "3\r\nnew\r\n")
            first.close()
        }
    }

    @Test func theFirstBytesTravelWithTheHead() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            await test.server.onLoop(0) { handler in
                _ = handler.exchanges.startStream(
                    handler.held[0], status: 200, headers: Headers(), first: Array("3\r\n:ok\r\n".utf8))
            }
            #expect(try client.text(through: ":ok\r\n").hasSuffix("\r\n\r\n3\r\n:ok\r\n"))
        }
    }

    /// The kernel gives up on a client that takes no byte for `TCP_USER_TIMEOUT`; the stream's end follows without any
    /// write.
    @Test func aClientThatVanishesIsGivenUpByTheKernel() async throws {
        let shorten: (inout HTTPServerOptions) -> Void = { $0.listeners[0].socket.unacknowledgedMilliseconds = 300 }
        try await TestServer.with(adjust: shorten) { test in
            let client = try await subscribe(test, receiveBuffer: 4096)
            let payload = String(repeating: "x", count: 60_000)
            for _ in 0..<200 { _ = await test.server.onLoop(0) { $0.publish(payload) } }
            try await test.journal.wait(for: .closed(.peerGone))
            client.close()
        }
    }
}

/// Carries a client out of a loop. Only one side has it at a time.
struct TestClientBox: @unchecked Sendable {
    let client: TestClient
}
