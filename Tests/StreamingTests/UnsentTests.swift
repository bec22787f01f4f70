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
        for offset in 0..<10 {
            // Each stands in an event of its own.
            if isReplay { bench.append(t0, 1, size: 10_000) }
            _ = bench.connect(start: .at([t0: Position(offset: Int64(offset))]), room: 40) { $0.encoding = encoding }
            if !isReplay { bench.append(t0, 1, size: 10_000) }
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

    @Test(arguments: [true, false], [ContentCoding.identity, .gzip])
    func theRestOfAnEventInWhichManyStandIsKeptOnce(isReplay: Bool, encoding: ContentCoding) throws {
        var options = FanOutOptions()
        options.ringBytes = 1_000
        options.allOwnBytes = 30_000
        let bench = Bench(options: options)
        let start = SubscriptionRequest.Start.at([t0: Position(offset: 0)])
        if isReplay { bench.append(t0, 1, size: 10_000) }
        let clients = (0..<100).map { number in
            bench.connect(start: start, room: 35 + number % 10) { $0.encoding = encoding }
        }
        if !isReplay { bench.append(t0, 1, size: 10_000) }
        bench.append(t0, 3, size: 10_000)
        // A ring that compresses well has room for all of it.
        let least = isReplay || encoding == .identity ? 1 : 0
        #expect((least...11_000).contains(bench.fanOut.statistics.ownBytes))
        bench.pass(1_000)
        #expect(bench.fanOut.statistics.evictions == [:])
        // Each gets the bytes that it lacks, whoever else has had them or has left.
        for client in clients.prefix(40) { bench.fanOut.sinkDidClose(client.id) }
        for client in clients.suffix(60) { bench.open(client) }
        let bodies = Set(clients.suffix(60).map { bench.sinks[$0.sink].bytes })
        #expect(bench.fanOut.statistics.ownBytes == 0)
        guard encoding == .identity else { return }
        #expect(bodies.count == 1)
        let frames = try #require(bodies.first).split(separator: UInt8(ascii: "\n")).filter {
            $0.starts(with: "data: ".utf8)
        }
        #expect(frames.count == 4)
    }

    @Test func overTheLimitThoseGoWhoHoldAFrameTogether() {
        var options = FanOutOptions()
        options.allOwnBytes = 45_000
        let bench = Bench(options: options)
        bench.append(t0, 5, size: 10_000)
        // Three stand in each event, in turn, so that by age alone one of each would go.
        for number in 0..<13 {
            let event = number == 12 ? 4 : number % 4
            _ = bench.connect(start: .at([t0: Position(offset: Offset(event))]), room: 40)
            bench.pass(1_000)
        }
        #expect(bench.fanOut.statistics.evictions == [.overBudget: 3])
        #expect(bench.fanOut.statistics.subscribers == 10)
        #expect(bench.fanOut.statistics.ownBytes <= 45_000)
    }

    @Test func equalEndsAndLengthsDoNotMakeFramesEqual() throws {
        var rests = RestTable()
        var frame = [UInt8](repeating: 1, count: 1_000)
        rests.keep(frame[...], from: 10, for: 1)
        frame[500] = 2
        rests.keep(frame[...], from: 20, for: 2)
        rests.keep(frame[...], from: 30, for: 3)
        #expect(rests.bytes == 3_000)
        #expect(rests[2]?.bytes == frame)
        #expect(rests[1]?.bytes[500] == 1)
        rests.pass(5, 1)
        #expect(rests[1]?.next == 15)
        rests.remove(1)
        rests.remove(1)
        // There is room for the frame under its hash again: the next one shares it.
        rests.keep(frame[...], from: 30, for: 4)
        rests.keep(frame[...], from: 40, for: 5)
        #expect(rests.bytes == 3_000)
        #expect(rests[5]?.id == rests[4]?.id && rests[5]?.id != rests[3]?.id)
        for subscriber in 2...5 { rests.remove(subscriber) }
        #expect(rests.bytes == 0)
    }

    @Test func whoTakesTheRestOrLeavesHoldsNothing() {
        let bench = Bench()
        let clients = (0..<3).map { offset in
            bench.append(t0, 1, size: 10_000)
            return bench.connect(start: .at([t0: Position(offset: Offset(offset))]), room: 40)
        }
        #expect((30_000...33_000).contains(bench.fanOut.statistics.ownBytes))
        bench.open(clients[0], room: 5_000)
        #expect((30_000...33_000).contains(bench.fanOut.statistics.ownBytes))
        bench.open(clients[0])
        #expect((20_000...22_000).contains(bench.fanOut.statistics.ownBytes))
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
