import Admission
import HTTP
import JSON
import System
import TestSupport
import Testing

/// Kinds of clients: who belongs to which, what each may have, and what a configuration of them may say.
@Suite struct ClientTiersTests {
    private let document = """
        [{"name": "tools", "keys": {"patrolbot": "4TqWx81mPzLk", "dashboard": "9bRkYw02sNvC"}, "streams": 500},
         {"name": "office", "addresses": ["192.0.2.0/24", "2001:db8::/32"], "streams": "none"},
         {"name": "contact", "user_agent": "contact", "streams": 400},
         {"name": "nameless", "user_agent": "none", "refuse": "Say who you are."}]
        """

    private func tiers(_ text: String) throws -> ClientTiers { try TierDocument.tiers(JSONValue(Array(text.utf8))) }

    private func standing(
        _ address: String = "198.51.100.7", agent: String = "Mozilla/5.0", authorization: String? = nil,
        key: String? = nil
    ) throws -> ClientTiers.Standing {
        try tiers(document).standing(
            .init(
                address: try #require(IPAddress(address)), userAgent: agent, authorization: authorization, apiKey: key))
    }

    @Test func theFirstTierThatFitsDecides() throws {
        #expect(try standing().tier == nil)
        #expect(try standing("192.0.2.9", agent: "").tier?.name == "office")
        #expect(try standing("2001:db8::9").tier?.name == "office")
        #expect(try standing(agent: "bot/1.0 (someone@example.org)").tier?.name == "contact")
        #expect(try standing(agent: "").tier?.share == .refused("Say who you are."))
        #expect(try standing(agent: "", key: "4TqWx81mPzLk").tier?.name == "tools")
        #expect(try standing("192.0.2.9", authorization: "bearer  9bRkYw02sNvC").tier?.name == "tools")
    }

    @Test func aKeyIsCountedWhereverItIsUsed() throws {
        let here = try standing("198.51.100.7", key: "4TqWx81mPzLk").counted
        let there = try standing("203.0.113.1", authorization: "Bearer 4TqWx81mPzLk").counted
        #expect(here == there)
        #expect(try standing(key: "9bRkYw02sNvC").counted != here)
        #expect(here.description.hasPrefix("key-"))
        // What nobody was given is as good as nothing.
        #expect(try standing(key: "4TqWx81mPzLK").tier == nil)
        #expect(try standing(key: "4TqWx81mPzLK").counted == standing().counted)
        #expect(try standing(authorization: "Basic 4TqWx81mPzLk").tier == nil)
    }

    @Test(arguments: [
        ("bot/1.0 (someone@example.org)", true), ("bot/1.0 (https://example.org/bot)", true),
        ("bot/1.0 User:Someone", true), ("bot (mailto:a@b.example; x)", true), ("", nil), ("  ", nil),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", false),
        ("python-requests/2.31", false), ("curl/8.5.0", false), ("a@b", false), ("@example.org", false),
        ("a@.org", false), ("a@b.", false), ("a@b@c.d", false),
    ])
    func aContactIsAMailAddressOrAPage(agent: String, expected: Bool?) {
        let kind = ClientTier.UserAgent(agent)
        #expect(expected == nil ? kind == ClientTier.UserAgent.none : (kind == .contact) == expected)
    }

    @Test func theMostIsWhatSocketsAreCountedBy() throws {
        #expect(try tiers(document).most(beside: 20) == nil)
        let some = try tiers(#"[{"name": "a", "user_agent": "contact", "streams": 400}]"#)
        #expect(some.most(beside: 20) == 400)
        #expect(some.most(beside: 1000) == 1000)
        #expect(some.most(beside: nil) == nil)
        #expect(ClientTiers().most(beside: 20) == 20)
    }

    @Test(arguments: [
        (#"{}"#, "http.tiers must be a list"), (#"[1]"#, "http.tiers[0] must be a mapping"),
        (#"[{"name": "a b", "streams": 1}]"#, "http.tiers[0].name must be"),
        (#"[{"streams": 1}]"#, "http.tiers[0].name must be"),
        (#"[{"name": "a"}]"#, "either with streams or with refuse"),
        (#"[{"name": "a", "streams": 1, "refuse": "x"}]"#, "either with streams or with refuse"),
        (#"[{"name": "a", "streams": 0}]"#, "http.tiers[0].streams must be"),
        (#"[{"name": "a", "streams": 1.5}]"#, "http.tiers[0].streams must be"),
        (#"[{"name": "a", "refuse": ""}]"#, "http.tiers[0].refuse must be"),
        (#"[{"name": "a", "stream": 1}]"#, "http.tiers[0].stream must be one of"),
        (#"[{"name": "a", "streams": 1}, {"name": "a", "streams": 2}]"#, "a is taken"),
        (#"[{"name": "a", "addresses": ["1.2.3.4/8"], "streams": 1}]"#, "http.tiers[0].addresses[0] must be"),
        (#"[{"name": "a", "addresses": [], "streams": 1}]"#, "http.tiers[0].addresses must be"),
        (#"[{"name": "a", "user_agent": "robot", "streams": 1}]"#, "contact or none"),
        (#"[{"name": "a", "user_agent": "none", "addresses": ["::/0"], "streams": 1}]"#, "by one thing"),
        (#"[{"name": "a", "keys": {"x": "short"}, "streams": 1}]"#, "http.tiers[0].keys.x must be"),
        (
            #"[{"name": "a", "keys": {"x": "sameasother1", "y": "sameasother1"}, "streams": 1}]"#,
            "http.tiers[0].keys.y must be"
        ),
    ])
    func aMistakeIsNamed(text: String, expected: String) throws {
        let failure = #expect(throws: TierDocument.Failure.self) { try tiers(text) }
        #expect("\(failure.map(String.init(describing:)) ?? "")".contains(expected))
        #expect(!"\(failure.map(String.init(describing:)) ?? "")".contains("sameasother1"))
    }

    @Test func anyRequestHasAStanding() throws {
        let tiers = try tiers(document)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let text = random.text(
                of: ["Bearer", " ", "4TqWx81mPzLk", "@", ".", "http", "://", "(", ")", "\t", "é"], upTo: 8)
            _ = tiers.standing(.init(address: IPAddress(v4: 1), userAgent: text, authorization: text, apiKey: nil))
        }
    }
}
