internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

/// Whoever is not shown a record moves on all the same.
struct ProgressTests {
    private static let hour: Int64 = 3_600_000

    /// The ids that came without an event.
    private func progress(_ bench: Bench, _ client: Bench.Client) -> [String] {
        var parser = EventStreamParser()
        let items = (try? parser.push(bench.sinks[client.sink].bytes)) ?? []
        return items.compactMap {
            if case .progress(let id) = $0 { String(decoding: id, as: UTF8.self) } else { nil }
        }
    }

    private func id(_ offset: Int) -> String {
        #"[{"topic":"t","partition":0,"offset":\#(offset),"timestamp":\#(999 + offset),"entries":1}]"#
    }

    @Test(arguments: ["c", "x"], [true, false]) func whoIsShownNothingGetsAnIDOnceAnHour(kind: String, isReplay: Bool) {
        let bench = Bench()
        bench.append()
        let client =
            isReplay
            ? bench.connect(start: .at([t0: Position(offset: 0)]), limit: 5)
            : bench.connect(start: .at([t0: Position(offset: 0)]))
        bench.append(t0, 5, kind: kind)
        bench.pass(Self.hour - 20_000)
        #expect(progress(bench, client) == [])
        bench.append(t0, 1, kind: kind)
        bench.pass(40_000)
        #expect(progress(bench, client) == [id(7)])
        #expect(bench.numbers(client) == ["0"])
        // Once is enough for what passed.
        bench.pass(2 * Self.hour)
        #expect(progress(bench, client) == [id(7)])
        bench.append(t0, 1, kind: kind)
        bench.pass(20_000)
        #expect(progress(bench, client) == [id(7), id(8)])
    }

    /// The replay aims at the feed's cursor of when it began; what the feed passed since then it has not told.
    @Test func whoArrivesWhileItsFeedPassesHiddenRecordsGetsAnIDForThem() {
        let bench = Bench()
        bench.append()
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), room: 40)
        bench.append(t0, 3, kind: "c")
        bench.open(client)
        bench.pass(Self.hour + 20_000)
        #expect(bench.numbers(client) == ["0"])
        #expect(progress(bench, client) == [id(4)])
    }

    @Test func anEventIsProgressEnough() {
        let bench = Bench()
        let client = bench.connect()
        for _ in 0..<6 {
            bench.append(t0, 1, kind: "c")
            bench.append()
            bench.pass(Self.hour / 2)
        }
        #expect(progress(bench, client) == [])
    }

    @Test func anOrderlyEndTellsWhereTheClientStands() {
        let bench = Bench()
        let live = bench.connect()
        bench.append()
        let late = bench.connect()
        let reading = bench.connect(limit: 5)
        bench.append(t0, 3, kind: "c")
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        for client in [live, late, reading] { #expect(progress(bench, client) == [id(4)]) }
        #expect(bench.text(late).components(of: "id: ") == 1)
    }

    @Test func whoHasHadAnEventLastIsToldNothingTwice() {
        let bench = Bench()
        let client = bench.connect()
        bench.append(t0, 1, kind: "c")
        bench.append()
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        #expect(progress(bench, client) == [])
    }

    @Test func aNewClientLearnsWhereItStandsBeforeTheEnd() {
        let bench = Bench()
        bench.append()
        let client = bench.connect()
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        #expect(progress(bench, client) == [id(1)])
    }

    @Test func anIDDoesNotGoPastAGapThatIsStillToBeTold() {
        let bench = Bench(start: Position(offset: 7, timestamp: 1))
        let gap = Gap(t0, from: 2, to: 7, reason: .retention, detail: "gone")
        let client = bench.connect(
            start: .at([t0: Position(offset: 2)]), room: 3,
            gaps: [PendingGap(gap, after: .init(t0, Position(offset: 7)))])
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.open(client)
        #expect(progress(bench, client) == [#"[{"topic":"t","partition":0,"offset":2,"entries":1}]"#])
    }

    @Test func whoFallsOutOfTheRingDoesNotGoBackBeforeAnIDThatItWasTold() throws {
        var options = FanOutOptions()
        options.ringBytes = 1_000
        options.stallTimeout = 10 * Self.hour
        let bench = Bench([t0, t1], options: options)
        let client = bench.connect()
        // Another one keeps the ring from here on.
        let slow = bench.connect(room: 10)
        bench.append()
        // Later than all that comes after them, so that a replay would send that first.
        bench.store(t1, 5, kind: "c")
        for offset in 0..<5 { bench.log[t1]?[offset].timestamp = 9_000 }
        bench.ingest(t1)
        bench.wake()
        bench.pass(2 * Self.hour)
        let told = try #require(progress(bench, client).last)
        #expect(told.contains(#""partition":1,"offset":5"#))
        bench.sinks[client.sink].room = 100
        bench.append(t0, 20)
        #expect(bench.fanOut.statistics.replaying == 2)
        bench.open(client)
        #expect(bench.numbers(client) == numbers(0..<21))
        let ids = bench.events(client).dropFirst().map { String(decoding: $0.lastEventID, as: UTF8.self) }
        #expect(ids.allSatisfy { $0.contains(#""partition":1,"offset":5"#) })
        bench.open(slow)
        #expect(bench.numbers(slow) == numbers(0..<21))
    }

    @Test func linesHaveNoIDs() {
        let bench = Bench()
        let client = bench.connect { $0.format = .ndjson }
        bench.append(t0, 1, kind: "c")
        bench.pass(2 * Self.hour)
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        #expect(bench.text(client).allSatisfy { $0 == "\n" })
    }
}
