import Compression
import HTTPClient
import System
import Testing

@testable import Clients
@testable import EventStreamsClient

/// Transcripts: what comes, and what is to be done then.
@Suite struct FollowingTests {
    private static let head = HTTPClientHead(
        status: 200, headers: [.init("Content-Type", "text/event-stream; charset=x")])

    private static func opened(_ following: inout Following) {
        #expect(following.take(.opened(head), now: 0, chance: 0) == [.read])
    }

    private static func say(_ following: inout Following, _ text: String, now: Int64 = 0) -> [Following.Action] {
        following.take(.bytes(Array(text.utf8)), now: now, chance: 0)
    }

    private static func event(_ data: String, _ id: String) -> Following.Action {
        .show(.event(StreamEvent(data: Array(data.utf8), id: id)))
    }

    @Test func eventsArePrintedOnceWholeAndTheirIdKept() {
        var following = Following()
        Self.opened(&following)
        #expect(Self.say(&following, ":ok\n\nevent: message\nid: 1\ndata: {\"a\":1}\n") == [.read])
        #expect(Self.say(&following, "\nid: 2\ndata: {") == [Self.event("{\"a\":1}", "1"), .read])
        #expect(following.lastEventID == Array("1".utf8))
        // The cut event is not printed, and is asked for again.
        let cut = following.take(.failed(.connectionLost(host: "h", reason: "reset")), now: 0, chance: 0)
        let sentence = "the connection to h was lost: reset; connecting anew in 0.5 s"
        #expect(cut.map(\.sentence) == [sentence])
        #expect(cut.last?.wait == 500)
        Self.opened(&following)
        #expect(Self.say(&following, "id: 2\ndata: {}\n\n") == [Self.event("{}", "2"), .read])
    }

    @Test func damagedGzipIsNotAskedForAgainButACutOneIs() {
        var following = Following()
        Self.opened(&following)
        _ = Self.say(&following, "id: 1\ndata: {}\n\nid: 2\ndata: {")
        let cut = following.take(.damaged(.truncated(compressedByte: 9)), now: 0, chance: 0)
        #expect(cut.map(\.sentence) == ["the server broke the stream off; connecting anew in 0.5 s"])
        #expect(following.acceptsGzip && following.lastEventID == Array("1".utf8))
        let damage = GzipError.damaged(compressedByte: 9, reason: "invalid block type")
        #expect(following.take(.damaged(damage), now: 0, chance: 0).last?.wait == 1000)
        #expect(!following.acceptsGzip && following.lastEventID == Array("1".utf8))
        #expect(!Following(gzip: false).acceptsGzip)
    }

    @Test(arguments: ["br", "gzip, gzip", "deflate"]) func anotherCodingIsNoStream(coding: String) {
        var following = Following()
        var head = Self.head
        head.headers.append(.init("Content-Encoding", coding))
        let sentence = "the server answers in the coding \(coding), which was not asked for"
        #expect(following.take(.opened(head), now: 0, chance: 0) == [.finish(.unusable(sentence))])
    }

    @Test func damagedStreamsNeverTrap() {
        let text =
            ":ok\n\nevent: message\nid: 1\ndata: {\"a\":1}\n\nevent: gap\nid: 2\ndata: {\"topic\":\"t\",\"partition\":0,\"from\":1}\n\n"
            + "event: notice\ndata: {\"detail\":\"d\"}\n\nretry: 5\nevent: error\ndata: {\"status\":503,\"title\":\"x\"}\n\n"
        var random = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            var following = Following()
            Self.opened(&following)
            for action in following.take(.bytes(random.damaged(Array(text.utf8))), now: 0, chance: 0) {
                #expect(action.sentence?.isEmpty != true)
                guard case .show(.event(let event)) = action else { continue }
                #expect(!event.data.contains(0x0A))
                _ = event.text(at: "a.b")
            }
        }
    }

    @Test func dataOfSeveralLinesBecomesOne() {
        var following = Following()
        Self.opened(&following)
        #expect(Self.say(&following, "id: 1\ndata: {\"a\":\ndata: 1}\n\n") == [Self.event("{\"a\": 1}", "1"), .read])
    }

    @Test func theServersRetryIsWaitedAtAnOrderlyEnd() {
        var following = Following()
        Self.opened(&following)
        _ = Self.say(&following, "id: 1\ndata: {}\n\nretry: 4321\n\n")
        #expect(following.take(.ended, now: 0, chance: 0).last?.wait == 4321)
        Self.opened(&following)
        // It speaks of that end only; a stream that ends without a word is approached with care.
        #expect(following.take(.ended, now: 0, chance: 0).last?.wait == 500)
        Self.opened(&following)
        _ = Self.say(&following, "retry: 99999999999999999999999\n\n")
        #expect(following.take(.ended, now: 0, chance: 0).last?.wait == 3_600_000)
    }

    @Test func failuresInARowAreWaitedOutUpToThirtySeconds() {
        var following = Following()
        var waits: [Int64] = []
        for _ in 0..<8 {
            let actions = following.take(.failed(.unknownHost("h")), now: 0, chance: 0.9999)
            guard let wait = actions.last?.wait else { break }
            waits.append(wait)
        }
        #expect(waits == [999, 1999, 3999, 7999, 15_999, 29_998, 29_998, 29_998])
        Self.opened(&following)
        _ = Self.say(&following, "id: 1\ndata: {}\n\n")
        #expect(following.take(.failed(.unknownHost("h")), now: 0, chance: 0).last?.wait == 500)
    }

    @Test func silenceIsTakenForALostConnection() {
        var following = Following(watchdog: 60_000)
        Self.opened(&following)
        #expect(Self.say(&following, ": heartbeat\n\n", now: 15_000) == [.read])
        #expect(following.take(.idle, now: 74_999, chance: 0) == [.read])
        #expect(following.take(.idle, now: 75_000, chance: 0).last?.wait == 500)
    }

    @Test(arguments: [408, 429, 500, 503]) func aBusyServerIsAskedLater(status: Int) {
        var following = Following()
        let head = HTTPClientHead(status: status, headers: [.init("Retry-After", "9")])
        let actions = following.take(.refused(ServerProblem(head, [])), now: 0, chance: 0)
        #expect(actions.last?.wait == 9125)
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:28 GMT", 9 as Int64?),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT", -60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", nil, nil),
        ("soon", "Sun, 06 Nov 1994 08:49:28 GMT", nil),
    ])
    func aDateToComeBackAtCountsFromTheServersOwnClock(then: String, now: String?, seconds: Int64?) {
        var head = HTTPClientHead(status: 503, headers: [.init("Retry-After", then)])
        if let now { head.headers.append(.init("Date", now)) }
        #expect(ServerProblem(head, []).retryAfter == seconds)
    }

    @Test(arguments: [400, 403, 404, 406, 410]) func aRefusalIsFinalAndSaysWhy(status: Int) {
        var following = Following()
        let body = Array("{\"title\":\"No such stream\",\"detail\":\"Did you mean b?\"}".utf8)
        let actions = following.take(.refused(ServerProblem(.init(status: status), body)), now: 0, chance: 0)
        #expect(
            actions.map(\.sentence) == [
                "the server refuses: No such stream: Did you mean b? (status \(status))"
            ])
    }

    @Test func whatIsNoEventStreamIsNotRead() {
        var following = Following()
        let head = HTTPClientHead(status: 200, headers: [.init("Content-Type", "text/html")])
        let action = following.take(.opened(head), now: 0, chance: 0).first
        #expect(action?.sentence?.contains("text/html") == true)
    }

    @Test func gapsAndErrorsAreSentences() {
        var following = Following()
        Self.opened(&following)
        let gap =
            "{\"topic\":\"t\",\"partition\":0,\"from\":5,\"to\":9,\"reason\":\"retention\",\"detail\":\"Too old.\"}"
        let gapActions = Self.say(&following, "event: gap\nid: 9\ndata: \(gap)\n\n")
        #expect(
            gapActions.map(\.sentence) == [
                "gap in t partition 0: offsets from 5 to before 9 (retention): Too old.", nil,
            ])
        #expect(gapActions.first == .show(.gap(StreamGap(Array(gap.utf8), id: "9"))))
        #expect(following.lastEventID == Array("9".utf8))
        let error = "{\"title\":\"Draining\",\"detail\":\"Come back.\",\"status\":503}"
        #expect(
            Self.say(&following, "event: error\ndata: \(error)\n\n").map(\.sentence) == [
                "Draining: Come back (status 503)", nil,
            ])
        #expect(
            Self.say(&following, "event: error\ndata: {\"title\":\"Gone\",\"status\":404}\n\n").map(\.sentence) == [
                "the server ended the stream: Gone (status 404)"
            ])
    }

    @Test func aGapIsReadAsFarAsItSaysSomething() {
        let whole = StreamGap(
            Array(
                "{\"topic\":\"t\",\"partition\":2,\"from\":5,\"to\":9,\"reason\":\"slow\",\"detail\":\"d\"}".utf8))
        #expect(whole.topic == "t" && whole.partition == 2 && whole.from == 5 && whole.to == 9)
        #expect(whole.reason == "slow" && whole.detail == "d")
        for text in ["nonsense", "", "[1]", "{\"topic\":7,\"partition\":4e9,\"from\":\"x\",\"to\":null}"] {
            #expect("\(StreamGap(Array(text.utf8)))" == "gap: records are missing here")
        }
        #expect(StreamGap(Array("{\"partition\":5000000000}".utf8)).partition == nil)
        #expect("\(StreamGap(Array("{\"to\":7}".utf8)))" == "gap in the stream: offsets before 7")
    }

    @Test func aNoticeIsASentenceAndNoEvent() {
        var following = Following(lastEventID: Array("a".utf8))
        Self.opened(&following)
        let notice = "{\"reason\":\"stream_removed\",\"stream\":\"x\",\"detail\":\"It was taken out.\"}"
        #expect(
            Self.say(&following, "event: notice\ndata: \(notice)\n\n").map(\.sentence) == [
                "the server says: It was taken out.", nil,
            ])
        #expect(following.lastEventID == Array("a".utf8))
        let read = StreamNotice(Array(notice.utf8))
        #expect(read.reason == "stream_removed" && read.stream == "x")
        #expect("\(StreamNotice(Array("?".utf8)))" == "the server says: ?")
    }

    @Test func anIdWithoutAnEventMovesOn() {
        var following = Following(lastEventID: Array("a".utf8))
        Self.opened(&following)
        #expect(Self.say(&following, "id: b\n\n") == [.show(.progress(id: "b")), .read])
        #expect(following.lastEventID == Array("b".utf8))
    }

    @Test func aStreamWithAnEndIsOverAtIt() {
        var plain = Following(ends: true)
        Self.opened(&plain)
        _ = Self.say(&plain, "id: 1\ndata: {}\n\n")
        #expect(plain.take(.ended, now: 0, chance: 0) == [.finish(nil)])
    }

    @Test func aServersStopIsNotTakenForTheStreamsEnd() {
        var following = Following(ends: true)
        Self.opened(&following)
        _ = Self.say(&following, "retry: 5000\n\n")
        #expect(following.take(.ended, now: 0, chance: 0).map(\.wait) == [1000])
        Self.opened(&following)
        _ = Self.say(&following, "id: 1\ndata: {}\n\nretry: 300\n\n")
        #expect(following.take(.ended, now: 0, chance: 0).map(\.wait) == [300])
        Self.opened(&following)
        _ = Self.say(&following, "retry: 5000\n\n")
        #expect(following.take(.ended, now: 0, chance: 0) == [.finish(nil)])
    }

    @Test func anErrorBeforeTheEndIsNotTheStreamsEnd() {
        var following = Following(ends: true)
        Self.opened(&following)
        _ = Self.say(&following, "event: error\ndata: {\"status\":503}\n\n")
        #expect(following.take(.ended, now: 0, chance: 0).last?.wait == 500)
    }

    @Test func doublesAndHolesAreCountedByOffset() {
        var statistics = ConsumeStatistics(now: 0)
        for (partition, offset) in [(0, 5), (0, 6), (0, 9), (0, 9), (1, 3), (0, 2), (0, 10)] {
            let data =
                "{\"meta\":{\"topic\":\"t\",\"partition\":\(partition),\"offset\":\(offset),\"dt\":\"1970-01-01T00:00:01Z\"}}"
            statistics.take(Array(data.utf8), now: 3500)
        }
        statistics.take(Array("[]".utf8), now: 3500)
        #expect(statistics.duplicates == 2 && statistics.holes == 2 && statistics.events == 8 && statistics.lag == 2500)
        #expect(statistics.report(now: 9999, interval: 10_000) == nil)
        #expect(statistics.report(now: 10_000, interval: 10_000)?.hasPrefix("0.8 events/s, ") == true)
    }
}

extension Following.Action {
    /// Milliseconds.
    fileprivate var wait: Int64? { if case .reconnect(let reconnect) = self { reconnect.wait } else { nil } }

    fileprivate var sentence: String? {
        switch self {
        case .reconnect(let reconnect): "\(reconnect)"
        case .show(.gap(let gap)): "\(gap)"
        case .show(.notice(let notice)): "\(notice)"
        case .show(.problem(let problem)): "\(problem)"
        case .finish(let error): error.map { "\($0)" }
        case .show, .read: nil
        }
    }
}
