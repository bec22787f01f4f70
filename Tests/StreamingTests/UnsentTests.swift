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

    @Test func whoLeavesCountsNoMore() {
        let bench = Bench(options: Self.options)
        for client in blocked(bench, [100, 200]) { bench.fanOut.sinkDidClose(client.id) }
        #expect(bench.fanOut.statistics.unsentBytes == 0)
    }
}
