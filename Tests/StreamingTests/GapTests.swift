internal import EventFilter
internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

struct GapTests {
    /// A client that has to read the log from the beginning.
    private func reader() -> (Bench, Bench.Client) {
        let bench = Bench(tailBytes: 300)
        for _ in 0..<10 { bench.append() }
        return (bench, bench.connect(start: .at([t0: Position(offset: 0)])))
    }

    @Test func aGapOfTheStartIsToldFirstWithAnIDBehindIt() {
        let bench = Bench(start: Position(offset: 7, timestamp: 1))
        let gap = Gap(t0, from: 2, to: 7, reason: .retention, detail: "gone")
        let after = PendingGap.After(t0, Position(offset: 7))
        let client = bench.connect(start: .at([t0: Position(offset: 2)]), gaps: [PendingGap(gap, after: after)])
        #expect(
            bench.text(client) == ":ok\n\nevent: gap\n" + #"id: [{"topic":"t","partition":0,"offset":7,"entries":1}]"#
                + "\n"
                + #"data: {"topic":"t","partition":0,"from":2,"to":7,"reason":"retention","detail":"gone"}"# + "\n\n")
        #expect(bench.fanOut.statistics.gaps == [.retention: 1])
        #expect(bench.fanOut.statistics.joins == 1)
    }

    @Test func gapsAreToldInTheirOrder() {
        let bench = Bench()
        let gaps = [1, 2, 3].map { PendingGap(Gap(t0, from: $0, to: $0, reason: .failover, detail: "")) }
        let client = bench.connect(gaps: gaps, { $0.format = .ndjson })
        let lines = bench.text(client).split(separator: "\n")
        #expect(lines.count == 3)
        for (line, place) in zip(lines, 1...) { #expect(line.contains("\"from\":\(place)")) }
    }

    @Test func whatRetentionTookBeforeTheFirstRecordIsRetention() throws {
        let (bench, client) = reader()
        bench.answer(try bench.nextRequest(), .missing(next: 4, .retention, detail: "gone"))
        bench.answer()
        #expect(bench.numbers(client) == ["gap 0..4 retention"] + numbers(4..<10))
    }

    @Test func whatRetentionTookAfterwardsIsSlowness() throws {
        let (bench, client) = reader()
        let first = try bench.nextRequest()
        bench.answer(
            first, .block(PlainPreparer().block(of: t0, Array(bench.log[t0, default: []].prefix(2)), range: 0..<2)))
        bench.answer(try bench.nextRequest(), .missing(next: 4, .retention, detail: "gone"))
        bench.answer()
        #expect(bench.numbers(client) == ["0", "1", "gap 2..4 slow"] + numbers(4..<10))
        #expect(bench.fanOut.statistics.gaps == [.slow: 1])
    }

    /// What a client is not shown.
    enum Hidden: CaseIterable { case skipped, filtered, ofAnotherPartition }

    /// Two clients have had the first event; one of them takes no more, and leaves the ring after five records that neither
    /// is shown and thirty events. A third keeps the ring from the first event on.
    private func dismissed(_ hidden: Hidden) throws -> (Bench, Bench.Client) {
        var options = FanOutOptions()
        options.ringBytes = 1_000
        let bench = Bench([t0, t1], options: options, tailBytes: 300)
        let filter = hidden == .filtered ? try EventFilter("n == 0 || n >= 6") : nil
        let slow = bench.connect { $0.filter = filter }
        let quick = bench.connect { $0.filter = filter }
        _ = bench.connect(room: 10) { $0.filter = filter }
        bench.append()
        bench.sinks[slow.sink].room = 0
        if hidden == .ofAnotherPartition {
            bench.append(t0, 5)
            for _ in 0..<5 { bench.append(t1, kind: "x") }
        } else {
            for _ in 0..<5 { bench.append(kind: hidden == .skipped ? "x" : "e") }
        }
        for _ in 0..<30 { bench.append() }
        #expect(bench.fanOut.statistics.replaying == 2)
        #expect(bench.numbers(quick).count == (hidden == .ofAnotherPartition ? 36 : 31))
        return (bench, slow)
    }

    @Test(arguments: Hidden.allCases) func whatAClientIsNotShownIsNoGapWhereRetentionTakesIt(hidden: Hidden) throws {
        let (bench, slow) = try dismissed(hidden)
        bench.first = hidden == .ofAnotherPartition ? [t1: 5] : [t0: 6]
        bench.open(slow)
        bench.answer()
        #expect(bench.numbers(slow) == ["0"] + numbers((hidden == .ofAnotherPartition ? 1 : 6)..<36))
    }

    @Test(arguments: Hidden.allCases) func theGapBeginsAtTheFirstEventThatIsLost(hidden: Hidden) throws {
        let (bench, slow) = try dismissed(hidden)
        bench.first = [t0: 8, t1: 5]
        bench.open(slow)
        bench.answer()
        let next = hidden == .ofAnotherPartition ? 1 : 6
        #expect(bench.numbers(slow) == ["0", "gap \(next)..8 slow"] + numbers(8..<36))
    }

    @Test func unreadableRecordsAreAGap() throws {
        let (bench, client) = reader()
        bench.answer(try bench.nextRequest(), .missing(next: 3, .unreadable, detail: "damaged"))
        bench.answer()
        #expect(bench.numbers(client) == ["gap 0..3 unreadable"] + numbers(3..<10))
    }

    @Test func aTopicThatIsGoneFromTheLogIsAGapUpToTheLiveEvents() throws {
        let (bench, client) = reader()
        bench.answer(try bench.nextRequest(), .missing(next: .max, .topicUnavailable, detail: "none"))
        bench.append()
        #expect(bench.numbers(client) == ["gap 0..10 topic_unavailable", "10"])
    }

    @Test func aGapInTheTailIsToldToAll() {
        let bench = Bench()
        let follower = bench.connect()
        let slow = bench.connect(room: 5)
        bench.append(t0, 2)
        let gap = Gap(t0, from: 2, to: 5, reason: .unreadable, detail: "damaged")
        bench.tail.append(Block(gap, range: 2..<5), to: 0)
        bench.wake()
        let late = bench.connect(start: .at([t0: Position(offset: 0)]))
        let within = bench.connect(start: .at([t0: Position(offset: 3, timestamp: 9)]))
        bench.log[t0] = (0..<6).map { Record(offset: $0, timestamp: 1000 + $0, value: [UInt8(ascii: "e")]) }
        bench.ingest()
        bench.wake()
        bench.open(slow)
        for client in [follower, slow, late] {
            #expect(bench.numbers(client) == ["0", "1", "gap 2..5 unreadable", "5"])
        }
        #expect(bench.numbers(within) == ["gap 3..5 unreadable", "5"])
    }

    @Test func nothingIsClaimedOfTheRecordBeforeTheEndOfAGap() {
        let bench = Bench()
        bench.append(t0, 2)
        let gap = Gap(t0, from: 2, to: 5, reason: .unreadable, detail: "damaged")
        bench.tail.append(Block(gap, range: 2..<5), to: 0)
        bench.wake()
        #expect(bench.tail.partitions[0].end == Position(offset: 5))
        let other = PendingGap(Gap(u0, from: 0, to: 1, reason: .failover, detail: ""))
        let client = bench.connect(gaps: [other])
        #expect(bench.id(client) == #"[{"topic":"t","partition":0,"offset":5,"entries":1}]"#)
    }

    /// The tail of a partition whose log was made anew: offsets begin again.
    private func makeAnew(_ bench: Bench, _ count: Int) {
        bench.log[t0] = []
        bench.store(t0, count)
        bench.tail.append(
            PlainPreparer().block(of: t0, bench.log[t0] ?? [], range: 0..<Offset(count)), to: 0)
    }

    @Test(arguments: [3, 40]) func aPartitionMadeAnewIsToldAndReadFromItsBeginning(count: Int) {
        let bench = Bench()
        bench.append(t0, 10)
        let follower = bench.connect()
        let blocked = bench.connect(room: 40)
        bench.append(t0, 2)
        let limited = bench.connect(limit: 100)
        makeAnew(bench, count)
        bench.wake()
        bench.open(blocked)
        #expect(bench.numbers(follower) == ["10", "11", "gap 12..0 topic_recreated"] + numbers(0..<count))
        #expect(bench.numbers(blocked) == ["10", "gap 11..0 topic_recreated"] + numbers(0..<count))
        #expect(bench.numbers(limited) == ["gap 12..0 topic_recreated"] + numbers(0..<count))
        #expect(bench.fanOut.statistics.replaying == 1)
    }

    @Test func aTopicThatTheLogMadeAnewBeforeTheTailHeardOfItIsNotMixedWithTheOldOne() throws {
        let bench = Bench(tailBytes: 300)
        for _ in 0..<10 { bench.append() }
        let client = bench.connect(start: .at([t0: Position(offset: 2)]))
        bench.answer(try bench.nextRequest(), .missing(next: 0, .topicRecreated, detail: "anew"))
        makeAnew(bench, 3)
        bench.wake()
        bench.answer()
        #expect(bench.numbers(client) == ["gap 2..10 topic_recreated", "gap 10..0 topic_recreated", "0", "1", "2"])
    }

    @Test func whoWaitsForABlockThatNeverComesIsToldThatThePartitionWasMadeAnew() throws {
        let bench = Bench([t0, t1], tailBytes: 300)
        for _ in 0..<10 { bench.append() }
        let start = [t0: Position(offset: 2), t1: Position(offset: 0)]
        let client = bench.connect(start: .at(start))
        let blocked = bench.connect(start: .at(start), room: 0)
        #expect(try bench.nextRequest() == BlockKey(partition: 0, offset: 2))
        bench.append(t1)
        makeAnew(bench, 2)
        bench.wake()
        bench.open(blocked)
        for client in [client, blocked] {
            #expect(bench.numbers(client) == ["gap 2..0 topic_recreated", "0", "0", "1"])
        }
    }

    @Test func aBlockOfThePartitionThatWasIsNotTakenForOneOfTheNew() throws {
        let bench = Bench(tailBytes: 300)
        for _ in 0..<10 { bench.append() }
        let client = bench.connect(start: .at([t0: Position(offset: 0)]))
        let old = try bench.nextRequest()
        makeAnew(bench, 2)
        for _ in 0..<10 {
            bench.store()
            bench.ingest()
        }
        bench.wake()
        #expect(bench.requests == [BlockKey(partition: 0, offset: 0, incarnation: 1)])
        bench.answer(old, .missing(next: 5, .retention, detail: "of the old one"))
        bench.answer()
        #expect(bench.numbers(client) == ["gap 0..0 topic_recreated"] + numbers(0..<12))
    }

    @Test func aBlockOfThePartitionThatWasIsNotAskedForAgain() throws {
        let bench = Bench(tailBytes: 300)
        for _ in 0..<10 { bench.append() }
        let client = bench.connect(start: .at([t0: Position(offset: 5)]), limit: 100)
        bench.answer(try bench.nextRequest(), .unavailable)
        makeAnew(bench, 2)
        bench.wake()
        bench.pass(5_000)
        #expect(bench.requests.isEmpty)
        #expect(bench.numbers(client) == ["gap 5..0 topic_recreated", "0", "1"])
    }

    @Test func aReadThatFailsIsTriedAgain() throws {
        let (bench, client) = reader()
        let key = try bench.nextRequest()
        bench.answer(key, .unavailable)
        bench.pass(3_000)
        #expect(bench.requests == [key])
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<10))
    }

    @Test func aReadForThoseWhoLeftIsNotTriedAgain() throws {
        let (bench, client) = reader()
        bench.answer(try bench.nextRequest(), .unavailable)
        bench.fanOut.sinkDidClose(client.id)
        bench.pass(3_000)
        #expect(bench.requests.isEmpty)
        #expect(bench.fanOut.requests.counts.isEmpty)
    }
}
