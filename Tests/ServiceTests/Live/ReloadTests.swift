import Catalogue
import Endpoints
import EventFormats
import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import Live
import Redaction
import Server
import Testing

/// What a reload means for those who are connected, and for what is in memory.
@Suite(.timeLimit(.minutes(2))) struct ReloadTests {
    private let hidesTitles = Redactor(rules: [
        RedactionRule(streams: [], conditions: [], removals: [.init(path: ["title"])])
    ])

    private func policy(_ streams: [PublicStream], _ redactor: Redactor = Redactor()) throws -> Policy {
        Policy(catalogue: try StreamCatalogue(streams), redactor: redactor)
    }

    private let pages = PublicStream("pages", topics: [LiveService.topic.topic])
    private let other = PublicStream("other", topics: ["dc.other"])

    private func put(_ live: LiveService, _ number: Int) {
        let text = #"{"number":\#(number),"title":"secret","meta":{"stream":"pages"}}"#
        live.log.put(LiveService.topic, timestamp: Timestamp(number), value: Array(text.utf8))
    }

    @Test func aRuleThatIsAddedHoldsForWhatIsInMemoryAndForThoseWhoFollow() async throws {
        let live = try await LiveService.start()
        let follower = try await live.open("/v2/stream/pages?since=0")
        for number in 1...3 { put(live, number) }
        for _ in 1...3 { #expect(String(decoding: try await follower.event().data, as: UTF8.self).contains("secret")) }
        try await live.service.reload(try policy([pages, other], hidesTitles))
        put(live, 4)
        let newest = String(decoding: try await follower.event().data, as: UTF8.self)
        #expect(newest.contains(#""number":4"#) && !newest.contains("secret"))
        let late = try await live.open("/v2/stream/pages?since=0")
        for number in 1...4 {
            let text = String(decoding: try await late.event().data, as: UTF8.self)
            #expect(text.contains(#""number":\#(number)"#) && !text.contains("secret"))
        }
        await live.stop()
    }

    @Test func aStreamThatIsTakenOutEndsForThoseWhoFollowItAndStaysForOthers() async throws {
        let live = try await LiveService.start()
        let (gone, stays) = (try await live.open("/v2/stream/other"), try await live.open("/v2/stream/pages"))
        for stream in [gone, stays] { _ = try await stream.next() }
        try await live.service.reload(try policy([pages]))
        let event = try await gone.event()
        #expect(event.type == "notice")
        let notice = try JSONValue(event.data)
        #expect(notice["reason"] == "stream_removed" && notice["stream"] == "other")
        #expect(try await gone.retry() > 0)
        await #expect(throws: LiveStream.Ended.self) { try await gone.event() }
        #expect(try await live.get("/v2/stream/other").head.status == 404)
        put(live, 1)
        #expect(try await stays.numbers(1) == [1])
        await live.stop()
    }

    @Test func whoFollowsAStreamThatGetsATopicComesBackAndMissesNothing() async throws {
        let live = try await LiveService.start()
        let added = TopicPartition("dc.more", 0)
        let stream = try await live.open("/v2/stream/pages")
        _ = try await stream.next()
        live.put(1, time: 1_000)
        let first = try await stream.event()
        let id = String(decoding: first.lastEventID, as: UTF8.self)
        let wider = PublicStream("pages", topics: [LiveService.topic.topic, added.topic])
        try await live.service.reload(try policy([wider, other]))
        _ = try await stream.retry()
        live.put(2, time: 2_000, in: added)
        live.put(3, time: 3_000)
        let again = try await live.open("/v2/stream/pages", id: id)
        #expect(Set(try await again.numbers(2)) == [2, 3])
        await live.stop()
    }

    @Test func documentsTellOfTheNewStreams() async throws {
        let live = try await LiveService.start()
        let before = try await live.get("/?spec")
        try await live.service.reload(try policy([pages, other, PublicStream("third")]))
        let after = try await live.get("/?spec")
        #expect(before.body != after.body)
        #expect(String(decoding: after.body, as: UTF8.self).contains("/v2/stream/third"))
        #expect(String(decoding: try await live.get("/v2/stream").body, as: UTF8.self).contains("third"))
        await live.stop()
    }
}
