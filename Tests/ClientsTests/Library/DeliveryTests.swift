import HTTPClient
import Testing

@testable import EventStreamsClient

/// Transcripts: what is answered, and what is to be done then.
@Suite struct DeliveryTests {
    private static func delivery(_ count: Int, patience: Int64) -> Delivery {
        let events = (0..<count).map { OutgoingEvent(index: $0, bytes: Array("{\"n\":\($0)}".utf8)) }
        return Delivery([events], patience: patience)
    }

    private static func stored(_ delivery: Delivery) -> [Int] {
        delivery.outcomes.filter { $0.outcome == .stored }.map(\.index)
    }

    private static func refused(_ delivery: Delivery) -> [InvalidEvent] {
        delivery.outcomes.compactMap { if case .invalid(let event) = $0.outcome { event } else { nil } }
    }

    private static func response(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> HTTPClientResponse {
        let headers = retryAfter.map { [HTTPClientField("Retry-After", $0)] } ?? []
        return HTTPClientResponse(head: HTTPClientHead(status: status, headers: headers), body: Array(body.utf8))
    }

    private static func results(_ statuses: [Int]) -> String {
        let entries = statuses.enumerated().map {
            "{\"index\":\($0.offset),\"status\":\($0.element),\"type\":\"t\",\"detail\":\"because\"}"
        }
        return "{\"events\":[\(entries.joined(separator: ","))]}"
    }

    @Test func aWholeAnswerSettlesAll() {
        var delivery = Self.delivery(3, patience: 1000)
        #expect(delivery.body == Array("[{\"n\":0},{\"n\":1},{\"n\":2}]".utf8))
        let action = delivery.answer(Self.response(201, Self.results([201, 201, 201])), now: 0, chance: 0)
        #expect(action == .done)
        #expect(Self.stored(delivery) == [0, 1, 2] && delivery.outcomes.count == 3 && delivery.requests.isEmpty)
    }

    @Test func onlyWhatMayBeStoredLaterIsSentAgain() {
        var delivery = Self.delivery(4, patience: 60_000)
        let answer = Self.response(207, Self.results([201, 400, 503, 201]), retryAfter: "3")
        let reason = "status 207"
        #expect(delivery.answer(answer, now: 0, chance: 0) == .wait(3062, reason: reason))
        #expect(Self.stored(delivery) == [0, 3])
        #expect(Self.refused(delivery) == [InvalidEvent(index: 1, status: 400, reason: "t: because")])
        #expect(delivery.body == Array("[{\"n\":2}]".utf8))
        #expect(delivery.answer(Self.response(201, Self.results([201])), now: 3062, chance: 0) == .done)
        #expect(Self.stored(delivery) == [0, 3, 2])
    }

    @Test func noneStoredIsNoReasonToGoOnTrying() {
        var delivery = Self.delivery(2, patience: 1000)
        #expect(delivery.answer(Self.response(400, Self.results([400, 413])), now: 0, chance: 0) == .done)
        #expect(Self.refused(delivery).map(\.index) == [0, 1])
    }

    @Test func aRequestTooLargeIsHalvedUntilOneEventIsToBlame() {
        var delivery = Self.delivery(3, patience: 1000)
        let tooLarge = Self.response(413, "{\"title\":\"Too large.\",\"detail\":\"At most 10 bytes.\"}")
        #expect(delivery.answer(tooLarge, now: 0, chance: 0) == .send)
        #expect(delivery.requests.map { $0.map(\.index) } == [[0], [1, 2]])
        #expect(delivery.answer(tooLarge, now: 0, chance: 0) == .send)
        #expect(Self.refused(delivery).map(\.reason) == ["Too large: At most 10 bytes (status 413)"])
        #expect(delivery.answer(Self.response(201, Self.results([201, 201])), now: 0, chance: 0) == .done)
        #expect(Self.stored(delivery) == [1, 2])
    }

    @Test func failuresAreWaitedOutLongerEachTimeAndThenGivenUp() {
        var delivery = Self.delivery(1, patience: 10_000)
        let error = HTTPClientError.couldNotConnect(host: "h", port: 1, reason: "connection refused")
        var (now, waits): (Int64, [Int64]) = (0, [])
        while case .wait(let wait, let reason) = delivery.fail(error, now: now, chance: 0) {
            #expect(reason == "\(error)")
            waits.append(wait)
            now += wait
        }
        #expect(waits == [250, 500, 1000, 2000, 4000])
        #expect(delivery.fail(error, now: now, chance: 0) == .giveUp(reason: "\(error)"))
        delivery.giveUp("why")
        #expect(delivery.outcomes.map(\.outcome) == [.failed("why")] && delivery.requests.isEmpty)
    }

    @Test(arguments: [408, 429, 500, 502, 503]) func theServerMayAskForTime(status: Int) {
        var delivery = Self.delivery(2, patience: 60_000)
        let action = delivery.answer(Self.response(status, retryAfter: "7"), now: 0, chance: 0.999)
        guard case .wait(let wait, _) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(wait >= 7000 && wait <= 7500)
        #expect(delivery.requests.map(\.count) == [2])
    }

    @Test(arguments: [301, 401, 403, 404, 405]) func anAnswerThatWillNotChangeEndsIt(status: Int) {
        var delivery = Self.delivery(1, patience: 60_000)
        let action = delivery.answer(Self.response(status, "{\"title\":\"Not found\"}"), now: 0, chance: 0)
        #expect(action == .giveUp(reason: "the server refuses: Not found (status \(status))"))
    }

    @Test(arguments: [
        "{\"events\":[]}", "{\"events\":[{\"index\":9,\"status\":201}]}",
        "{\"events\":[{\"index\":-1,\"status\":201}]}",
        "{\"events\":[{\"index\":0}]}", "{\"events\":{}}", "[]", "", "{\"events\":[{\"index\":0,\"status\":201}]}",
    ])
    func anAnswerThatDoesNotTellOfEveryEventIsNotBelieved(body: String) {
        var delivery = Self.delivery(2, patience: 60_000)
        guard case .wait = delivery.answer(Self.response(503, body), now: 0, chance: 0) else {
            Issue.record("must try again")
            return
        }
        #expect(delivery.outcomes.isEmpty && delivery.requests.map(\.count) == [2])
    }

    @Test(arguments: ["", results([202, 202])]) func whatIsAcceptedIsNotCalledStored(body: String) {
        var delivery = Self.delivery(2, patience: 1000)
        #expect(delivery.answer(Self.response(202, body), now: 0, chance: 0) == .done)
        #expect(delivery.outcomes.map(\.outcome) == [.accepted, .accepted])
    }
}
