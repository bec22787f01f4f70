import EventFormats
import EventLog
import EventLogTestKit
import JSON
import Testing

/// Topics that come, grow, go and come back while clients listen.
@Suite(.serialized) struct ChangingTopicsTests {
    private static let added = TopicPartition(LiveService.topic.topic, 1)

    @Test func aPartitionThatIsAddedIsServedFromItsBeginningToThoseWhoListenAlready() async throws {
        let log = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        let live = try await LiveService.start(log: log)
        let stream = try await live.open("/v2/stream/pages")
        live.put(0, time: 1_000)
        #expect(try await stream.numbers(1) == [0])
        // More than a server would read of one that was there when it started.
        try await log.createTopic(LiveService.topic.topic, partitions: 2)
        for number in 1...3_000 { live.put(number, time: 1_000, in: Self.added) }
        var found: [Int64] = []
        while found.count < 3_000 {
            let event = try await stream.event()
            #expect(event.type == "message")
            guard let number = try JSONValue(event.data)["number"]?.integer else { break }
            found.append(number)
            if found.count == 3_000 {
                let id = try JSONValue(Array(event.lastEventID))
                #expect(id.array?.count == 2)
            }
        }
        #expect(found == (1...3_000).map { Int64($0) })
        await live.stop()
    }

    @Test func aTopicThatIsNotThereYetIsEmptyUntilItIs() async throws {
        let log = MemoryLog(topics: ["dc.other": 1])
        let live = try await LiveService.start(log: log, createsTopics: false)
        let stream = try await live.open("/v2/stream/pages")
        try await log.createTopic(LiveService.topic.topic, partitions: 1)
        for number in 0..<5 { live.put(number, time: 1_000) }
        #expect(try await stream.numbers(5) == Array(0..<5))
        await live.stop()
    }

    @Test func holesAreNoEndAndNoEvent() async throws {
        let log = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        let live = try await LiveService.start(log: log)
        let stream = try await live.open("/v2/stream/pages")
        live.put(0, time: 1_000)
        log.skipOffsets(LiveService.topic, count: 100)
        live.put(1, time: 1_000)
        #expect(try await stream.numbers(2) == [0, 1])
        await live.stop()
    }

    @Test func aServerThatStartsBeforeAHoleIsReady() async throws {
        let log = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        log.put(LiveService.topic, timestamp: 1, value: Array(#"{"number":0}"#.utf8))
        log.skipOffsets(LiveService.topic, count: 100)
        let live = try await LiveService.start(log: log)
        let stream = try await live.open("/v2/stream/pages")
        live.put(1, time: 1_000)
        #expect(try await stream.numbers(1) == [1])
        await live.stop()
    }
}
