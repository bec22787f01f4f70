import EventFormats
import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import Testing

/// Partitions that do not answer, topics that are deleted, and topics that are made anew.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LostPartitionTests {
    let pages = TopicPartition("dc.pages", 0)
    let morePages = TopicPartition("dc.pages", 1)
    let other = TopicPartition("dc.other", 0)

    @Test func aServerStartsWithWhatAnswersAndServesTheRestAsSoonAsItDoes() async throws {
        let log = MemoryLog(topics: ["dc.pages": 2, "dc.other": 1])
        let served = UnansweredLog(log)
        served.silence(morePages)
        for number in 0..<3 { put(number, in: log, morePages) }
        let live = try await LiveService.start(log: log, served: served, createsTopics: false)
        live.put(7, time: 1_000, in: other)
        let steady = try await live.open("/v2/stream/other?since=1970-01-01")
        #expect(try await steady.numbers(1) == [7])
        for target in ["/v2/stream/pages", "/v2/stream/pages?since=1970-01-01", "/v2/stream/other,pages?last=1"] {
            let refused = try await live.get(target)
            #expect(refused.head.status == 503 && refused.head["retry-after"] != nil)
            #expect(!String(decoding: refused.body, as: UTF8.self).contains("broker.example"))
        }
        served.silence()
        var answer = try await live.get("/v2/stream/pages?last=3&until=PT0S")
        while answer.head.status == 503 { answer = try await live.get("/v2/stream/pages?last=3&until=PT0S") }
        #expect(answer.head.status == 200)
        let all = try await live.open("/v2/stream/pages?since=1970-01-01")
        #expect(try await all.numbers(3) == [0, 1, 2])
        await live.stop()
    }

    @Test func aServerStartsWhileTheLogIsOutOfReachAndIsReadyOnceItIsNot() async throws {
        let log = MemoryLog()
        let served = UnansweredLog(log)
        served.silenceAll(true)
        async let starting = LiveService.start(log: log, served: served)
        served.silenceAll(false)
        let live = try await starting
        let stream = try await live.open("/v2/stream/pages")
        live.put(1, time: 1_000)
        #expect(try await stream.numbers(1) == [1])
        await live.stop()
    }

    @Test func aPartitionThatStopsAnsweringIsNotSaidToBeMissing() async throws {
        let log = MemoryLog()
        let served = UnansweredLog(log)
        let live = try await LiveService.start(log: log, served: served)
        live.put(1, time: 1_000)
        let connected = try await live.open("/v2/stream/pages?since=1970-01-01&heartbeat=1")
        #expect(try await connected.numbers(1) == [1])
        served.silence(pages)
        // Another time than was just asked for: that answer is kept for a moment.
        let refused = try await live.get("/v2/stream/pages?since=1970-01-01T00:00:00.5Z")
        #expect(refused.head.status == 503)
        #expect(!String(decoding: refused.body, as: UTF8.self).contains("broker.example"))
        try await connected.heartbeat()
        #expect(try await live.open("/v2/stream/pages").body.head.status == 200)
        await live.stop()
    }

    @Test func recordsOfADeletedTopicAreForgottenAtOnce() async throws {
        let live = try await LiveService.start(
            log: MemoryLog(topics: ["dc.pages": 1, "dc.other": 1]), createsTopics: false)
        for number in 0..<3 { live.put(number, time: 1_000 + Timestamp(number)) }
        let connected = try await live.open("/v2/stream/pages?since=1970-01-01&heartbeat=1")
        #expect(try await connected.numbers(3) == [0, 1, 2])
        live.log.removeTopic("dc.pages")
        while try await isServedFromTheBeginning(live) {}
        try await connected.heartbeat()
        await live.stop()
    }

    @Test func recordsOfATopicMadeAnewAreForgottenAtOnceAndClientsAreTold() async throws {
        let live = try await LiveService.start(
            log: MemoryLog(topics: ["dc.pages": 1, "dc.other": 1]), createsTopics: false)
        for number in 0..<3 { live.put(number, time: 1_000 + Timestamp(number)) }
        let connected = try await live.open("/v2/stream/pages?since=1970-01-01")
        #expect(try await connected.numbers(3) == [0, 1, 2])
        live.log.recreateTopic("dc.pages", partitions: 1)
        #expect(try await reason(of: connected) == "topic_recreated")
        #expect(try await !isServedFromTheBeginning(live))
        live.put(9, time: 2_000)
        #expect(try await connected.numbers(1) == [9])
        await live.stop()
    }

    @Test func partitionsThatATopicMadeAnewDoesNotHaveAreForgottenAndTold() async throws {
        let live = try await LiveService.start(
            log: MemoryLog(topics: ["dc.pages": 2, "dc.other": 1]), createsTopics: false)
        for number in 0..<4 { live.put(number, time: 1_000, in: number % 2 == 0 ? pages : morePages) }
        let connected = try await live.open("/v2/stream/pages?since=1970-01-01")
        #expect(try await connected.numbers(4).sorted() == [0, 1, 2, 3])
        live.log.recreateTopic("dc.pages", partitions: 1)
        for _ in 0..<2 { #expect(try await reason(of: connected) == "topic_recreated") }
        live.put(9, time: 2_000)
        #expect(try await connected.numbers(1) == [9])
        for target in ["since=1970-01-01", "last=1"] {
            let stream = try await live.open("/v2/stream/pages?\(target)")
            #expect(try await stream.numbers(1) == [9])
        }
        await live.stop()
    }

    private func put(_ number: Int, in log: MemoryLog, _ partition: TopicPartition) {
        log.put(partition, timestamp: 1_000, value: Array(#"{"number":\#(number),"meta":{"stream":"pages"}}"#.utf8))
    }

    /// Whether who asks for everything, and waits for more, is given an event before the first heartbeat.
    private func isServedFromTheBeginning(_ live: LiveService) async throws -> Bool {
        let stream = try await live.open("/v2/stream/pages?since=1970-01-01&heartbeat=1")
        while true {
            switch try await stream.next() {
            case .event(let event) where event.type == "message": return true
            case .comment(let text) where text.starts(with: "heartbeat".utf8): return false
            default: continue
            }
        }
    }

    private func reason(of stream: LiveStream) async throws -> String? {
        let event = try await stream.event()
        #expect(event.type == "gap")
        return try JSONValue(event.data)["reason"]?.string
    }
}
