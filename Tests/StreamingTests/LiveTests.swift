internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

struct LiveTests {
    @Test func aClientGetsThePreambleAtOnceAndEachEventWithItsID() {
        let bench = Bench()
        let client = bench.connect()
        #expect(bench.text(client) == ":ok\n\n")
        bench.append()
        #expect(
            bench.text(client) == ":ok\n\n" + "event: message\n"
                + #"id: [{"topic":"t","partition":0,"offset":1,"timestamp":1000,"entries":1}]"#
                + "\ndata: {\"n\":0}\n\n")
    }

    @Test func chunksFrameEachEventOnItsOwn() {
        let bench = Bench()
        let client = bench.connect { $0.isChunked = true }
        bench.append()
        let frame =
            "event: message\n" + #"id: [{"topic":"t","partition":0,"offset":1,"timestamp":1000,"entries":1}]"#
            + "\ndata: {\"n\":0}\n\n"
        #expect(
            bench.text(client) == "5\r\n:ok\n\n\r\n" + String(frame.utf8.count, radix: 16) + "\r\n\(frame)\r\n")
    }

    @Test func ndjsonIsOneObjectALine() {
        let bench = Bench()
        let client = bench.connect { $0.format = .ndjson }
        bench.append(t0, 2)
        #expect(bench.text(client) == "\n{\"n\":0}\n{\"n\":1}\n")
    }

    @Test func whatWasThereBeforeALiveClientIsNotSent() {
        let bench = Bench()
        bench.append(t0, 5)
        let client = bench.connect()
        bench.append()
        #expect(bench.numbers(client) == ["5"])
    }

    @Test func aWakeIsOneWriteForEachClient() {
        let bench = Bench()
        let clients = (0..<3).map { _ in bench.connect() }
        bench.append(t0, 10)
        for client in clients {
            #expect(bench.sinks[client.sink].writes.count == 2)
            #expect(bench.numbers(client) == numbers(0..<10))
        }
    }

    @Test func aBurstGoesOutInWritesOfNoMoreThanTheLimit() {
        var options = FanOutOptions()
        options.writeBytes = 300
        let bench = Bench(options: options)
        let client = bench.connect()
        bench.append(t0, 50)
        #expect(bench.sinks[client.sink].writes.allSatisfy { $0 <= 300 })
        #expect(bench.sinks[client.sink].writes.count < 20)
        #expect(bench.numbers(client) == numbers(0..<50))
    }

    @Test func equalSubscriptionsShareAFeed() {
        let bench = Bench([t0, u0])
        let same = [bench.connect(["t"]), bench.connect(["t"])]
        _ = bench.connect(["t", "u"])
        _ = bench.connect(["t"]) { $0.ids = .compact }
        #expect(bench.fanOut.statistics.feeds == 3)
        bench.append()
        #expect(bench.sinks[same[0].sink].bytes == bench.sinks[same[1].sink].bytes)
    }

    @Test func aFeedIsFreedWithItsLastClientAndItsSlotUsedAgain() {
        let bench = Bench([t0, u0])
        let first = bench.connect()
        let second = bench.connect()
        bench.append()
        bench.fanOut.sinkDidClose(first.id)
        #expect(bench.fanOut.statistics.feeds == 1)
        bench.fanOut.sinkDidClose(second.id)
        bench.fanOut.sinkDidClose(second.id)
        #expect(bench.fanOut.statistics.feeds == 0)
        #expect(bench.fanOut.statistics.subscribers == 0)
        #expect(bench.fanOut.statistics.framesEncoded == 1)
        let other = bench.connect(["u"])
        bench.append(u0)
        #expect(bench.numbers(other) == ["0"])
        #expect(!bench.fanOut.isSubscribed(first.id))
    }

    @Test func canariesComeToThoseWhoAskAndMoveNobodysCursorBack() {
        let bench = Bench()
        let plain = bench.connect()
        let curious = bench.connect { $0.includesCanaries = true }
        bench.append(t0, 1, kind: "c")
        bench.append(t0, 1, kind: "x")
        bench.append()
        #expect(bench.numbers(plain) == ["2"])
        #expect(bench.numbers(curious) == ["0", "2"])
        #expect(bench.id(plain) == #"[{"topic":"t","partition":0,"offset":3,"timestamp":1002,"entries":1}]"#)
    }

    @Test func compactIDsAreShorterAndReadTheSame() throws {
        let bench = Bench()
        let client = bench.connect { $0.ids = .compact }
        bench.append()
        #expect(bench.id(client).first != "[")
        #expect(bench.id(client).utf8.count < 40)
    }

    @Test func aSubsetOfPartitionsIsAllThatIsSentAndNamed() {
        let bench = Bench([t0, t1])
        let client = bench.connect { $0.only = [t1] }
        bench.append(t0)
        bench.append(t1)
        #expect(bench.numbers(client) == ["0"])
        #expect(bench.id(client) == #"[{"topic":"t","partition":1,"offset":1,"timestamp":1000}]"#)
    }
}
