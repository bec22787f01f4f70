internal import CMalloc
internal import EventFilter
internal import EventLog
internal import Testing

@testable internal import Streaming

/// What a client with a filter of its own takes: its feed is nobody else's.
@Suite(.serialized) struct DistinctFilterTests {
    /// The bytes that are allocated, by the allocator's own count: what others have given back is not among them.
    private static func used() -> Int {
        let counts = mallinfo2()
        return Int(counts.uordblks + counts.hblkhd)
    }

    /// How many bytes each of `count` takes.
    private func measure(_ count: Int, _ make: (Int) throws -> Void) rethrows -> Int {
        let before = Self.used()
        for number in 0..<count { try make(number) }
        return (Self.used() - before) / count
    }

    @Test func aDistinctFilterWithOneIdleClientTakesAtMost1408Bytes() throws {
        // No table grows to twice its size between these, so their places in the tables are counted by themselves.
        let clients = 2_100..<3_050
        let bench = Bench([t0, t1])
        let sinks = (0..<clients.upperBound).map { _ in bench.sinks.open() }
        func connect(_ number: Int) throws {
            var subscription = Subscription(topics: ["t"])
            subscription.filter = try EventFilter(
                "wiki == \"wiki\(number % 300)\" && user == \"Somebody \(number)\"")
            _ = bench.fanOut.subscribe(SubscriptionRequest(subscription), sink: sinks[number], now: bench.now)
        }
        for number in 0..<clients.lowerBound { try connect(number) }
        let ofTables = MemoryLayout<Feed>.stride + MemoryLayout<Subscriber<Int>>.stride
        let ofStreams = ofTables + (try measure(clients.count) { try connect(clients.lowerBound + $0) })
        bench.append(t0, 10)
        bench.append(t1, 10)
        let ofNews = measure(1) { _ in bench.append(t0, 10) }
        let parts = """
            the filter, its feed (of which \(MemoryLayout<Feed>.stride) in the table), its place on the board and its client \
            (of which \(MemoryLayout<Subscriber<Int>>.stride) in the table): \(ofStreams) bytes
            """
        print(parts)
        #expect(ofStreams <= 1_408, Comment(rawValue: parts))
        // What passes all of them leaves nothing with any.
        #expect(ofNews < 1_000_000)
    }
}
