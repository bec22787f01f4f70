import HTTP
import Reactor
import System
import Testing

@testable import HTTPServer

/// Several loops, and the end of a server.
@Suite(.serialized) struct LoopTests {
    @Test func connectionsAreSharedOutEvenly() async throws {
        try await TestServer.with(loops: 2) { test in
            let clients = try (0..<10).map { _ in try test.client() }
            for client in clients {
                try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.text(through: "\r\n\r\n")
            }
            for loop in 0..<2 { #expect(await test.server.onLoop(loop) { $0.streams.count } == 5) }
            #expect(test.server.connectionCount == 10)
            for loop in 0..<2 { _ = await test.server.onLoop(loop) { $0.publish("all") } }
            for client in clients { #expect(try client.text(through: "all\r\n") == "3\r\nall\r\n") }
        }
    }

    @Test func newConnectionsGoWhereOthersHaveLeft() async throws {
        try await TestServer.with(loops: 3) { test in
            // They are accepted in the order in which they come: every third is the same loop's.
            var clients = try (0..<300).map { _ in try test.client() }
            try await test.until { $0.connectionsOpened == 300 }
            #expect(test.server.connectionCounts == [100, 100, 100])
            // All but a few of one loop leave, and half of another's.
            let leaving = clients.indices.filter { $0 % 3 == 0 && $0 >= 30 || $0 % 3 == 1 && $0 >= 150 }
            for index in leaving { clients[index].close() }
            try await test.until { $0.connectionsClosed == leaving.count }
            #expect(test.server.connectionCounts.sorted() == [10, 50, 100])
            clients += try leaving.map { _ in try test.client() }
            try await test.until { $0.connectionsOpened == 300 + leaving.count }
            #expect(test.server.connectionCounts == [100, 100, 100])
        }
    }

    @Test func wakesBeforeTheLoopLooksAreOne() async throws {
        try await TestServer.with { test in
            await test.server.onLoop(0) { _ in for _ in 0..<1000 { test.server.wakeAll() } }
            try await test.journal.wait(for: .woken)
            // This job comes after the turn in which the wakes were taken.
            await test.server.onLoop(0) { _ in }
            #expect(test.journal.entries == [.woken])
            test.server.wakeAll()
            try await test.journal.wait { $0 == [.woken, .woken] }
        }
    }

    @Test func whatWasDoneElsewhereIsAnsweredFromTheLoop() async throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        let options = HTTPServerOptions(listeners: [ListenerOptions(name: "test", places: [.address(address)])])
        let server = try await HTTPServer<LaterHandler>.start(options) { LaterHandler($0, $1) }
        try await BlockingThread.run {
            let client = try TestClient(port: server.addresses[0].port)
            try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().body == "later")
        }
        await server.stop()
    }

    @Test func aListenerAcceptsAtAllItsPlacesAndCountsThemTogether() async throws {
        let places = try ["127.0.0.1", "127.0.0.2"].map {
            ListenerOptions.Place.address(try #require(SocketAddress($0, port: 0)))
        }
        let absent = ListenerOptions.Place.address(try #require(SocketAddress("192.0.2.1", port: 0)))
        func adjust(_ options: inout HTTPServerOptions) {
            options.listeners[0].places = places + [absent]
            options.listeners[0].limits.connections = 1
        }
        try await TestServer.with(adjust: adjust) { test in
            let first = try test.client()
            try first.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            let second = try TestClient(host: 0x7F00_0002, port: test.port)
            try second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try second.response().status == 503)
        }
    }

    @Test func stoppingEndsEveryStreamAndTellsItsHandlerOnce() async throws {
        try await TestServer.with(loops: 2) { test in
            let clients = try (0..<4).map { _ in try test.client() }
            for client in clients {
                try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.text(through: "\r\n\r\n")
            }
            let holding = try test.client()
            try holding.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            await test.server.stop()
            #expect(test.journal.entries.filter { $0 == .closed(.shutdown) }.count == 5)
            #expect(test.server.connectionCount == 0)
            for client in clients { #expect(try client.textToEnd() == "") }
        }
    }

    @Test func aServerThatNoLongerAcceptsFinishesWhatItHas() async throws {
        try await TestServer.with { test in
            let idle = try test.client()
            try idle.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try idle.response()
            let holding = try test.client()
            try holding.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
            try await test.journal.wait(for: .request("/hold"))
            await test.server.stopAccepting()
            #expect(try idle.textToEnd() == "")
            #expect(throws: TestClient.Failure.self) { try test.client() }
            await test.server.onLoop(0) { handler in
                handler.exchanges.respond(handler.held[0], Answer(status: 200))
            }
            #expect(try holding.response().field("Connection") == "close")
        }
    }

    @Test func stoppingWaitsForStreamsThatEndInTime() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.text(through: "\r\n\r\n")
            async let stopped: Void = test.server.stop(waitingAtMost: 1_000_000)
            await test.server.onLoop(0) { $0.finishStreams() }
            #expect(try client.textToEnd() == "0\r\n\r\n")
            client.close()
            await stopped
            #expect(test.journal.entries.contains(.closed(.finished)))
        }
    }

    @Test func stoppingDoesNotWaitLongerThanAsked() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try client.text(through: "\r\n\r\n")
            async let stopped: Void = test.server.stop(waitingAtMost: 5_000)
            // The listener is closed first: from then on the wait has begun, or will with this very time.
            while (try? test.client()) != nil { await Task.yield() }
            while !test.journal.entries.contains(.closed(.shutdown)) {
                test.clock.advance(5_001)
                await Task.yield()
            }
            await stopped
        }
    }

    @Test func workForALoopThatHasStoppedIsStillDone() async throws {
        try await TestServer.with { test in
            await test.server.stop()
            #expect(await test.server.onLoop(0) { _ in 42 } == 42)
            #expect(await test.server.counters().requests == 0)
        }
    }

    @Test func whatIsDoneElsewhereWhileTheServerStopsIsStillTaken() async throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        let options = HTTPServerOptions(listeners: [ListenerOptions(name: "test", places: [.address(address)])])
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (counts, end) = AsyncStream<Int>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let server = try await HTTPServer<LaterHandler>.start(options) { exchanges, loop in
            LaterHandler(exchanges, loop) {
                begin.yield()
                for await _ in gate {}
            } done: {
                end.yield($0)
            }
        }
        let client = try TestClient(port: server.addresses[0].port)
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for await _ in begun { break }
        await server.stop()
        open.finish()
        for await exchanges in counts {
            #expect(exchanges == 0)
            break
        }
        #expect(try client.textToEnd() == "")
    }

    @Test func aPortInUseIsAnErrorThatSaysSo() async throws {
        try await TestServer.with { test in
            let options = HTTPServerOptions(listeners: [
                ListenerOptions(name: "second", places: [.address(test.server.addresses[0])])
            ])
            let error = await #expect(throws: ListenError.self) {
                _ = try await HTTPServer<TestHandler>.start(options) { exchanges, _ in
                    TestHandler(exchanges, Journal())
                }
            }
            #expect(error?.description.hasPrefix("Port \(test.port) of 127.0.0.1 is in use") == true)
        }
    }
}

/// Answers after something was done elsewhere.
private final class LaterHandler: HTTPHandler {
    let exchanges: HTTPExchanges
    let loop: HTTPLoop<LaterHandler>
    let work: @Sendable () async -> Void
    /// Is told how many connections there are after the answer.
    let done: @Sendable (Int) -> Void

    init(
        _ exchanges: HTTPExchanges, _ loop: HTTPLoop<LaterHandler>,
        work: @escaping @Sendable () async -> Void = { await Task.yield() },
        done: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.exchanges = exchanges
        self.loop = loop
        self.work = work
        self.done = done
    }

    func handle(_ request: HTTPRequest, on exchange: ExchangeID) {
        loop.perform { [work] in
            await work()
            return "later"
        } then: { handler, text in
            handler.exchanges.respond(exchange, Answer(status: 200, body: Array(text.utf8)))
            handler.done(handler.exchanges.count)
        }
    }
    func streamIsWritable(_ exchange: ExchangeID) {}
    func exchangeDidEnd(_ exchange: ExchangeID, reason: EndReason) {}
    func woken() {}
    func tick(now: Int64) {}
}
