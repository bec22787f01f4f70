import HTTPClient
import Testing

@testable import Clients

/// What was seen, and what is said of it.
@Suite struct JudgementTests {
    private static func seen(
        _ times: [Int64], heartbeats: [[Int64]] = [], ending: Observation.Ending = .open, end: Int64
    ) -> Observation {
        var seen = Observation()
        seen.head = HTTPClientHead(status: 200)
        seen.headTime = 5
        for (place, time) in times.enumerated() {
            let sent = place < heartbeats.count ? heartbeats[place] : []
            seen.arrivals.append(.init(time: time, heartbeats: sent, bytes: 30))
        }
        seen.ending = ending
        seen.endTime = end
        return seen
    }

    private static func events(_ numbers: some Sequence<Int>) -> [Observation.Event] {
        numbers.map { Observation.Event(data: Array("{\"n\":\($0)}".utf8), id: Array("i\($0)".utf8)) }
    }

    @Test func whatComesWhenItIsSentIsNotBuffered() {
        let seen = Self.seen([10, 1010, 2020, 3030], heartbeats: [[], [1000], [2000], [3000]], end: 4000)
        #expect(Judgement.flow(seen).verdict == .good && Judgement.lifetime(seen).verdict == .good)
    }

    @Test func nothingALateFirstByteLumpsAndSilenceAreABuffer() {
        let held = [
            Self.seen([], end: 4000), Self.seen([3500], end: 4000),
            Self.seen([10, 9000], heartbeats: [[], [1000, 2000, 3000, 4000]], end: 9100),
            Self.seen([10, 3200, 6300], heartbeats: [[], [1000, 2000, 3000], [4000, 5000, 6000]], end: 6400),
            Self.seen([10, 1000, 6000], heartbeats: [[], [1000], [6000]], end: 6100),
        ]
        for seen in held {
            let finding = Judgement.flow(seen)
            #expect(finding.verdict == .bad && finding.check == "buffering")
            #expect(finding.advice?.contains("proxy_buffering off") == true)
        }
    }

    @Test func whereThereWasNoStreamNothingIsSaidOfBuffers() {
        let refused = Self.seen([], ending: .refused(status: 404, "No such stream"), end: 10)
        #expect(Judgement.flow(refused).verdict == .unknown)
        #expect(Judgement.lifetime(refused).verdict == .bad)
        #expect(Judgement.flow(Self.seen([], ending: .lost("reset"), end: 10)).verdict == .unknown)
        #expect(Judgement.flow(Self.seen([10], end: 4000)).verdict == .unknown)
    }

    @Test func aCutOfWhatSpeaksIsALimitOfAgeAndOfWhatIsSilentATimeout() {
        let spoke = Self.seen(
            [10, 1000, 2000], heartbeats: [[], [1000], [2000]], ending: .ended(isOrderly: false), end: 2500)
        #expect(Judgement.lifetime(spoke).verdict == .bad)
        #expect(Judgement.lifetime(Self.seen([10], ending: .ended(isOrderly: true), end: 900)).verdict == .warning)
        for ending in [Observation.Ending.ended(isOrderly: false), .lost("reset")] {
            let finding = Judgement.idle(Self.seen([10], ending: ending, end: 2010))
            #expect(finding.verdict == .bad && finding.detail.contains("after 2.0 s"))
            #expect(finding.advice?.contains("proxy_read_timeout") == true)
        }
        #expect(Judgement.idle(Self.seen([10], end: 4000)).verdict == .good)
        #expect(Judgement.idle(Self.seen([10, 15_010], heartbeats: [[], [1]], end: 20_000)).verdict == .good)
        #expect(Judgement.idle(Self.seen([10], end: 20_000)).verdict == .unknown)
        var busy = Self.seen([10], ending: .lost("reset"), end: 20)
        busy.events = Self.events([1])
        #expect(Judgement.idle(busy).verdict == .unknown)
    }

    @Test func resumingIsHeldAgainstWhatCameBefore() {
        var first = Observation()
        first.events = Self.events(1...6)
        func judged(_ numbers: [Int]) -> Finding {
            var resumed = Observation()
            resumed.events = Self.events(numbers)
            return Judgement.resume(first, at: 2, resumed)
        }
        #expect(judged([4, 5, 6]).verdict == .good && judged([5, 4, 7, 6]).verdict == .good)
        for wrong in [[], [4, 6], [3, 4, 5, 6], [4, 5, 5, 6], [7, 8, 9]] { #expect(judged(wrong).verdict == .bad) }
        #expect(judged([4, 6]).detail.contains("1 did not come"))
        var refused = Observation()
        refused.ending = .refused(status: 400, "bad id")
        #expect(Judgement.resume(first, at: 2, refused).verdict == .bad)
    }

    @Test func clocksAreComparedAsFarAsTheDateTells() {
        let head = HTTPClientHead(status: 200, headers: [.init("Date", "Sun, 06 Nov 1994 08:49:37 GMT")])
        let date: Int64 = 784_111_777_000
        func verdict(_ sent: Int64, _ received: Int64, newest: Int64? = nil) -> Finding.Verdict {
            Judgement.clock(head, sent: date + sent, received: date + received, newest: newest.map { date + $0 })
                .verdict
        }
        #expect(verdict(0, 100) == .good && verdict(900, 1500) == .good && verdict(-1500, -1000) == .good)
        #expect(verdict(-9000, -8000) == .warning && verdict(9000, 9100) == .warning)
        #expect(verdict(0, 100, newest: 1000) == .good && verdict(0, 100, newest: 9000) == .warning)
        #expect(Judgement.clock(nil, sent: 0, received: 0, newest: nil).verdict == .unknown)
    }

    @Test func aCertificateThatEndsSoonIsTold() {
        func verdict(_ days: Int64?) -> Finding.Verdict {
            var head = HTTPClientHead(status: 200)
            head.certificateEnd = days.map { 1_000_000 + $0 * 86_400 }
            return Judgement.certificate(head, isSecure: true, now: 1_000_000_000).verdict
        }
        #expect([nil, -2, 3, 90].map(verdict) == [.unknown, .bad, .warning, .good])
        #expect(Judgement.certificate(nil, isSecure: false, now: 0).verdict == .unknown)
    }

    @Test func headersOfAnswersAreRead() {
        var head = HTTPClientHead(
            status: 200, headers: [.init("Content-Encoding", "gzip"), .init("Access-Control-Allow-Origin", "*")])
        let preflight = HTTPClientHead(
            status: 204, headers: [.init("Access-Control-Allow-Headers", "accept, Last-Event-ID")])
        #expect(
            Judgement.gzip(head).verdict == .good && Judgement.gzip(HTTPClientHead(status: 200)).verdict == .warning)
        #expect(Judgement.gzip(nil).verdict == .unknown)
        #expect(Judgement.cors(head, preflight, origin: "https://a").verdict == .good)
        #expect(Judgement.cors(head, nil, origin: "https://a").verdict == .warning)
        #expect(Judgement.cors(preflight, preflight, origin: "https://a").verdict == .warning)
        #expect(Judgement.http2(head, isSecure: true).verdict == .warning)
        head.version = "2"
        #expect(Judgement.http2(head, isSecure: true).verdict == .good)
    }

    @Test(arguments: ["", "heartbeat", "heartbeat x", "heartbeat 2026-01-01T00:00:00Z more", "ok"])
    func aCommentThatIsNoHeartbeatIsNone(text: String) { #expect(StreamWatch.heartbeat(Array(text.utf8)) == nil) }

    @Test func aHeartbeatHasTheServersTime() {
        #expect(StreamWatch.heartbeat(Array("heartbeat 1970-01-01T00:00:01.500Z".utf8)) == 1500)
    }
}
