import HTTPClient
import Testing

@testable import Clients

/// Transcripts: what is answered, and what is to be done then.
@Suite struct DeliveryTests {
    private static func events(_ count: Int64) -> [Delivery.Event] {
        (1...count).map { Delivery.Event(line: $0, bytes: Array("{\"n\":\($0)}".utf8)) }
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
        var delivery = Delivery(Self.events(3), patience: 1000)
        #expect(delivery.body == Array("[{\"n\":1},{\"n\":2},{\"n\":3}]".utf8))
        let action = delivery.answer(Self.response(201, Self.results([201, 201, 201])), now: 0, chance: 0)
        #expect(action == .done)
        #expect(delivery.stored.map(\.line) == [1, 2, 3] && delivery.refusals.isEmpty && delivery.firstOpen == nil)
    }

    @Test func onlyWhatMayBeStoredLaterIsSentAgain() {
        var delivery = Delivery(Self.events(4), patience: 60_000)
        let answer = Self.response(207, Self.results([201, 400, 503, 201]), retryAfter: "3")
        let reason = "status 207"
        #expect(delivery.answer(answer, now: 0, chance: 0) == .wait(3062, reason: reason))
        #expect(delivery.stored.map(\.line) == [1, 4])
        #expect(delivery.refusals == [Delivery.Refusal(line: 2, reason: "t: because")])
        #expect(delivery.body == Array("[{\"n\":3}]".utf8))
        #expect(delivery.firstOpen == 3)
        #expect(delivery.answer(Self.response(201, Self.results([201])), now: 3062, chance: 0) == .done)
        #expect(delivery.stored.map(\.line) == [1, 4, 3])
    }

    @Test func noneStoredIsNoReasonToGoOnTrying() {
        var delivery = Delivery(Self.events(2), patience: 1000)
        #expect(delivery.answer(Self.response(400, Self.results([400, 413])), now: 0, chance: 0) == .done)
        #expect(delivery.refusals.map(\.line) == [1, 2])
    }

    @Test func aRequestTooLargeIsHalvedUntilOneEventIsToBlame() {
        var delivery = Delivery(Self.events(3), patience: 1000)
        let tooLarge = Self.response(413, "{\"title\":\"Too large.\",\"detail\":\"At most 10 bytes.\"}")
        #expect(delivery.answer(tooLarge, now: 0, chance: 0) == .send)
        #expect(delivery.requests.map { $0.map(\.line) } == [[1], [2, 3]])
        #expect(delivery.answer(tooLarge, now: 0, chance: 0) == .send)
        #expect(delivery.refusals.map(\.reason) == ["Too large: At most 10 bytes (status 413)"])
        #expect(delivery.answer(Self.response(201, Self.results([201, 201])), now: 0, chance: 0) == .done)
        #expect(delivery.stored.map(\.line) == [2, 3])
    }

    @Test func failuresAreWaitedOutLongerEachTimeAndThenGivenUp() {
        var delivery = Delivery(Self.events(1), patience: 10_000)
        let error = HTTPClientError.couldNotConnect(host: "h", port: 1, reason: "connection refused")
        var (now, waits): (Int64, [Int64]) = (0, [])
        while case .wait(let wait, let reason) = delivery.fail(error, now: now, chance: 0) {
            #expect(reason == "\(error)")
            waits.append(wait)
            now += wait
        }
        #expect(waits == [250, 500, 1000, 2000, 4000])
        #expect(delivery.fail(error, now: now, chance: 0) == .giveUp(reason: "\(error)"))
        #expect(delivery.firstOpen == 1)
    }

    @Test(arguments: [408, 429, 500, 502, 503]) func theServerMayAskForTime(status: Int) {
        var delivery = Delivery(Self.events(2), patience: 60_000)
        let action = delivery.answer(Self.response(status, retryAfter: "7"), now: 0, chance: 0.999)
        guard case .wait(let wait, _) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(wait >= 7000 && wait <= 7500)
        #expect(delivery.requests.map(\.count) == [2])
    }

    @Test(arguments: [301, 401, 403, 404, 405]) func anAnswerThatWillNotChangeEndsIt(status: Int) {
        var delivery = Delivery(Self.events(1), patience: 60_000)
        let action = delivery.answer(Self.response(status, "{\"title\":\"Not found\"}"), now: 0, chance: 0)
        #expect(action == .giveUp(reason: "the server refuses: Not found (status \(status))"))
    }

    @Test(arguments: [
        "{\"events\":[]}", "{\"events\":[{\"index\":9,\"status\":201}]}",
        "{\"events\":[{\"index\":-1,\"status\":201}]}",
        "{\"events\":[{\"index\":0}]}", "{\"events\":{}}", "[]", "", "{\"events\":[{\"index\":0,\"status\":201}]}",
    ])
    func anAnswerThatDoesNotTellOfEveryEventIsNotBelieved(body: String) {
        var delivery = Delivery(Self.events(2), patience: 60_000)
        guard case .wait = delivery.answer(Self.response(503, body), now: 0, chance: 0) else {
            Issue.record("must try again")
            return
        }
        #expect(delivery.stored.isEmpty && delivery.requests.map(\.count) == [2])
    }
}
