internal import EventFilter
internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

/// What rings keep, and for whom.
@Suite struct RingTests {
    private func holdsNothing(_ bench: Bench) -> Bool {
        bench.fanOut.statistics.ringBytes == 0 && bench.fanOut.statistics.rings == 0
            && bench.fanOut.feeds.indices.allSatisfy { bench.fanOut.feeds[$0].ring.bytes.capacity == 0 }
    }

    @Test func aRingHoldsNothingThatEverybodyHasHad() {
        let bench = Bench([t0, u0])
        let clients = [bench.connect(), bench.connect(), bench.connect(["u"])]
        bench.append(t0, 90)
        bench.append(u0, 5)
        #expect(holdsNothing(bench))
        for client in clients.prefix(2) { #expect(bench.numbers(client) == numbers(0..<90)) }
        #expect(bench.numbers(clients[2]) == numbers(0..<5))
    }

    @Test func aRingIsKeptForThoseWhoAreSlow() {
        let bench = Bench()
        let slow = bench.connect(room: 100)
        let quick = bench.connect()
        bench.append(t0, 90)
        #expect(bench.fanOut.statistics.ringBytes > 5_000)
        #expect(bench.fanOut.statistics.rings == 1)
        #expect(bench.fanOut.statistics.replaying == 0)
        bench.open(slow)
        bench.append(t0, 1)
        for client in [slow, quick] { #expect(bench.numbers(client) == numbers(0..<91)) }
        #expect(holdsNothing(bench))
    }

    @Test func aRingIsLetGoOfWithinASecondWhereNothingMoreComes() {
        let bench = Bench()
        let slow = bench.connect(room: 100)
        _ = bench.connect()
        bench.append(t0, 90)
        bench.open(slow)
        bench.pass(1_100)
        #expect(holdsNothing(bench))
        #expect(bench.numbers(slow) == numbers(0..<90))
    }

    @Test(arguments: [ContentCoding.identity, .gzip])
    func noRingIsKeptForOne(_ encoding: ContentCoding) throws {
        let bench = Bench()
        let client = bench.connect(room: 300) { $0.encoding = encoding }
        bench.append(t0, 90)
        #expect(holdsNothing(bench))
        #expect(bench.fanOut.statistics.replaying == 1)
        let made = bench.fanOut.feeds[0].frameCount
        bench.append(t0, 90)
        #expect(bench.fanOut.feeds[0].frameCount == made, "Nobody would read them.")
        bench.open(client)
        #expect(bench.fanOut.statistics.replaying == 0)
        bench.append(t0, 10)
        #expect(bench.fanOut.feeds[0].frameCount == made + 10)
        #expect(bench.fanOut.statistics.eventsSent == 190)
        if encoding == .identity { #expect(bench.numbers(client) == numbers(0..<190)) }
        #expect(holdsNothing(bench))
    }

    @Test func oneWithAFilterGetsWhatWasFoundWhileItTookNothing() throws {
        let bench = Bench([t0, t1])
        let filter = try EventFilter("n in [0, 1, 2, 3, 4, 90, 91]")
        let client = bench.connect(room: 150) { $0.filter = filter }
        bench.append(t0, 3)
        bench.append(t1, 3)
        bench.append(t0, 95)
        #expect(holdsNothing(bench))
        bench.open(client)
        bench.append(t1, 2)
        // Dismissed again, it gets nothing twice.
        bench.sinks[client.sink].room = 10
        bench.append(t1, 90)
        bench.open(client)
        #expect(
            bench.numbers(client).sorted() == [
                "0", "0", "1", "1", "2", "2", "3", "3", "4", "4", "90", "90", "91", "91",
            ])
        #expect(holdsNothing(bench))
    }

    @Test func oneThatIsAloneIsAsGoodAsLiveWhateverReplaysMayBeSent() {
        var options = FanOutOptions()
        options.replayBytesPerSecond = 200
        let bench = Bench(options: options)
        let client = bench.connect(room: 100)
        bench.append(t0, 90)
        bench.open(client)
        #expect(bench.numbers(client) == numbers(0..<90))
    }

    @Test func whatTheRingsHoldTogetherHasALimit() {
        var options = FanOutOptions()
        options.allRingsBytes = 10_000
        let bench = Bench([t0, u0], options: options)
        let clients = [bench.connect(room: 100), bench.connect(room: 100) { $0.ids = .compact }]
        let quick = [bench.connect(), bench.connect { $0.ids = .compact }]
        bench.append(t0, 60)
        #expect((8_000...12_000).contains(bench.fanOut.statistics.ringBytes))
        bench.append(t0, 60)
        #expect(bench.fanOut.statistics.ringBytes <= 10_000)
        #expect(bench.fanOut.statistics.ringsTrimmed > 0)
        #expect(bench.fanOut.statistics.replaying == 2)
        for client in clients { bench.open(client) }
        for client in clients + quick { #expect(bench.numbers(client) == numbers(0..<120)) }
    }

    @Test func ringsThatHoldLittleKeepItWhereOthersHoldTooMuch() {
        var options = FanOutOptions()
        options.allRingsBytes = 10_000
        let bench = Bench([t0, u0], options: options)
        let large = bench.connect(room: 100)
        let small = bench.connect(["u"], room: 100)
        let quick = [bench.connect(), bench.connect(["u"])]
        bench.append(u0, 10)
        bench.append(t0, 150)
        #expect(bench.fanOut.statistics.ringBytes <= 10_000)
        #expect(bench.fanOut.statistics.ringsTrimmed == 1)
        #expect(bench.fanOut.statistics.replaying == 1)
        for client in [large, small] { bench.open(client) }
        for client in [large, quick[0]] { #expect(bench.numbers(client) == numbers(0..<150)) }
        for client in [small, quick[1]] { #expect(bench.numbers(client) == numbers(0..<10)) }
    }
}
