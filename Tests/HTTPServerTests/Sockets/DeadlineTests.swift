import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// What happens when a client takes its time. The clock is moved by the tests.
@Suite(.serialized) struct DeadlineTests {
    @Test func aSlowHeadIsAnswered408() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n")
            try await test.received(25)
            test.clock.advance(9_000)
            try client.send("X: y\r\n")
            try await test.received(31)
            #expect(test.server.connectionCount == 1)
            test.clock.advance(1_001)
            #expect(try client.response().status == 408)
            #expect(try client.textToEnd() == "")
            #expect(await test.server.counters().refused == [.headTimeout: 1])
        }
    }

    @Test func aSlowBodyIsAnswered408() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
            try await test.received(49)
            test.clock.advance(29_000)
            try client.send("c")
            try await test.received(50)
            test.clock.advance(1_001)
            #expect(try client.response().status == 408)
            #expect(await test.server.counters().refused == [.bodyTimeout: 1])
        }
    }

    @Test func aSilentClientIsClosedWithoutAWord() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try await test.until { $0.connectionsOpened == 1 }
            test.clock.advance(10_001)
            #expect(try client.textToEnd() == "")
        }
    }

    @Test func anIdleConnectionIsClosedAfterItsTime() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().status == 200)
            await test.settled()
            test.clock.advance(74_000)
            try client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().status == 200)
            await test.settled()
            test.clock.advance(75_001)
            #expect(try client.textToEnd() == "")
        }
    }

    @Test func aLaterRequestHasItsOwnTime() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.response()
            await test.settled()
            test.clock.advance(60_000)
            try client.send("GET")
            try await test.received(31)
            test.clock.advance(9_000)
            try client.send(" /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().body == "/b")
        }
    }

    @Test func anAnswerNobodyTakesIsGivenUp() async throws {
        try await TestServer.with { test in
            let client = try test.client(receiveBuffer: 4096)
            try client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/big"))
            try await test.until { counters in
                // The first buffers may still fill: each step is progress that begins the time anew.
                test.clock.advance(10_000)
                return counters.connectionsClosed == 1
            }
            #expect(await test.server.counters().stalledAnswers == 1)
            #expect(test.server.connectionCount == 0)
        }
    }

    @Test func aClientThatNeverClosesIsClosed() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            _ = try client.textToEnd()
            await test.settled()
            #expect(test.server.connectionCount == 1)
            test.clock.advance(2_001)
            try await test.until { $0.connectionsClosed == 1 }
        }
    }

    @Test func aRequestThatTheHandlerHoldsAndAStreamHaveNoDeadline() async throws {
        try await TestServer.with { test in
            let holding = try test.client()
            try holding.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            let streaming = try test.client()
            try streaming.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try streaming.text(through: "\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            test.clock.advance(1_000_000)
            let idle = try test.client()
            try await test.until { $0.connectionsOpened == 3 }
            test.clock.advance(10_001)
            #expect(try idle.textToEnd() == "")
            #expect(test.server.connectionCount >= 2)
            await test.server.onLoop(0) { handler in
                for exchange in handler.held { handler.exchanges.respond(exchange, Answer(status: 200)) }
            }
            #expect(try holding.response().status == 200)
        }
    }
}
