internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

/// What all sockets together may hold.
struct UnsentTests {
    private static var options: FanOutOptions {
        var options = FanOutOptions()
        options.allUnsentBytes = 1_000
        return options
    }

    /// Clients whose sockets take nothing more, one a second after the other; the first has not moved for longest.
    private func blocked(_ bench: Bench, _ unsent: [Int]) -> [Bench.Client] {
        var clients: [Bench.Client] = []
        for bytes in unsent {
            let client = bench.connect(room: 20)
            bench.sinks[client.sink].unsent = bytes
            bench.append()
            clients.append(client)
            bench.pass(1_000)
        }
        return clients
    }

    @Test func overTheLimitTheOneThatHoldsMuchAndDidNotMoveForLongestIsCutOff() {
        let bench = Bench(options: Self.options)
        let clients = blocked(bench, [10, 450, 300, 200])
        #expect(bench.actions.isEmpty)
        #expect(bench.fanOut.statistics.unsentBytes == 960)
        _ = blocked(bench, [300])
        #expect(bench.actions == [.abort(clients[1].sink, .overBudget)])
        #expect(bench.fanOut.statistics.evictions == [.overBudget: 1])
        #expect(bench.fanOut.statistics.unsentBytes == 810)
    }

    @Test func asManyAreCutOffAsItTakes() {
        let bench = Bench(options: Self.options)
        _ = blocked(bench, [400, 500])
        _ = blocked(bench, [3_000])
        bench.pass(1_000)
        #expect(bench.fanOut.statistics.unsentBytes <= 1_000)
        #expect(bench.fanOut.statistics.subscribers == 2)
    }

    @Test func whoGotRidOfItMeanwhileIsNotCutOff() {
        let bench = Bench(options: Self.options)
        let clients = blocked(bench, [900])
        bench.sinks[clients[0].sink].unsent = 50
        _ = blocked(bench, [800])
        #expect(bench.actions.isEmpty)
        #expect(bench.fanOut.statistics.unsentBytes == 850)
    }

    @Test func whoTakesAllIsLookedAtToo() {
        let bench = Bench(options: Self.options)
        let client = bench.connect(heartbeat: 5_000)
        bench.append()
        bench.sinks[client.sink].unsent = 700
        bench.pass(6_000)
        #expect(bench.fanOut.statistics.unsentBytes == 700)
    }

    // MARK: What the server itself holds

    @Test(arguments: [true, false], [ContentCoding.identity, .gzip])
    func theRestsOfLargeEventsHaveABudget(isReplay: Bool, encoding: ContentCoding) {
        var options = FanOutOptions()
        options.ringBytes = 1_000
        options.allOwnBytes = 30_000
        let bench = Bench(options: options)
        if isReplay { bench.append(t0, 1, size: 10_000) }
        for _ in 0..<10 {
            _ = bench.connect(start: .at([t0: Position(offset: 0)]), room: 40) { $0.encoding = encoding }
            bench.pass(1_000)
        }
        for _ in 0..<3 { bench.append(t0, 1, size: 10_000) }
        bench.pass(1_000)
        #expect(bench.fanOut.statistics.ownBytes <= 30_000)
        guard encoding == .identity else { return }
        // The frames of three fit, and those that came last are those that stay.
        #expect(bench.fanOut.statistics.evictions == [.overBudget: 8])
        #expect(bench.fanOut.statistics.ownBytes > 15_000)
    }

    @Test func whoTakesTheRestOrLeavesHoldsNothing() {
        let bench = Bench()
        bench.append(t0, 1, size: 10_000)
        let clients = (0..<3).map { _ in bench.connect(start: .at([t0: Position(offset: 0)]), room: 40) }
        #expect(bench.fanOut.statistics.ownBytes > 25_000)
        bench.open(clients[0], room: 5_000)
        #expect((20_000...26_000).contains(bench.fanOut.statistics.ownBytes))
        bench.open(clients[0])
        bench.fanOut.sinkDidClose(clients[1].id)
        bench.fanOut.end(clients[2].id, telling: Notice(.streamRemoved, detail: "gone"), now: bench.now)
        #expect((9_000...11_000).contains(bench.fanOut.statistics.ownBytes))
        bench.open(clients[2])
        #expect(bench.fanOut.statistics.ownBytes == 0)
    }

    @Test func whoLeavesCountsNoMore() {
        let bench = Bench(options: Self.options)
        for client in blocked(bench, [100, 200]) { bench.fanOut.sinkDidClose(client.id) }
        #expect(bench.fanOut.statistics.unsentBytes == 0)
    }
}
