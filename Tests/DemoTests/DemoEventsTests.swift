import Demo
import JSON
import Testing

@Suite struct DemoEventsTests {
    private static let now: Int64 = 1_790_487_705_416

    private static func events(_ count: Int, seed: UInt64 = 1) throws -> [(stream: String, event: JSONDocument)] {
        var demo = DemoEvents(seed: seed)
        return try (0..<count).map { place in
            let (stream, bytes) = demo.next(now: now + Int64(place))
            return (stream, try JSONDocument(bytes))
        }
    }

    @Test func everyEventIsJSONOnOneLineWithTheFieldsItsSchemaRequires() throws {
        for (stream, event) in try Self.events(3000) {
            #expect(!event.bytes.contains(0x0A))
            let metaFields = ["request_id", "id", "dt", "domain", "stream"]
            for name in metaFields { #expect(event.string(event.value(at: ["meta", name])) != nil) }
            #expect(event.string(event.value(at: ["meta", "stream"])) == stream)
            #expect(event.string(event.value(at: ["meta", "dt"]))?.hasPrefix("2026-09-27T") == true)
            let schema = try #require(event.string(event.value(at: ["$schema"])))
            let isCanary = event.string(event.value(at: ["meta", "domain"])) == "canary"
            if stream == "mediawiki.recentchange" {
                #expect(schema == "/mediawiki/recentchange/1.0.0")
                // A part of the stream's key: without it the intake refuses an event, a canary too.
                #expect(event.string(event.value(at: ["wiki"])) != nil)
                let type = event.string(event.value(at: ["type"]))
                #expect(isCanary || ["edit", "new", "log", "categorize"].contains(type))
            } else {
                #expect(schema == "/mediawiki/revision/create/1.1.0")
                for name in ["database", "page_title", "rev_timestamp"] {
                    #expect(event.string(event.value(at: [name])) != nil)
                }
                for name in ["page_id", "page_namespace", "rev_id"] {
                    #expect(event.integer(event.value(at: [name])) != nil)
                }
                for name in ["page_is_redirect"] { #expect(event.boolean(event.value(at: [name])) != nil) }
                for name in ["user_text", "user_groups", "user_is_bot"] {
                    #expect(event.value(at: ["performer", name]) != nil)
                }
            }
        }
    }

    @Test func theSeedAndTheClockDecideEveryByte() throws {
        var (first, second, other) = (DemoEvents(seed: 7), DemoEvents(seed: 7), DemoEvents(seed: 8))
        var differing = 0
        for place in 0..<500 {
            let time = Self.now + Int64(place) * 37
            let (a, b, c) = (first.next(now: time), second.next(now: time), other.next(now: time))
            #expect(a.stream == b.stream && a.bytes == b.bytes)
            if a.bytes != c.bytes { differing += 1 }
            #expect(first.delay(rate: 50) == second.delay(rate: 50))
            _ = other.delay(rate: 50)
        }
        #expect(differing == 500)
    }

    @Test func idsAreUUIDsAndNeverRepeat() throws {
        var ids: Set<String> = []
        for (_, event) in try Self.events(2000) {
            let id = try #require(event.string(event.value(at: ["meta", "id"])))
            #expect(id.count == 36 && Array(id)[14] == "4" && "89ab".contains(Array(id)[19]))
            #expect(ids.insert(id).inserted)
        }
    }

    @Test func streamsBotsCanariesAndTypesComeInTheirShares() throws {
        let events = try Self.events(10_000)
        func share(_ condition: (String, JSONDocument) -> Bool) -> Double {
            Double(events.count { condition($0.stream, $0.event) }) / Double(events.count)
        }
        #expect(abs(share { stream, _ in stream == "mediawiki.recentchange" } - 0.65) < 0.03)
        #expect(abs(share { stream, _ in stream == "mediawiki.revision-create" } - 0.20) < 0.03)
        #expect(abs(share { stream, _ in stream == "mediawiki.page-create" } - 0.15) < 0.03)
        let canaries = share { $1.string($1.value(at: ["meta", "domain"])) == "canary" }
        #expect(canaries > 0.003 && canaries < 0.03)
        let bots = share { $1.boolean($1.value(at: ["bot"])) == true } / 0.65
        #expect(abs(bots - 0.3) < 0.04)
        for type in ["edit", "new", "log", "categorize"] {
            #expect(share { $1.string($1.value(at: ["type"])) == type } > 0.01)
        }
    }

    @Test func titlesHaveManyScriptsAndWhatMustBeEscaped() throws {
        var demo = DemoEvents(seed: 3)
        var text = ""
        for _ in 0..<2000 { text += String(decoding: demo.next(now: Self.now).bytes, as: UTF8.self) }
        for piece in ["\\\"", "\\\\", "\\t", "琥珀", "Река", "ποτάμι", "🦉", "𠮷", "نهر", "%D0"] {
            #expect(text.contains(piece), "\(piece)")
        }
    }

    @Test func delaysAddUpToTheRate() {
        var demo = DemoEvents(seed: 5)
        for rate in [2.0, 50, 3000] {
            let sum = (0..<20_000).reduce(Int64(0)) { total, _ in total + demo.delay(rate: rate) }
            #expect(abs(20_000_000 / Double(sum) / rate - 1) < 0.05)
        }
        #expect(demo.delay(rate: 0) == 3_600_000)
        #expect(demo.delay(rate: -1) == 3_600_000)
    }
}
