import Testing

@testable import HTTPServer
@testable import Reactor
@testable import Server
@testable import Streaming

/// What a client that waits is made of. There are tens of thousands: what grows here grows by as many. What only some have, such
/// as a body in gzip or an end, comes on top.
@Suite struct IdleClientTests {
    @Test func anIdleClientIsNoMoreThanTheseBytes() throws {
        let parts = [
            ("its connection", MemoryLayout<Slab<Connection>.Place>.stride),
            ("its exchange", MemoryLayout<Slab<Exchange>.Place>.stride),
            ("its place in the fan-out", MemoryLayout<Subscriber<ExchangeID>>.stride),
            ("what it counts for", MemoryLayout<ExchangeTable<LoopHandler.OpenStream>.Place?>.stride),
            ("when it is looked at next", MemoryLayout<DeadlineWheel.Entry>.stride),
            ("its membership of its feed", MemoryLayout<Int32>.stride),
        ]
        let lines = parts.map { "\($0.1) \($0.0)\n" }
        try Golden.expect(lines.joined(), matches: "idle-client.txt")
        #expect(parts.reduce(0) { $0 + $1.1 } <= 180)
    }
}
