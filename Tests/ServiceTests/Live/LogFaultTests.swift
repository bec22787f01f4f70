import EventFormats
import EventLog
import EventLogTestKit
import HTTP
import HTTPClient
import Intake
import JSON
import Server
import Testing

@Suite(.serialized) struct LogFaultTests {
    @Test func whileTheLogFailsClientsStayAndNewOnesAreToldToComeBack() async throws {
        let live = try await LiveService.start()
        live.put(1, time: 1_000)
        let connected = try await live.open("/v2/stream/pages?heartbeat=1")
        live.log.failReads(10_000)
        let refused = try await live.get("/v2/stream/pages?since=1970-01-01")
        #expect(refused.head.status == 503)
        #expect(refused.head["retry-after"] != nil)
        #expect(try JSONValue(refused.body)["type"]?.string == "unavailable")
        // A heartbeat shows that who was there still is; one who starts live needs no log.
        try await connected.heartbeat()
        let new = try await live.open("/v2/stream/pages?heartbeat=1")
        #expect(new.body.head.status == 200)
        await live.stop()
    }

    @Test func theLogComesBackAndNothingIsMissing() async throws {
        let live = try await LiveService.start()
        let stream = try await live.open("/v2/stream/pages")
        live.put(1, time: 1_000)
        #expect(try await stream.numbers(1) == [1])
        live.log.failReads(3)
        for number in 2...5 { live.put(number, time: 1_000 + Timestamp(number)) }
        #expect(try await stream.numbers(4) == [2, 3, 4, 5])
        await live.stop()
    }

    @Test func damagedRecordsAreAGapAndTheRestComes() async throws {
        let log = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        let live = try await LiveService.start(log: log)
        for number in 0..<10 { live.put(number, time: 1_000 + Timestamp(number)) }
        let first = try await live.open("/v2/stream/pages?since=1970-01-01")
        #expect(try await first.numbers(10) == Array(0..<10))
        await live.stop()

        // Another server, which has to read what the first one had in memory.
        let second = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        for number in 0..<3_000 {
            second.put(
                LiveService.topic, timestamp: Timestamp(number),
                value: Array(#"{"number":\#(number),"meta":{"stream":"pages"}}"#.utf8))
        }
        second.damage(LiveService.topic, 5..<8)
        let other = try await LiveService.start(log: second)
        let stream = try await other.open("/v2/stream/pages?since=1970-01-01")
        #expect(try await stream.numbers(5) == Array(0..<5))
        let gap = try await stream.event()
        #expect(gap.type == "gap")
        let data = try JSONValue(gap.data)
        #expect(data["reason"]?.string == "unreadable")
        #expect(data["from"]?.integer == 5 && data["to"]?.integer == 8)
        #expect(try await stream.numbers(2) == [8, 9])
        await other.stop()
    }

    @Test func anIDOfAnotherLogResumesByTimeAndSaysSo() async throws {
        let first = try await LiveService.start()
        for number in 0..<5 { first.put(number, time: 1_000 + Timestamp(number) * 10) }
        let stream = try await first.open("/v2/stream/pages?since=1970-01-01")
        var id = ""
        for _ in 0..<3 { id = String(decoding: try await stream.event().lastEventID, as: UTF8.self) }
        await first.stop()

        // The same events at other offsets: the record before the id's place has another time.
        let log = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        log.skipOffsets(LiveService.topic, count: 1)
        let second = try await LiveService.start(log: log)
        for number in 0..<5 { second.put(number, time: 1_000 + Timestamp(number) * 10) }
        let resumed = try await second.open("/v2/stream/pages", id: id)
        let gap = try await resumed.event()
        #expect(gap.type == "gap")
        #expect(try JSONValue(gap.data)["reason"]?.string == "failover")
        // The last one comes again, and none is missing.
        #expect(try await resumed.numbers(3) == [2, 3, 4])
        await second.stop()
    }

    @Test func aRecordThatIsNoEventIsSkippedAndShowsInTheNextID() async throws {
        let live = try await LiveService.start()
        let stream = try await live.open("/v2/stream/pages")
        live.log.put(LiveService.topic, timestamp: 1, value: Array("no json".utf8))
        live.log.put(LiveService.topic, timestamp: 2, value: Array("[1]".utf8))
        live.put(1, time: 3)
        let event = try await stream.event()
        #expect(try JSONValue(event.data)["number"]?.integer == 1)
        #expect(String(decoding: event.lastEventID, as: UTF8.self).contains(#""offset":3,"timestamp":3"#))
        await live.stop()
    }

    @Test func theIntakeRefusesWhileTheLogIsFullAndTakesAgainAfter() async throws {
        let live = try await LiveService.start()
        let body = Array(#"{"number":1,"meta":{"stream":"pages"}}"#.utf8)
        live.log.failAppends(1)
        let refused = try await live.service.intake.store(body)
        #expect(refused.stored == 0 && refused.refusals.map(\.isTemporary) == [true])
        #expect(try await live.service.intake.store(body).stored == 1)
        await live.stop()
    }

    @Test(arguments: [1, 2]) func clientsOfEveryLoopGetEveryEventOnce(loops: Int) async throws {
        let live = try await LiveService.start(loops: loops)
        var streams: [LiveStream] = []
        for _ in 0..<6 { streams.append(try await live.open("/v2/stream/pages")) }
        for number in 0..<200 { live.put(number, time: Timestamp(number)) }
        for stream in streams { #expect(try await stream.numbers(200) == Array(0..<200)) }
        await live.stop()
    }

    @Test func aStoppedServiceEndsStreamsWithATimeToComeBack() async throws {
        let live = try await LiveService.start()
        let stream = try await live.open("/v2/stream/pages")
        await live.stop()
        #expect((1_000...10_000).contains(try await stream.retry()))
    }
}
