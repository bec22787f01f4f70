internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

/// Catalogue or redaction change: what was prepared under the old rules is never sent again.
struct PurgeTests {
    private var start: SubscriptionRequest.Start { .at([t0: Position(offset: 0)]) }

    /// `["0 under 1", "1 under 1", ...]`.
    private func numbers(_ range: Range<Int>, under version: Int) -> [String] {
        range.map { "\($0) under \(version)" }
    }

    @Test func whoHasHadAllGoesOnWithoutBeingDisturbed() {
        let bench = Bench()
        let client = bench.connect()
        bench.append(t0, 3)
        bench.changeRules()
        #expect(bench.fanOut.statistics.replaying == 0)
        #expect(bench.requests.isEmpty)
        bench.append(t0, 2)
        #expect(bench.numbers(client) == StreamingTests.numbers(0..<3) + numbers(3..<5, under: 1))
    }

    @Test func whoStandsBetweenTwoEventsGetsTheRestAsItIsNow() {
        let bench = Bench()
        let client = bench.connect()
        bench.append()
        // Room for whole frames only: each has as many bytes as the first.
        let frame = bench.sinks[client.sink].bytes.count - 5
        bench.sinks[client.sink].room = 2 * frame
        bench.append(t0, 6)
        bench.changeRules()
        bench.open(client)
        bench.answer()
        #expect(bench.numbers(client) == StreamingTests.numbers(0..<3) + numbers(3..<7, under: 1))
        #expect(bench.fanOut.statistics.replaying == 0)
    }

    @Test func whoHasAPartOfAnEventIsCutOffAndGetsNoMoreOfIt() {
        let bench = Bench()
        let client = bench.connect(room: 40)
        bench.append(t0, 3)
        bench.changeRules()
        #expect(bench.actions == [.abort(client.sink, .outdated)])
        #expect(bench.sinks[client.sink].bytes.count == 40)
        #expect(bench.fanOut.statistics.subscribers == 0)
    }

    @Test func whoHasAPartOfAnEventFromHistoryIsCutOffToo() {
        let bench = Bench()
        bench.append(t0, 3)
        let clients = [false, true].map { isPacked in
            bench.connect(start: start, room: 40) { if isPacked { $0.encoding = .gzip } }
        }
        bench.changeRules()
        #expect(Set(bench.actions) == Set(clients.map { .abort($0.sink, .outdated) }))
    }

    @Test func newClientsGetNothingOfTheOldRules() {
        let bench = Bench()
        _ = bench.connect()
        bench.append(t0, 4)
        bench.changeRules()
        let client = bench.connect(start: start)
        #expect(bench.numbers(client) == [])
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<4, under: 1))
    }

    @Test func aBlockThatWasReadUnderTheOldRulesIsAskedForAgain() throws {
        let bench = Bench(tailBytes: 200)
        for _ in 0..<6 { bench.append() }
        let client = bench.connect(start: start)
        let key = try bench.nextRequest()
        let old = bench.preparer.block(of: t0, Array((bench.log[t0] ?? []).prefix(2)), range: 0..<2)
        bench.changeRules()
        bench.answer(key, .block(old))
        #expect(bench.numbers(client) == [])
        #expect(bench.requests == [key])
        #expect(bench.fanOut.statistics.outdatedBlocks == 1)
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<6, under: 1))
    }

    @Test func blocksThatAReplayHoldsAreLetGo() {
        var options = FanOutOptions()
        options.writeBytes = 100
        options.replayTurnBytes = 100
        let bench = Bench(options: options)
        bench.append(t0, 20)
        let sink = bench.sinks.open()
        let request = SubscriptionRequest(Subscription(topics: ["t"], isChunked: false), start: start)
        let id = bench.fanOut.subscribe(request, sink: sink, now: bench.now)
        bench.fanOut.run(now: bench.now)
        let client = Bench.Client(sink: sink, id: id)
        let had = bench.numbers(client).count
        #expect((1..<20).contains(had))
        bench.changeRules()
        bench.answer()
        #expect(bench.numbers(client) == StreamingTests.numbers(0..<had) + numbers(had..<20, under: 1))
    }

    @Test func followersInGzipGoOn() throws {
        let bench = Bench()
        _ = bench.connect { $0.encoding = .gzip }
        bench.append(t0, 3)
        bench.changeRules()
        bench.append(t0, 3)
        #expect(bench.actions.isEmpty)
        #expect(bench.fanOut.statistics.replaying == 0)
        #expect(bench.fanOut.statistics.eventsSent == 6)
    }

    @Test func aBlockThatWasPreparedBeforeTheChangeIsNotTaken() {
        var tail = Tail(maximumBytes: 1 << 20)
        tail.add(t0, at: Position(offset: 0))
        let record = Record(offset: 0, timestamp: 1, value: [0x65])
        let old = PlainPreparer().block(of: t0, [record], range: 0..<1)
        tail.purge(olderThan: 1)
        let isTaken = tail.append(old, to: 0)
        #expect(!isTaken)
        #expect(tail.partitions[0].end.offset == 0)
        let new = PlainPreparer(version: 1).block(of: t0, [record], range: 0..<1)
        let gap = Block(Gap(t0, from: 1, to: 3, reason: .unreadable, detail: ""), range: 1..<3)
        let areTaken = [new, gap].map { tail.append($0, to: 0) }
        #expect(areTaken == [true, true])
        tail.purge(olderThan: 0)
        tail.purge(olderThan: 1)
        #expect(tail.partitions[0].count == 2)
        tail.purge(olderThan: 2)
        #expect(tail.partitions[0].end.offset == 3)
        #expect(tail.partitions[0].block(at: 0) == nil)
    }

    // MARK: Streams taken out

    @Test func whoseStreamIsTakenOutIsToldAndEndedInOrder() {
        let bench = Bench()
        let client = bench.connect { $0.isChunked = true }
        bench.append()
        bench.fanOut.end(client.id, telling: Notice(.streamRemoved, stream: "s", detail: "gone"), now: bench.now)
        bench.turn()
        #expect(bench.actions == [.finish(client.sink)])
        #expect(bench.text(client).contains("event: notice\ndata: {\"reason\":\"stream_removed\""))
        #expect(bench.text(client).contains("retry: "))
        #expect(bench.text(client).hasSuffix("0\r\n\r\n"))
    }

    @Test func itIsToldBehindTheEventThatItIsIn() {
        let bench = Bench()
        let client = bench.connect(room: 40)
        bench.append()
        bench.fanOut.end(client.id, telling: Notice(.streamRemoved, detail: "gone"), now: bench.now)
        bench.open(client)
        #expect(bench.numbers(client) == ["0", "notice stream_removed"])
        #expect(bench.actions == [.finish(client.sink)])
    }

    // MARK: A partition that is forgotten

    @Test func recordsOfAForgottenPartitionAreNotServed() {
        let bench = Bench([t0, t1])
        let follower = bench.connect()
        bench.append(t0, 5)
        bench.append(t1, 2)
        bench.tail.forget(0)
        bench.wake()
        let late = bench.connect(start: .at([t0: Position(offset: 0), t1: Position(offset: 0)]))
        #expect(bench.numbers(follower) == StreamingTests.numbers(0..<5) + ["0", "1", "gap 5..0 topic_recreated"])
        #expect(bench.numbers(late) == ["0", "1"])
        #expect(bench.fanOut.statistics.replaying == 0)
        bench.log[t0] = []
        bench.append(t0, 2)
        #expect(bench.numbers(late) == ["0", "1", "0", "1"])
        #expect(bench.numbers(follower).suffix(3) == ["gap 5..0 topic_recreated", "0", "1"])
    }

    @Test func aMirrorForgetsWhatTheTailForgot() {
        let bench = Bench()
        bench.append(t0, 5)
        bench.tail.forget(0, restartingAt: Position(offset: 3))
        #expect(bench.tail.bytes == 0)
        #expect(bench.tail.partitions[0].end == Position(offset: 3))
        bench.tail.append(Block(range: 3..<9, entries: [], bytes: []), to: 0)
        bench.wake()
        let client = bench.connect()
        bench.log[t0] = (0..<10).map { Record(offset: $0, timestamp: 1000 + $0, value: [0x65]) }
        bench.ingest()
        bench.wake()
        #expect(bench.numbers(client) == ["9"])
    }
}
