import HTTP
import HTTP2
import Testing

@testable import HTTPServer

/// HTTP/2 on the port of HTTP/1.1, over real sockets.
@Suite(.serialized) struct HTTP2ConnectionTests {
    @Test func requestsOfOneConnectionAreAnsweredEach() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/a?b", number: 0)
            _ = try client.get("/empty", number: 1)
            _ = try client.get("/c", number: 2, method: "HEAD")
            _ = try client.get("/big", number: 3)
            try client.until { $0.ended.count == 4 }
            #expect(client.statuses == [0: 200, 1: 204, 2: 200, 3: 200])
            #expect(client.text(0) == "/a?b" && client.text(2) == "")
            #expect(client.bodies[3]?.count == 8_000_000)
            let counters = await test.server.counters()
            #expect(counters.requests == 4 && counters.http2Connections == 1)
        }
    }

    @Test func streamsOfOneConnectionEndEachForItself() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            let first = try client.get("/stream", number: 0)
            _ = try client.get("/stream", number: 1)
            try client.until { $0.statuses.count == 2 }
            #expect(await test.server.onLoop(0) { $0.write(Array("one".utf8)) } == [.accepted(3), .accepted(3)])
            try client.until { $0.text(0) == "one" && $0.text(1) == "one" }
            try client.cancel(first)
            try await test.journal.wait(for: .closed(.peerGone))
            #expect(await test.server.onLoop(0) { $0.write(Array("two".utf8)) } == [.accepted(3)])
            try client.until { $0.text(1) == "onetwo" }
            await test.server.onLoop(0) { handler in
                for stream in handler.streams { handler.exchanges.finishStream(stream) }
            }
            try client.until { $0.ended == [1] }
            try await test.journal.wait(for: .closed(.finished))
            // The connection goes on.
            _ = try client.get("/a", number: 2)
            try client.until { $0.ended == [1, 2] }
            #expect(test.server.connectionCount == 1)
        }
    }

    /// Bytes that were sent before a turn's end, of what its handler wrote to each stream.
    private func sentAtOnce(_ test: TestServer, _ bytes: [UInt8]) async -> Int {
        await test.server.onLoop(0) { handler in
            let before = handler.exchanges.counters.bytesSent
            _ = handler.write(bytes)
            return handler.exchanges.counters.bytesSent - before
        }
    }

    @Test func aConnectionsOnlyStreamIsSentAtOnceAndSeveralTogether() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/stream", number: 0)
            try client.until { $0.statuses.count == 1 }
            #expect(await sentAtOnce(test, Array("one".utf8)) == 9 + 3)
            try client.until { $0.text(0) == "one" }
            _ = try client.get("/stream", number: 1)
            try client.until { $0.statuses.count == 2 }
            #expect(await sentAtOnce(test, Array("two".utf8)) == 0)
            try client.until { $0.text(0) == "onetwo" && $0.text(1) == "two" }
            // More than goes out in one call does not hold the streams up.
            let long = [UInt8](repeating: 0x78, count: 40_000)
            #expect(await test.server.onLoop(0) { $0.write(long) } == [.accepted(40_000), .accepted(40_000)])
            try client.until { $0.bodies[0]?.count == 40_006 && $0.bodies[1]?.count == 40_003 }
        }
    }

    @Test func aClientThatIsRefusedIsToldInHTTP2() async throws {
        try await TestServer.with {
            $0.listeners[0].limits.connectionsPerAddress = 1
        } _: { test in
            let first = try HTTP2TestClient(try test.client())
            _ = try first.get("/hold", number: 0)
            try await test.journal.wait(for: .request("/hold"))
            let second = try HTTP2TestClient(try test.client())
            _ = try second.get("/a", number: 0)
            _ = try second.get("/b", number: 1)
            try second.until { $0.ended.contains(0) && $0.goAways > 0 }
            #expect(second.statuses[0] == 429 && second.text(0).contains("too_many_connections"))
            #expect(await test.server.onLoop(0) { $0.requests.map(\.path) } == ["/hold"])
            #expect(await test.server.counters().refused[.addressHasTooMany] ?? 0 >= 1)
        }
    }

    @Test func aClientThatIsRefusedAndAsksNothingIsLetGo() async throws {
        try await TestServer.with {
            $0.listeners[0].limits.connectionsPerAddress = 1
        } _: { test in
            let first = try test.client()
            try first.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            let second = try test.client()
            try second.send(HTTP2ServerSession.preface)
            try await test.until { $0.http2Connections == 1 }
            test.clock.advance(2_001)
            _ = try second.textToEnd()
        }
    }

    @Test func anIdleConnectionThatMakesRoomIsToldSo() async throws {
        try await TestServer.with {
            $0.listeners[0].limits.connections = 2
        } _: { test in
            let idle = try HTTP2TestClient(try test.client())
            _ = try idle.get("/a", number: 0)
            try idle.until { $0.ended == [0] }
            let other = try test.client()
            try other.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            let late = try test.client()
            try late.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try late.response().body == "/late")
            try idle.until { $0.goAways > 0 }
            #expect(await test.server.counters().shed == 1)
        }
    }

    @Test func aStreamThatIsAbortedIsResetAlone() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/abort", number: 0)
            try client.until { $0.resets[0] == .cancel }
            _ = try client.get("/a", number: 1)
            try client.until { $0.ended == [1] }
            try await test.journal.wait(for: .closed(.aborted))
        }
    }

    @Test func aRequestThatIsTakenBackInTheSameBytesLeavesNothing() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            for number in 0..<3 { try client.askAndCancel("/hold", number: number) }
            _ = try client.get("/a", number: 3)
            try client.until { $0.ended.contains(3) }
            #expect(test.journal.entries == [.request("/a")])
        }
    }

    @Test func aConnectionWhoseClientIsGoneEndsAllItsStreams() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            for number in 0..<3 { _ = try client.get("/stream", number: number) }
            try client.until { $0.statuses.count == 3 }
            client.client.close()
            try await test.journal.wait { $0.filter { $0 == .closed(.peerGone) }.count == 3 }
            try await test.until { $0.connectionsClosed == 1 }
        }
    }

    @Test func aSocketThatTakesNothingHoldsTheStreamsUpAndIsGivenUp() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client(receiveBuffer: 4096))
            _ = try client.get("/stream", number: 0)
            try client.until { $0.statuses.count == 1 }
            let bytes = [UInt8](repeating: 0x78, count: 30_000)
            var results: [WriteResult] = []
            while results != [.accepted(0)] { results = await test.server.onLoop(0) { $0.write(bytes) } }
            // It takes bytes again.
            var taken = 0
            while !test.journal.entries.contains(.writable) { taken += try client.client.some().count }
            #expect(taken > 0)
            while await test.server.onLoop(0, { $0.write(bytes) }) != [.accepted(0)] {}
            try await test.until { counters in
                test.clock.advance(1_000)
                return counters.connectionsClosed == 1
            }
            try await test.journal.wait(for: .closed(.peerGone))
            #expect(await test.server.counters().stalledAnswers == 1)
        }
    }

    @Test func whatAClientGetsWrongIsAnsweredAsOverHTTP1() async throws {
        try await TestServer.with(maximumBodyBytes: 10) { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/a#b", number: 0)
            _ = try client.get("/" + String(repeating: "a", count: 25_000), number: 1)
            _ = try client.get("/a", number: 2, method: "BREW")
            try client.until { $0.ended.count == 3 }
            #expect(client.statuses == [0: 400, 1: 414, 2: 501])
            #expect(
                await test.server.counters().refused == [.badTarget: 1, .targetTooLong: 1, .unknownMethod: 1])
        }
    }

    @Test func aServerThatStopsSaysSoTwiceAndFinishesItsStreams() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/stream", number: 0)
            try client.until { $0.statuses.count == 1 }
            let began = test.clock.now
            async let stopped: Void = test.server.stop(waitingAtMost: 100_000_000)
            // The listener is closed first.
            while (try? test.client()) != nil { await Task.yield() }
            try client.until { $0.goAways == 1 }
            try await test.until { _ in
                test.clock.advance(100)
                return test.clock.now - began > 3_000
            }
            try client.until { $0.goAways == 2 }
            await test.server.onLoop(0) { handler in
                for stream in handler.streams { handler.exchanges.finishStream(stream) }
            }
            try client.until { $0.ended == [0] }
            client.client.close()
            await stopped
            #expect(test.journal.entries.contains(.closed(.finished)))
        }
    }

    @Test func anIdleConnectionIsToldToGo() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            _ = try client.get("/a", number: 0)
            try client.until { $0.ended == [0] }
            await test.settled()
            try await test.until { counters in
                test.clock.advance(1_000)
                return counters.connectionsClosed == 1
            }
            try client.until { $0.goAways == 2 }
        }
    }

    @Test func aClientThatWearsTheServerOutIsCountedAndTurnedAway() async throws {
        try await TestServer.with { test in
            let client = try HTTP2TestClient(try test.client())
            // The limit of streams is for those at once; each of these is gone at once.
            for number in 0..<300 {
                guard let stream = try? client.get("/hold", number: number) else { break }
                try? client.cancel(stream)
            }
            try? client.until { $0.goAways == 1 }
            try await test.until { $0.abuses == ["rapid_reset": 1] }
            let other = try test.client()
            try other.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.response().status == 200)
        }
    }
}
