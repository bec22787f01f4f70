internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

struct EndTests {
    private let wall: Timestamp = 1_700_000_000_000

    @Test func aLimitEndsTheStreamAfterSoManyEvents() {
        let bench = Bench()
        bench.append(t0, 3)
        let client = bench.connect(start: .at([t0: Position(offset: 1)]), limit: 4) { $0.isChunked = true }
        #expect(bench.actions.isEmpty)
        bench.append(t0, 5)
        #expect(bench.actions == [.finish(client.sink)])
        #expect(bench.text(client).components(of: "event: message") == 4)
        #expect(bench.text(client).hasSuffix("0\r\n\r\n"))
        #expect(bench.fanOut.statistics.replaying == 0)
    }

    @Test(arguments: [IDForm.json, .compact], [true, false])
    func theLastIDOfAStreamThatHasSentAllSaysSo(form: IDForm, isLimit: Bool) throws {
        let bench = Bench()
        bench.append(t0, 5)
        let client = bench.connect(
            start: .at([t0: Position(offset: 1)]), limit: isLimit ? 4 : nil, until: isLimit ? nil : 2_000
        ) { $0.ids = form }
        #expect(bench.actions == [.finish(client.sink)])
        let ends = try ids(bench, client)
        #expect(ends.map(\.isFinal) == [false, false, false, false, true])
        #expect(ends.last?.entries.first?.place == .at(5))
    }

    @Test func aStreamThatEndsForAnotherReasonDoesNotSaySo() throws {
        let bench = Bench()
        bench.append(t0, 2)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), limit: 4)
        bench.append(t0, 1, kind: "c")
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        #expect(try ids(bench, client).map(\.isFinal) == [false, false, false])
    }

    /// All ids of a client's body, with an event and without.
    private func ids(_ bench: Bench, _ client: Bench.Client) throws -> [RequestedCursor] {
        var parser = EventStreamParser()
        return try parser.push(bench.sinks[client.sink].bytes).compactMap { item in
            switch item {
            case .event(let event): try LastEventID.parse(event.lastEventID, topics: ["t"])
            case .progress(let id): try LastEventID.parse(id, topics: ["t"])
            default: nil
            }
        }
    }

    @Test func hiddenEventsDoNotCountTowardsTheLimit() {
        let bench = Bench()
        let client = bench.connect(limit: 2)
        bench.append(t0, 3, kind: "c")
        bench.append(t0, 3)
        #expect(bench.numbers(client) == ["3", "4"])
    }

    @Test func aLimitHoldsWhereAWriteIsCut() {
        let bench = Bench()
        bench.append(t0, 20)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), room: 250, limit: 7)
        while bench.actions.isEmpty { bench.open(client, room: 250) }
        #expect(bench.numbers(client) == numbers(0..<7))
    }

    @Test(arguments: [Int.min, -1, 0]) func aLimitOfNothingEndsAtOnce(limit: Int) {
        let bench = Bench()
        bench.append(t0, 3)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), limit: limit)
        #expect(bench.numbers(client) == [])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func theLargestLimitIsNone() {
        let bench = Bench()
        let client = bench.connect(room: 150, limit: .max)
        bench.append(t0, 3)
        bench.open(client)
        #expect(bench.numbers(client) == numbers(0..<3))
        #expect(bench.actions.isEmpty)
    }

    @Test func untilInThePastIsHistoryAndThenTheEnd() {
        let bench = Bench()
        bench.append(t0, 10)
        let client = bench.connect(start: .at([t0: Position(offset: 2)]), until: 1005)
        #expect(bench.numbers(client) == ["2", "3", "4"])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func untilInTheFutureWaitsForTheClock() {
        let bench = Bench([t0, t1])
        let client = bench.connect(until: wall + 5_000)
        bench.append(t0)
        bench.append(t1)
        bench.pass(4_000)
        #expect(bench.actions.isEmpty)
        // Late records have their time.
        bench.pass(3_000)
        #expect(bench.actions == [.finish(client.sink)])
        #expect(bench.numbers(client) == ["0", "0"])
    }

    @Test func thoseWhoWaitForTheirEndLetTheLoopRest() {
        var options = FanOutOptions()
        // A turn has time for two of them.
        options.replayTurnBytes = 100
        let bench = Bench(options: options)
        let clients = (0..<10).map { _ in bench.connect(limit: 2) }
        for _ in 0..<3 { bench.wake() }
        #expect(!bench.fanOut.hasWork)
        bench.append(t0, 5)
        for client in clients { #expect(bench.numbers(client) == ["0", "1"]) }
    }

    @Test func aRecordAfterTheTimeIsNotSent() {
        let bench = Bench()
        bench.append(t0, 3)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), until: 1001)
        #expect(bench.numbers(client) == ["0"])
    }

    @Test(arguments: [Timestamp.min, 0]) func untilBeforeEverythingEndsAtOnce(until: Timestamp) {
        let bench = Bench()
        bench.append(t0, 3)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), until: until)
        #expect(bench.numbers(client) == [])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func recordsOfTheFutureAreNoEnd() {
        let bench = Bench()
        bench.append(t0, at: [1_000, 9_000_000, 1_001, 1_002])
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), until: 1_002)
        #expect(bench.numbers(client) == ["0", "2"])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func untilInTheFutureEndsByTheClockWhateverTimesCome() {
        let bench = Bench()
        let client = bench.connect(until: wall + 5_000)
        bench.append(t0, at: [wall + 9_000, wall, wall + 5_000, wall + 1])
        #expect(bench.numbers(client) == ["1", "3"])
        #expect(bench.actions.isEmpty)
        bench.pass(7_000)
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func untilInThePastEndsWhereTheLogEndedWhenItWasAsked() {
        let bench = Bench()
        bench.append(t0, 2)
        // The log has one more, which the loop has yet to hear of.
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), until: wall, ends: [t0: 3])
        #expect(bench.numbers(client) == ["0", "1"])
        #expect(bench.actions.isEmpty)
        bench.append(t0, 3)
        #expect(bench.numbers(client) == ["0", "1", "2"])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func untilInThePastDoesNotWaitForEverForWhatTheLogHad() {
        let bench = Bench()
        bench.append(t0, 2)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), until: wall, ends: [t0: 3])
        bench.pass(3_000)
        #expect(bench.numbers(client) == ["0", "1"])
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func untilTheEndOfTimeIsForEver() {
        let bench = Bench()
        let client = bench.connect(until: .max)
        bench.append(t0, 3)
        bench.pass(100_000)
        #expect(bench.numbers(client) == numbers(0..<3))
        #expect(bench.actions.isEmpty)
    }

    @Test func aSubscriptionOfNothingCanEndToo() {
        let bench = Bench()
        let client = bench.connect(["nothing"], until: wall + 2_000)
        bench.pass(5_000)
        #expect(bench.actions == [.finish(client.sink)])
    }
}
