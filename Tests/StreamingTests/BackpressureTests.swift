internal import EventLog
internal import Testing

@testable internal import Streaming

struct BackpressureTests {
    @Test(arguments: [5, 6, 60, 97, 98, 200]) func aClientBlockedAnywhereGoesOnExactlyThere(room: Int) {
        let bench = Bench()
        let client = bench.connect(room: room)
        bench.append(t0, 3)
        bench.append(t0, 2)
        #expect(bench.sinks[client.sink].bytes.count == room)
        bench.open(client)
        #expect(bench.numbers(client) == numbers(0..<5))
    }

    @Test func aBlockedClientIsNotWrittenToUntilItIsWritable() {
        let bench = Bench()
        let client = bench.connect(room: 50)
        bench.append()
        let writes = bench.sinks[client.sink].writes.count
        bench.append(t0, 5)
        bench.pass(20_000)
        #expect(bench.sinks[client.sink].writes.count == writes)
    }

    @Test func whatGatheredMeanwhileComesInOneWrite() {
        let bench = Bench()
        let client = bench.connect(room: 5)
        for _ in 0..<20 { bench.append() }
        bench.sinks[client.sink].writes = []
        bench.open(client)
        #expect(bench.sinks[client.sink].writes.count == 1)
        #expect(bench.numbers(client) == numbers(0..<20))
    }

    /// A ring of about four frames.
    private var smallRing: FanOutOptions {
        var options = FanOutOptions()
        options.ringBytes = 400
        return options
    }

    @Test(arguments: [5, 70, 150, 260]) func whoFallsOutOfTheRingReplaysFromTheTailAndJoinsAgain(room: Int) {
        let bench = Bench(options: smallRing)
        let client = bench.connect(room: room)
        for _ in 0..<30 { bench.append() }
        #expect(bench.fanOut.statistics.replaying == 1)
        bench.open(client)
        #expect(bench.numbers(client) == numbers(0..<30))
        #expect(bench.fanOut.statistics.replaying == 0)
        #expect(bench.fanOut.statistics.joins == 1)
        bench.append()
        #expect(bench.numbers(client) == numbers(0..<31))
        #expect(bench.fanOut.statistics.eventsSent == 31)
    }

    @Test func whoFallsOutOfTheTailTooReplaysFromTheLog() {
        let bench = Bench(options: smallRing, tailBytes: 500)
        let client = bench.connect(room: 70)
        for _ in 0..<30 { bench.append() }
        bench.open(client)
        #expect(!bench.requests.isEmpty)
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<30))
        #expect(bench.fanOut.statistics.joins == 1)
    }

    @Test func manyWhoLeaveTheRingAtDifferentPlacesEachGoOnAtTheirs() {
        let bench = Bench(options: smallRing)
        let clients = [260, 5, 150, 5, 400, 33].map { bench.connect(room: $0) }
        for _ in 0..<30 { bench.append() }
        for client in clients {
            bench.open(client)
            #expect(bench.numbers(client) == numbers(0..<30))
        }
    }

    @Test func whoStopsInTheMiddleOfAReplayLosesAndRepeatsNothing() {
        let bench = Bench([t0, t1])
        bench.append(t0, 20)
        bench.append(t1, 20)
        let client = bench.connect(start: .at([t0: Position(offset: 0), t1: Position(offset: 0)]), room: 333)
        while bench.sinks[client.sink].room == 0 { bench.open(client, room: 333) }
        let expected = (0..<20).flatMap { ["\($0)", "\($0)"] }
        #expect(bench.numbers(client) == expected)
        #expect(bench.fanOut.statistics.eventsSent == 40)
    }

    @Test func whatFallsBehindTheTailIsServedFromTheLogAtOnce() {
        let bench = Bench(tailBytes: 500)
        let client = bench.connect()
        // Two bursts between two turns of the loop: the tail has let go of the first when the loop looks.
        bench.store(t0, 20)
        bench.ingest()
        bench.store(t0, 20)
        bench.ingest()
        bench.wake()
        bench.answer()
        // No further wake is needed for it to get everything.
        #expect(bench.numbers(client) == numbers(0..<40))
        #expect(bench.fanOut.statistics.replaying == 0)
    }

    @Test func anEventLargerThanTheRingReachesEverybody() {
        let bench = Bench(options: smallRing)
        let clients = [bench.connect(), bench.connect(room: 90)]
        bench.append(t0, 1, size: 3_000)
        bench.append()
        bench.open(clients[1])
        for client in clients { #expect(bench.numbers(client) == ["0", "1"]) }
    }

    @Test func aWakeConcernsTheFeedsThatHaveNews() {
        var index = ReaderIndex()
        index.add(0, partitions: [0, 1])
        index.add(1, partitions: [1])
        index.add(2, partitions: [2])
        index.mark(partition: 1)
        index.mark(partition: 0)
        index.mark(partition: 9)
        let fresh = (0..<3).map { _ in index.popFresh() }
        #expect(Set(fresh) == [0, 1, nil])
        index.remove(1, partitions: [1])
        index.mark(partition: 1)
        index.mark(partition: 2)
        let left = (0..<3).map { _ in index.popFresh() }
        #expect(Set(left) == [0, 2, nil])
    }

    @Test func aTurnThatLooksAtHiddenRecordsOnlyHasAnEndToo() {
        var options = FanOutOptions()
        options.replayTurnBytes = 1_000
        let bench = Bench(options: options)
        bench.append(t0, 100, kind: "c", size: 50)
        bench.append()
        let sink = bench.sinks.open()
        let request = SubscriptionRequest(
            Subscription(topics: ["t"], isChunked: false), start: .at([t0: Position(offset: 0)]))
        _ = bench.fanOut.subscribe(request, sink: sink, now: bench.now)
        var turns = 0
        while bench.fanOut.hasWork {
            bench.fanOut.run(now: bench.now)
            turns += 1
        }
        // Each looks at 1,000 bytes; a record counts more than a hundred.
        #expect((10...20).contains(turns))
        #expect(bench.fanOut.statistics.eventsSent == 1)
    }
}
