internal import Compression
internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

struct GzipTests {
    private func connect(
        _ bench: Bench, start: SubscriptionRequest.Start = .live, room: Int = .max, heartbeat: Int64 = 15_000,
        limit: Int? = nil, until: Timestamp? = nil, topics: [String] = ["t"]
    ) -> Bench.Client {
        bench.connect(topics, start: start, room: room, heartbeat: heartbeat, limit: limit, until: until) {
            $0.encoding = .gzip
        }
    }

    /// A client's body, unpacked as one member.
    private func text(_ bench: Bench, _ client: Bench.Client, isWhole: Bool = false) throws -> String {
        var reader = try GzipReader()
        var output: [UInt8] = []
        try reader.push(bench.sinks[client.sink].bytes, into: &output)
        if isWhole { try reader.finish() }
        return String(decoding: output, as: UTF8.self)
    }

    private func numbers(_ bench: Bench, _ client: Bench.Client) throws -> [Int] {
        try text(bench, client).split(separator: "\n").compactMap { line in
            line.hasPrefix("data: {\"n\":") ? Int(line.dropFirst(11).prefix { $0.isNumber }) : nil
        }
    }

    private var start: SubscriptionRequest.Start { .at([t0: Position(offset: 0)]) }

    @Test func theBodyHoldsWhatAnotherOneHolds() throws {
        let bench = Bench()
        let plain = bench.connect()
        let packed = connect(bench)
        for _ in 0..<20 { bench.append(t0, 3) }
        #expect(try text(bench, packed) == bench.text(plain))
        #expect(bench.sinks[packed.sink].bytes.count < bench.sinks[plain.sink].bytes.count / 2)
        #expect(bench.fanOut.statistics.feeds == 2)
    }

    @Test func allWhoFollowGetTheSamePiecesInOneWriteEach() throws {
        let bench = Bench()
        let clients = (0..<3).map { _ in connect(bench) }
        bench.append(t0, 10)
        for client in clients {
            #expect(bench.sinks[client.sink].writes.count == 2)
            #expect(bench.sinks[client.sink].bytes == bench.sinks[clients[0].sink].bytes)
        }
        #expect(bench.fanOut.statistics.gzipFeeds == 1)
        #expect(bench.fanOut.statistics.gzipInputBytes == (try text(bench, clients[0])).utf8.count - 5)
    }

    @Test func aClientMayJoinBetweenAnyTwoEvents() throws {
        let bench = Bench()
        var clients: [Bench.Client] = []
        for _ in 0..<20 {
            clients.append(connect(bench))
            bench.append()
        }
        for (number, client) in clients.enumerated() {
            #expect(try numbers(bench, client) == Array(number..<20))
        }
    }

    @Test func aHeartbeatForOneDoesNotHarmWhatComesForAll() throws {
        let bench = Bench()
        let calm = connect(bench, heartbeat: 60_000)
        let anxious = connect(bench, heartbeat: 2_000)
        for _ in 0..<10 {
            bench.append()
            bench.pass(4_000)
        }
        #expect(try numbers(bench, calm) == Array(0..<10))
        #expect(try numbers(bench, anxious) == Array(0..<10))
        #expect(try text(bench, anxious).contains(": heartbeat"))
        #expect(bench.fanOut.statistics.heartbeatsSent >= 10)
    }

    @Test func onlyTheEventAfterAJoinIsLarger() throws {
        let bench = Bench()
        let client = connect(bench)
        bench.append()
        for _ in 0..<10 { bench.append() }
        _ = connect(bench)
        bench.append()
        bench.append()
        let writes = bench.sinks[client.sink].writes
        let (first, usual, joined, after) = (writes[1], writes[11], writes[12], writes[13])
        #expect(joined > usual * 3 / 2 && first > usual * 3 / 2)
        #expect(after < usual * 3 / 2)
    }

    @Test(arguments: [0, 9, 10, 30, 60, 100, 200, 400]) func aClientBlockedAnywhereGoesOnExactlyThere(room: Int) throws
    {
        var options = FanOutOptions()
        options.ringBytes = 400
        options.gzipPieceBytes = 200
        let bench = Bench(options: options)
        let client = connect(bench, room: room)
        for _ in 0..<200 { bench.append() }
        #expect(bench.sinks[client.sink].bytes.count == room)
        #expect(bench.fanOut.statistics.replaying == 1)
        bench.open(client)
        #expect(try numbers(bench, client) == Array(0..<200))
        #expect(bench.fanOut.statistics.replaying == 0)
        bench.append()
        #expect(try numbers(bench, client) == Array(0..<201))
        #expect(bench.fanOut.statistics.eventsSent == 201)
    }

    @Test func aReplayIsCompressedToo() throws {
        let bench = Bench()
        bench.append(t0, 500)
        let client = connect(bench, start: start)
        bench.append()
        #expect(try numbers(bench, client) == Array(0..<501))
        #expect(bench.sinks[client.sink].bytes.count < 500 * 40)
    }

    @Test(arguments: [20, 90, 200]) func aReplayKeepsNoMoreThanOnePieceForABlockedClient(room: Int) throws {
        var options = FanOutOptions()
        options.gzipPieceBytes = 300
        let bench = Bench(options: options)
        bench.append(t0, 500)
        let client = connect(bench, start: start, room: room)
        bench.open(client, room: 150)
        bench.open(client, room: 1)
        bench.open(client)
        #expect(try numbers(bench, client) == Array(0..<500))
    }

    @Test func aReplayJoinsWhereItAimedThoughTheFeedHasGoneOn() throws {
        var options = FanOutOptions()
        // Some events a turn, in short writes.
        (options.writeBytes, options.replayTurnBytes) = (300, 1_000)
        let bench = Bench(options: options)
        bench.append(t0, 100)
        let sink = bench.sinks.open()
        let subscription = Subscription(topics: ["t"], isChunked: false, encoding: .gzip)
        let request = SubscriptionRequest(subscription, start: start)
        let client = Bench.Client(sink: sink, id: bench.fanOut.subscribe(request, sink: sink, now: bench.now))
        // There is a new event at every turn.
        for _ in 0..<100 {
            bench.store()
            bench.ingest()
            bench.fanOut.pull(from: bench.tail)
            bench.fanOut.run(now: bench.now)
        }
        #expect(bench.fanOut.statistics.joins == 1)
        #expect(try numbers(bench, client) == Array(0..<200))
    }

    @Test func anEndIsRightWhereverTheBodyCameFrom() throws {
        let bench = Bench()
        bench.append(t0, 5)
        let limited = connect(bench, start: start, limit: 3)
        let replayed = connect(bench, start: start)
        bench.append()
        let late = connect(bench, heartbeat: 2_000)
        bench.append(t0, 2)
        bench.pass(5_000)
        bench.append()
        bench.fanOut.drain(over: 0, now: bench.now)
        bench.turn()
        for client in [limited, replayed, late] {
            #expect(try text(bench, client, isWhole: true).contains("retry: "))
        }
        #expect(try numbers(bench, limited) == [0, 1, 2])
        #expect(try numbers(bench, replayed) == Array(0..<9))
        #expect(try numbers(bench, late) == [6, 7, 8])
    }

    @Test func aGapForAllIsAPartOfTheSharedPieces() throws {
        let bench = Bench()
        let client = connect(bench)
        bench.append(t0, 3)
        let gap = Gap(t0, from: 3, to: 5, reason: .unreadable, detail: "lost")
        bench.tail.append(Block(gap, range: 3..<5), to: 0)
        bench.wake()
        bench.append(t0, 4)
        #expect(try text(bench, client).contains("event: gap"))
        #expect(try numbers(bench, client) == [0, 1, 2, 5, 6])
    }

    @Test func onlySoManyFeedsCompress() {
        var options = FanOutOptions()
        options.gzipFeeds = 1
        let bench = Bench([t0, u0], options: options)
        let first = connect(bench)
        var wanted = Subscription(topics: ["u"], isChunked: false, encoding: .gzip)
        #expect(!bench.fanOut.compresses(wanted))
        #expect(bench.fanOut.admit(wanted).encoding == .identity)
        #expect(bench.fanOut.statistics.gzipRefused == 1)
        wanted.topics = ["t"]
        #expect(bench.fanOut.admit(wanted) == wanted)
        bench.fanOut.sinkDidClose(first.id)
        wanted.topics = ["u"]
        #expect(bench.fanOut.admit(wanted) == wanted)
        #expect(bench.fanOut.statistics.gzipFeeds == 0)
        #expect(bench.fanOut.statistics.gzipRefused == 1)
    }
}
