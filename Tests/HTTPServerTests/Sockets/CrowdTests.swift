import Reactor
import Synchronization
import Testing

@testable import HTTPServer

/// More clients than there is room for, over real sockets.
@Suite(.serialized) struct CrowdTests {
    /// Two listeners; the first takes `limits`.
    private func with(
        loops: Int = 1, _ limits: (inout ListenerLimits) -> Void, _ body: (TestServer) async throws -> Void
    ) async throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        try await TestServer.with(loops: loops) { options in
            limits(&options.listeners[0].limits)
            options.listeners.append(ListenerOptions(name: "other", places: [.address(address)]))
        } _: {
            try await body($0)
        }
    }

    @Test func aFullListenerRefusesAndAnotherServes() async throws {
        try await with(loops: 2) {
            $0.connections = 2
        } _: { test in
            let kept = try [test.client(), test.client()]
            for client in kept { try client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n") }
            try await test.until { $0.requests == 2 }
            let refused = try test.client()
            try refused.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try refused.response()
            #expect(response.status == 503)
            #expect(response.field("Retry-After") == "5")
            #expect(try refused.textToEnd() == "")
            #expect(await test.server.counters().refused == [.tooManyConnections: 1])
            let other = try TestClient(port: test.server.addresses[1].port)
            try other.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try other.response().body == "/b")
            #expect(test.server.connectionsByListener == [2, 1])
        }
    }

    @Test func idleConnectionsMakeRoomForNewOnes() async throws {
        try await with {
            $0.connections = 4
        } _: { test in
            let idle = try (0..<4).map { _ in try test.client() }
            for (number, client) in idle.enumerated() {
                try client.send("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try client.response().status == 200)
                await test.settled()
                test.clock.advance(1)
            }
            let late = try test.client()
            try late.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try late.response().body == "/late")
            // The one that was idle for longest has gone.
            #expect(try idle[0].textToEnd() == "")
            try idle[3].send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try idle[3].response().body == "/3")
            #expect(await test.server.counters().shed == 1)
        }
    }

    @Test func whoIsRefusedIsReadFirstSoThatTheAnswerCanDependOnIt() async throws {
        let seen = Mutex<[RefusedRequest]>([])
        try await TestServer.with { options in
            options.listeners[0].limits.connectionsPerAddress = 1
            options.refusalAnswer = { refused in
                seen.withLock { $0.append(refused) }
                return HTTPServerOptions.problem(refused)
            }
        } _: { test in
            let kept = try test.client()
            try kept.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try kept.text(through: "\r\n\r\n")
            let refused = try test.client()
            try refused.send("GET /a?b HTTP/1.1\r\nHost: x\r\nSec-Fetch-Mode: cors\r\n\r\n")
            #expect(try refused.response().status == 429)
            let request = try #require(seen.withLock { $0.first })
            #expect(request.refusal == .addressHasTooMany)
            #expect(request.method == "GET" && request.target == "/a?b")
            #expect(request.headers?["sec-fetch-mode"]?.text == "cors")
            // One that says nothing is told all the same, after a while.
            let silent = try test.client()
            try await test.until { $0.connectionsOpened == 3 }
            test.clock.advance(2_001)
            #expect(try silent.response().status == 429)
        }
    }

    @Test func aMalformedRequestIsRefusedByItsName() async throws {
        let seen = Mutex<[RefusedRequest]>([])
        try await TestServer.with { options in
            options.refusalAnswer = { refused in
                seen.withLock { $0.append(refused) }
                return HTTPServerOptions.problem(refused)
            }
        } _: { test in
            _ = try test.exchange("POST /x?y HTTP/1.1\r\nHost : x\r\n\r\n")
            let request = try #require(seen.withLock { $0.first })
            #expect(request.method == "POST" && request.target == "/x?y")
            #expect(request.peer?.address == "127.0.0.1")
            _ = try test.exchange("GET /" + String(repeating: "a", count: 30_000) + " HTTP/1.1\r\n\r\n")
            #expect(seen.withLock { $0.last?.target?.count } == 500)
        }
    }

    @Test func newConnectionsFasterThanTheListenersRateWait() async throws {
        try await with {
            $0.newPerSecond = 2
        } _: { test in
            // One after the other: looking for a connection that is not there costs nothing of the rate.
            for _ in 0..<2 {
                let client = try test.client()
                try client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(try client.response().status == 200)
            }
            let late = try test.client()
            try late.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.until { $0.acceptWaits >= 1 }
            #expect(await test.server.counters().connectionsOpened == 2)
            // In steps: a loop that was in the middle of a turn needs another tick.
            try await test.until {
                test.clock.advance(100)
                return $0.connectionsOpened == 3
            }
            #expect(try late.response().status == 200)
        }
    }
}
