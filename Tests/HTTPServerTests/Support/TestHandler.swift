import HTTP
import Reactor
import Testing
import Time

@testable import HTTPServer

/// What a handler saw.
enum Seen: Sendable, Equatable {
    case request(String)
    case writable
    case peerEnded
    case closed(EndReason)
    case woken
    case tick
}

/// A handler with a few paths, one for each thing a handler can do.
final class TestHandler: HTTPHandler {
    let exchanges: HTTPExchanges
    let journal: Journal<Seen>
    var streams: [ExchangeID] = []
    var held: [ExchangeID] = []
    var requests: [HTTPRequest] = []
    var facts: [ExchangeFacts] = []
    let clock: ManualClock
    let wake: () -> Void

    init(
        _ exchanges: HTTPExchanges, _ journal: Journal<Seen>, clock: ManualClock = ManualClock(),
        wake: @escaping () -> Void = {}
    ) {
        self.exchanges = exchanges
        self.journal = journal
        self.clock = clock
        self.wake = wake
    }

    func handle(_ request: HTTPRequest, on exchange: ExchangeID) {
        requests.append(request)
        switch request.path {
        case "/stream":
            streams.append(exchange)
            exchanges.startStream(
                exchange, status: 200, headers: Headers([Headers.Field("Content-Type", "text/plain")]))
        case "/hold": held.append(exchange)
        case "/abort": exchanges.abort(exchange)
        case "/echo": exchanges.respond(exchange, Answer(status: 200, body: request.body))
        case "/empty": exchanges.respond(exchange, Answer(status: 204))
        case "/close":
            exchanges.respond(exchange, Answer(status: 200, headers: Headers([Headers.Field("Connection", "close")])))
        case "/slow":
            clock.advance(10)
            wake()
            exchanges.respond(exchange, Answer(status: 200))
        case "/big":
            exchanges.respond(exchange, Answer(status: 200, body: [UInt8](repeating: 0x78, count: 8_000_000)))
        default: exchanges.respond(exchange, Answer(status: 200, body: Array(request.target.utf8)))
        }
        journal.note(.request(request.path))
    }

    func streamIsWritable(_ exchange: ExchangeID) { journal.note(.writable) }
    func streamPeerEnded(_ exchange: ExchangeID) { journal.note(.peerEnded) }
    func exchangeDidEnd(_ exchange: ExchangeID, reason: EndReason) {
        streams.removeAll { $0 == exchange }
        held.removeAll { $0 == exchange }
        journal.note(.closed(reason))
    }
    func note(_ facts: ExchangeFacts) { self.facts.append(facts) }
    func woken() { journal.note(.woken) }
    func tick(now: Int64) {}

    /// Writes one chunk to every stream; what each took.
    func publish(_ text: String) -> [WriteResult] {
        let bytes = Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8)
        return streams.map { stream in unsafe bytes.withUnsafeBytes { unsafe exchanges.write(stream, $0) } }
    }

    /// Writes bytes as they are to every stream; what each took.
    func write(_ bytes: [UInt8]) -> [WriteResult] {
        streams.map { stream in unsafe bytes.withUnsafeBytes { unsafe exchanges.write(stream, $0) } }
    }

    func finishStreams() {
        for stream in streams {
            _ = unsafe Array("0\r\n\r\n".utf8).withUnsafeBytes { unsafe exchanges.write(stream, $0) }
            exchanges.finishStream(stream)
        }
    }
}

/// A server of `TestHandler`s on a free loopback port.
struct TestServer {
    let server: HTTPServer<TestHandler>
    let journal: Journal<Seen>
    let clock: ManualClock
    var port: UInt16 { server.addresses[0].port }

    static func with(
        loops: Int = 1, maximumBodyBytes: Int = 10_000, limits: HTTPLimits = HTTPLimits(),
        adjust: (inout HTTPServerOptions) -> Void = { _ in }, _ body: (TestServer) async throws -> Void
    ) async throws {
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        let clock = ManualClock()
        var options = HTTPServerOptions(listeners: [
            ListenerOptions(name: "test", places: [.address(address)], maximumBodyBytes: maximumBodyBytes)
        ])
        options.loops = loops
        options.limits = limits
        options.clock = MonotonicClock { clock.now }
        adjust(&options)
        let journal = Journal<Seen>()
        let server = try await HTTPServer<TestHandler>.start(options) { exchanges, loop in
            TestHandler(exchanges, journal, clock: clock, wake: { loop.wake() })
        }
        let test = TestServer(server: server, journal: journal, clock: clock)
        do {
            try await BlockingThread.run { try await body(test) }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func client(receiveBuffer: Int32? = nil) throws -> TestClient {
        try TestClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// One exchange on a connection of its own: the bytes to send, and everything that comes back.
    func exchange(_ request: String) throws -> String {
        let client = try client()
        try client.send(request)
        return try client.textToEnd()
    }
}

extension TestServer {
    /// Returns once the server's counters are as wanted; they change only by what the test does.
    func until(_ isMet: (HTTPCounters) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(TestClient.patienceSeconds)
        while !isMet(await server.counters()) {
            try #require(ContinuousClock.now < deadline, "the counters never were as expected")
            await Task.yield()
        }
    }

    /// Returns after the turn in which what the test has seen was done.
    func settled() async { for loop in 0..<server.loopCount { await server.onLoop(loop) { _ in } } }

    /// Returns once the server has read so many bytes.
    func received(_ bytes: Int) async throws { try await until { $0.bytesReceived >= bytes } }
}
