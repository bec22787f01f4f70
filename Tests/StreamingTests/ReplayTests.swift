internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

struct ReplayTests {
    @Test func partitionsAreMergedByTimestamp() {
        let bench = Bench([t0, u0])
        for offset in 0..<4 {
            let time = Timestamp(offset)
            bench.log[t0, default: []].append(
                Record(offset: Offset(offset), timestamp: time * 10, value: [UInt8(ascii: "e")]))
            bench.log[u0, default: []].append(
                Record(offset: Offset(offset), timestamp: time * 10 + 5, value: [UInt8(ascii: "e")]))
        }
        bench.ingest(u0)
        bench.ingest(t0)
        bench.wake()
        let client = bench.connect(
            ["t", "u"], start: .at([t0: Position(offset: 1), u0: Position(offset: 0)]))
        #expect(bench.numbers(client) == ["0", "1", "1", "2", "2", "3", "3"])
        #expect(bench.fanOut.statistics.joins == 1)
    }

    @Test func historyComesFromTheLogAndThenTheTailAndThenLive() {
        let bench = Bench(tailBytes: 500)
        for _ in 0..<20 { bench.append() }
        let client = bench.connect(start: .at([t0: Position(offset: 3)]))
        #expect(bench.fanOut.statistics.joins == 0)
        bench.answer()
        #expect(bench.fanOut.statistics.joins == 1)
        bench.append()
        #expect(bench.numbers(client) == numbers(3..<21))
    }

    @Test func aBlockThatManyWaitForIsAskedForOnce() {
        let bench = Bench(tailBytes: 500)
        for _ in 0..<20 { bench.append() }
        let clients = (0..<5).map { _ in bench.connect(start: .at([t0: Position(offset: 3)])) }
        #expect(bench.requests == [BlockKey(partition: 0, offset: 3)])
        bench.answer()
        for client in clients { #expect(bench.numbers(client) == numbers(3..<20)) }
    }

    @Test func whoIsAheadOfTheLoopWaitsForIt() {
        let bench = Bench([t0, t1])
        let client = bench.connect(start: .at([t0: Position(offset: 3), t1: Position(offset: 0)]))
        bench.append(t1, 2)
        bench.append(t0, 2)
        #expect(bench.numbers(client) == ["0", "1"])
        bench.append(t0, 3)
        #expect(bench.numbers(client) == ["0", "1", "3", "4"])
        #expect(bench.fanOut.statistics.joins == 1)
    }

    @Test(arguments: [Offset.max, Offset.max - 1]) func aPositionThatNeverComesIsNoTrap(offset: Offset) {
        let bench = Bench()
        let client = bench.connect(start: .at([t0: Position(offset: offset, timestamp: .max)]))
        bench.append(t0, 3)
        bench.pass(20_000)
        #expect(bench.numbers(client) == [])
        #expect(bench.text(client).contains(": heartbeat"))
    }

    @Test func aNewPartitionReachesFollowersAndThoseWhoReplay() {
        let bench = Bench(tailBytes: 500)
        for _ in 0..<20 { bench.append() }
        let follower = bench.connect()
        let replaying = bench.connect(start: .at([t0: Position(offset: 17)]), room: 100)
        bench.tail.add(t1, at: Position(offset: 0))
        bench.append(t1, 2)
        bench.open(replaying)
        bench.answer()
        #expect(bench.numbers(follower) == ["0", "1"])
        #expect(bench.numbers(replaying).sorted() == ["0", "1", "17", "18", "19"])
        #expect(bench.id(follower).contains(#"{"topic":"t","partition":1,"offset":2"#))
        #expect(bench.fanOut.statistics.replaying == 0)
    }

    @Test func aNewPartitionOfASubsetIsNotTheirs() {
        let bench = Bench()
        let client = bench.connect { $0.only = [t0] }
        bench.tail.add(t1, at: Position(offset: 0))
        bench.append(t1, 2)
        bench.append()
        #expect(bench.numbers(client) == ["0"])
    }

    @Test func aPartitionThatCameWhileTheStartWasLookedUpIsReadFromItsBeginning() {
        let bench = Bench()
        _ = bench.connect()
        bench.tail.add(t1, at: Position(offset: 0))
        bench.append(t1, 2)
        // The look-up knew of the first partition only.
        let client = bench.connect(start: .at([t0: Position(offset: 0)]))
        bench.append(t1)
        #expect(bench.numbers(client) == ["0", "1", "2"])
    }

    @Test func aPartitionThatTheLoopHasYetToHearOfBeginsWhereTheClientSays() {
        let bench = Bench()
        bench.tail.add(t1, at: Position(offset: 0))
        bench.store(t1, 4)
        bench.ingest(t1)
        let client = bench.connect(start: .at([t0: Position(offset: 0), t1: Position(offset: 3)]))
        bench.wake()
        #expect(bench.numbers(client) == ["3"])
        #expect(bench.fanOut.statistics.joins == 1)
    }

    @Test func holesInTheOffsetsAreNoGaps() {
        let bench = Bench(tailBytes: 300)
        let live = bench.connect()
        let records = [3, 4, 9].map { Record(offset: $0, timestamp: 1000 + $0, value: [UInt8(ascii: "e")]) }
        bench.tail.append(PlainPreparer().block(of: t0, records, range: 0..<10), to: 0)
        bench.wake()
        let late = bench.connect(start: .at([t0: Position(offset: 0)]))
        let between = bench.connect(start: .at([t0: Position(offset: 6)]))
        bench.tail.append(Block(range: 10..<20, entries: [], bytes: []), to: 0)
        bench.wake()
        for client in [live, late] { #expect(bench.numbers(client) == ["3", "4", "9"]) }
        #expect(bench.numbers(between) == ["9"])
        #expect(bench.fanOut.statistics.replaying == 0)
    }

    @Test func aReplayGoesOnInTurnsOfItsBudget() {
        var options = FanOutOptions()
        options.writeBytes = 200
        options.replayTurnBytes = 400
        let bench = Bench(options: options)
        bench.append(t0, 50)
        let sink = bench.sinks.open()
        let request = SubscriptionRequest(
            Subscription(topics: ["t"], isChunked: false), start: .at([t0: Position(offset: 0)]))
        let id = bench.fanOut.subscribe(request, sink: sink, now: bench.now)
        bench.fanOut.run(now: bench.now)
        let client = Bench.Client(sink: sink, id: id)
        #expect(bench.fanOut.hasWork)
        #expect((1...10).contains(bench.numbers(client).count))
        bench.turn()
        #expect(bench.numbers(client) == numbers(0..<50))
    }
}
