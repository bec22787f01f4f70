internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

/// What only some subscribers have stands in tables beside them, at the index that another takes after them.
struct IndexReuseTests {
    @Test func whoTakesAnIndexHasNothingOfTheOneBefore() {
        let bench = Bench()
        let before = bench.connect(room: 40) { $0.encoding = .gzip }
        bench.sinks[before.sink].unsent = 700
        bench.append()
        bench.fanOut.end(before.id, telling: nil, now: bench.now)
        bench.turn()
        #expect(bench.fanOut.statistics.unsentBytes == 700)
        #expect(bench.fanOut.statistics.ownBytes > 0)
        bench.fanOut.sinkDidClose(before.id)
        #expect(bench.fanOut.statistics.unsentBytes == 0)
        #expect(bench.fanOut.statistics.ownBytes == 0)

        let after = bench.connect(heartbeat: 4_000)
        #expect(after.id.index == before.id.index)
        bench.append()
        // The one before would have had to be gone by then.
        bench.pass(bench.fanOut.options.endTimeout + 1_000)
        #expect(bench.numbers(after) == ["1"])
        #expect(bench.sinks[after.sink].bytes.allSatisfy { $0 == UInt8(ascii: "\n") || (0x20..<0x7F).contains($0) })
        #expect(bench.fanOut.statistics.heartbeatsSent == 1)
        #expect(bench.fanOut.statistics.unsentBytes == 0)
        #expect(bench.fanOut.statistics.ownBytes == 0)
        #expect(bench.actions.isEmpty)
    }

    @Test func nobodyIsLookedAtWhoIsGone() {
        let bench = Bench()
        // One leaves, another is cut off while it is looked at.
        bench.fanOut.sinkDidClose(bench.connect().id)
        _ = bench.connect(room: 20)
        bench.append()
        bench.pass(10 * bench.fanOut.options.stallTimeout)
        #expect(bench.fanOut.statistics.evictions == [.stalled: 1])
        #expect(bench.fanOut.statistics.heartbeatsSent == 0)
        #expect(bench.fanOut.statistics.subscribers == 0)
    }
}
