internal import EventFormats
internal import EventLog
internal import Testing

@testable internal import Streaming

struct TimingTests {
    @Test func aHeartbeatComesAfterSilenceOnly() {
        let bench = Bench()
        let client = bench.connect(heartbeat: 5_000)
        bench.pass(4_000)
        bench.append()
        bench.pass(4_000)
        #expect(!bench.text(client).contains("heartbeat"))
        bench.pass(1_000)
        #expect(bench.text(client).components(of: ": heartbeat 2023-11-14T22:13:2") == 1)
        bench.pass(60_000)
        #expect(bench.text(client).components(of: ": heartbeat") > 9)
        #expect(bench.numbers(client) == ["0"])
    }

    @Test(arguments: [Int64(1), 2, 5, 15, 60]) func aHeartbeatIsNeverLaterThanAskedAndHardlySooner(seconds: Int64) {
        for offset in stride(from: Int64(0), to: 1_000, by: 77) {
            let bench = Bench()
            bench.pass(offset)
            let client = bench.connect(heartbeat: seconds * 1000)
            var last = bench.now.monotonic
            for _ in 0..<4 {
                let before = bench.sinks[client.sink].bytes.count
                while bench.sinks[client.sink].bytes.count == before, bench.now.monotonic - last < 100_000 {
                    bench.pass(1, isTicking: (bench.now.monotonic - offset) % 101 == 0)
                }
                let silence = bench.now.monotonic - last
                #expect((seconds * 1000 - 300...seconds * 1000).contains(silence))
                last = bench.now.monotonic
            }
        }
    }

    @Test func ndjsonHeartbeatsAreEmptyLines() {
        let bench = Bench()
        let client = bench.connect(heartbeat: 5_000) { $0.format = .ndjson }
        bench.pass(5_000)
        #expect(bench.text(client) == "\n\n")
    }

    @Test func noHeartbeatIsWrittenIntoAFrame() {
        let bench = Bench()
        let client = bench.connect(room: 40, heartbeat: 2_000)
        bench.append()
        bench.pass(20_000)
        #expect(bench.sinks[client.sink].bytes.count == 40)
        bench.open(client)
        #expect(bench.numbers(client) == ["0"])
        #expect(!bench.text(client).contains("heartbeat"))
    }

    @Test(arguments: [Int64.min, -1, 0]) func aSillyHeartbeatIsOneASecondAtMost(heartbeat: Int64) {
        let bench = Bench()
        let client = bench.connect(heartbeat: heartbeat)
        bench.pass(10_000)
        #expect(bench.text(client).components(of: ": heartbeat") <= 13)
        _ = bench.connect(heartbeat: .max)
        bench.pass(2_000)
    }

    @Test func heartbeatsWhileTheLogIsDownGatherNothing() throws {
        let bench = Bench(tailBytes: 200)
        bench.append(t0, 10)
        bench.append(t0, 10)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), heartbeat: 1_000)
        for _ in 0..<100 {
            let key = try bench.nextRequest()
            #expect(bench.requests.isEmpty)
            bench.answer(key, .unavailable)
            bench.pass(2_000)
        }
        #expect(bench.text(client).components(of: ": heartbeat") > 90)
        #expect(bench.fanOut.requests.counts == [1])
        bench.answer()
        #expect(bench.numbers(client) == numbers(0..<20))
    }

    @Test func whoTakesNothingForTheTimeoutIsCutOff() {
        let bench = Bench()
        let client = bench.connect(room: 40)
        bench.append()
        bench.sinks[client.sink].unsent = 40
        bench.pass(29_000)
        #expect(bench.actions.isEmpty)
        bench.pass(9_000)
        #expect(bench.actions == [.abort(client.sink, .stalled)])
        #expect(bench.fanOut.statistics.evictions == [.stalled: 1])
        #expect(bench.fanOut.statistics.subscribers == 0)
    }

    @Test func aLongHeartbeatDoesNotPutOffTheEnd() {
        let bench = Bench()
        let client = bench.connect(room: 40, heartbeat: 60_000)
        bench.append()
        bench.pass(38_000)
        #expect(bench.actions == [.abort(client.sink, .stalled)])
    }

    @Test func whoMovesIsNotCutOffHoweverSlow() {
        let bench = Bench()
        let client = bench.connect(room: 40)
        bench.append(t0, 5)
        for unsent in (0..<20).reversed() {
            bench.sinks[client.sink].unsent = unsent
            bench.pass(15_000)
        }
        #expect(bench.actions.isEmpty)
        bench.pass(60_000)
        #expect(bench.actions == [.abort(client.sink, .stalled)])
    }

    @Test func aStreamEndsInOrderAtItsMaximumAge() {
        var options = FanOutOptions()
        options.maximumAge = 60_000
        let bench = Bench(options: options)
        let client = bench.connect { $0.isChunked = true }
        bench.append()
        bench.pass(53_000)
        #expect(bench.actions.isEmpty)
        bench.pass(8_000)
        #expect(bench.actions == [.finish(client.sink)])
        #expect(bench.text(client).contains("retry: "))
        #expect(bench.text(client).hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test(arguments: [Int64.max, 1]) func extremeSettingsAreNoTrap(setting: Int64) {
        var options = FanOutOptions()
        options.maximumAge = setting
        options.endTimeout = setting
        options.untilGrace = setting
        let bench = Bench(options: options)
        _ = bench.connect(room: 10)
        _ = bench.connect(until: .max)
        _ = bench.connect(until: .min)
        bench.pass(5_000)
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.pass(5_000)
    }

    @Test func aDrainTellsWhenToComeBackAndIsSpread() {
        let bench = Bench()
        let clients = (0..<50).map { _ in bench.connect() }
        bench.append()
        bench.fanOut.drain(over: 10_000, now: bench.now)
        bench.turn()
        let atOnce = bench.actions.count
        #expect(atOnce < 25)
        bench.pass(12_000)
        #expect(bench.actions.count == 50)
        for client in clients {
            #expect(bench.actions.contains(.finish(client.sink)))
            #expect(bench.text(client).split(separator: "\n").last?.hasPrefix("retry: ") == true)
            #expect(bench.numbers(client) == ["0"])
        }
        #expect(bench.fanOut.statistics.ended == 50)
        #expect(bench.fanOut.statistics.feeds == 0)
    }

    @Test func aBlockedClientGetsItsFrameWholeBeforeTheEnd() {
        let bench = Bench()
        let client = bench.connect(room: 40)
        bench.append()
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        #expect(bench.actions.isEmpty)
        bench.open(client)
        #expect(bench.numbers(client) == ["0"])
        #expect(bench.text(client).contains("retry: "))
        #expect(bench.actions == [.finish(client.sink)])
    }

    @Test func whoDoesNotTakeTheEndIsCutOffInTime() {
        let bench = Bench()
        let client = bench.connect(room: 40, heartbeat: 60_000)
        bench.append()
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.pass(7_000)
        #expect(bench.actions == [.abort(client.sink, .drainTimeout)])
    }
}

extension String {
    /// How often `part` is in it.
    func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
