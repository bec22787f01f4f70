internal import EventLog
internal import Testing

@testable internal import Streaming

/// How much a second a client may be sent that catches up.
struct ReplayRateTests {
    private func bench(rate: Int, tailBytes: Int = 1 << 20) -> Bench {
        var options = FanOutOptions()
        options.replayBytesPerSecond = rate
        return Bench(options: options, tailBytes: tailBytes)
    }

    @Test(arguments: [1, 100, 500, 100_000], [true, false]) func eachSecondAllowsAsMuch(rate: Int, isCompressed: Bool) {
        let bench = bench(rate: rate)
        bench.append(t0, 60, size: 20)
        let client = bench.connect(start: .at([t0: Position(offset: 0)])) {
            if isCompressed { $0.encoding = .gzip }
        }
        // A frame of this log has about so many bytes, and the last one goes whole.
        let frame = 132
        for second in 1...5 {
            if !isCompressed { #expect(bench.sinks[client.sink].bytes.count <= second * rate + frame) }
            bench.pass(1_000)
        }
        let sent = bench.fanOut.statistics.eventsSent
        if !isCompressed || rate == 1 { #expect(rate < 1_000 ? sent < 60 : sent == 60) }
        bench.pass(8_000_000 / Int64(rate))
        #expect(bench.fanOut.statistics.eventsSent == 60)
        #expect(bench.fanOut.statistics.replaying == 0)
        if !isCompressed { #expect(bench.numbers(client) == numbers(0..<60)) }
    }

    @Test func whatIsNewIsNotHeldBack() {
        let bench = bench(rate: 1)
        let client = bench.connect()
        bench.append(t0, 200)
        #expect(bench.numbers(client) == numbers(0..<200))
    }

    @Test func blocksOfTheLogThatComeMeanwhileWaitForTheirTurn() throws {
        let bench = bench(rate: 100, tailBytes: 200)
        bench.append(t0, 30)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]))
        for _ in 0..<60 {
            let before = bench.sinks[client.sink].bytes.count
            bench.answer()
            #expect(bench.sinks[client.sink].bytes.count <= before + 250)
            bench.pass(1_000)
        }
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<30))
    }
}
