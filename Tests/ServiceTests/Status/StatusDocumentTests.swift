import Endpoints
import HTTP
import JSON
import Status
import Testing

@Suite struct StatusDocumentTests {
    static let noon = StatusKeeperTests.noon

    private func documents(
        phase: StatusDocument.Phase = .serving, isLogReadable: Bool = true, healthy: Bool = true
    ) -> StatusDocument {
        var keeper = StatusKeeper(limits: StatusKeeperTests.limits, now: Self.noon)
        for minute: Int64 in 0...1 {
            let now = Self.noon + minute * 60_000
            let stream = StatusReading.Stream(
                "pages", events: Int(minute) * 30, newest: now - 1000, rate: 0.51234, clients: 2,
                canary: .init(seen: now - 5000, isHealthy: healthy))
            keeper.take(
                StatusReading(
                    streams: [stream], figures: [.clients: 2, .sent: Int(minute) * 60], isLogReadable: isLogReadable),
                at: now)
        }
        return StatusDocument(
            keeper, DocumentsTests.info, phase: phase, started: Self.noon, isKept: true, now: Self.noon + 60_500)
    }

    private func json(_ document: Document?) throws -> JSONValue { try JSONValue(try #require(document).answer().body) }

    @Test func theDocumentTellsHowEachStreamIs() throws {
        let document = try json(documents().whole)
        #expect(document["status"] == "ok" && document["clients"] == 2 && document["lastMinute"]?["sent"] == 60)
        let stream = try #require(document["streams"]?.array?.first)
        #expect(stream["name"] == "pages" && stream["status"] == "fresh" && stream["clients"] == 2)
        #expect(stream["rate"] == .number("0.512") && stream["ageSeconds"] == 1)
        #expect(stream["canary"] == ["healthy": true, "seen": "2026-09-27T12:00:55.000Z"] as JSONValue)
        #expect(stream["events"]?.array?.count == 96 && stream["events"]?.array?.last == 30)
        #expect(stream["states"]?.array?.last == "fresh" && stream["states"]?.array?.first == .null)
        #expect(document["history"]?["stepSeconds"] == 900 && document["history"]?["kept"] == "disk")
        #expect(document["history"]?["clients"]?.array?.last == 2)
        #expect(document["incidents"]?.array?.first?["kind"] == "started")
    }

    @Test func oneStreamHasEachMinuteOfTheDay() throws {
        let document = try json(documents().one("pages"))
        #expect(document["name"] == "pages" && document["history"]?["stepSeconds"] == 60)
        #expect(document["history"]?["events"]?.array?.count == 1440)
        #expect(document["history"]?["events"]?.array?.last == 30)
        #expect(documents().one("other") == nil)
    }

    @Test func theStatusIsTheWorstThereIsToSay() throws {
        #expect(try json(documents(healthy: false).whole)["status"] == "degraded")
        #expect(try json(documents(isLogReadable: false).whole)["status"] == "unavailable")
        #expect(try json(documents(phase: .draining, healthy: false).whole)["status"] == "draining")
        #expect(try json(documents(phase: .starting).whole)["status"] == "starting")
    }

    @Test(arguments: [
        (nil, false), ("*/*", false), ("application/json", false), ("text/html", true),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
        ("application/json, text/html", false), ("text/html;q=0.5, application/json", false),
        ("text/html, application/json", true), ("text/html;q=0", false), ("nonsense", false),
    ]) func peopleAreThoseWhoRatherHaveAPage(header: String?, expected: Bool) {
        #expect(StatusDocument.isForPeople(accept: header) == expected)
    }
}
