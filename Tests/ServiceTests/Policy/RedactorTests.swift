import JSON
import Redaction
import Testing

@Suite struct RedactorTests {
    static let pages = Redactor(pages: ["en.example.org": [" Some  Page ", "Éclair", "42"]])

    private func apply(_ redactor: Redactor, _ streams: [String], _ text: String) throws -> String? {
        try redactor.apply(streams: streams, to: JSONDocument(Array(text.utf8))).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func event(title: String, domain: String = "en.example.org", _ rest: String) -> String {
        #"{"meta":{"domain":"\#(domain)"},"title":\#(title),\#(rest)}"#
    }

    @Test(arguments: [
        "\"Some Page\"", "\"some_page\"", "\" SOME   page\"", "\"Some_ Page_\"", #""\u0053ome\u0020Page""#,
        "\"éclair\"", "\"E\u{301}CLAIR\"", "42",
        "\"42\"", "[\"x\",\"Some Page\"]",
    ])
    func aListedTitleIsFoundHoweverItIsWritten(title: String) throws {
        let result = try apply(Self.pages, ["mediawiki.recentchange"], event(title: title, #""user":"U","bot":false"#))
        #expect(result == event(title: title, #""bot":false"#))
    }

    @Test(arguments: ["\"Some Pages\"", "\"SomePage\"", "\"\"", "null", "{\"a\":\"Some Page\"}", "4.2e1"])
    func otherTitlesStayAsTheyAre(title: String) throws {
        #expect(try apply(Self.pages, ["mediawiki.recentchange"], event(title: title, #""user":"U""#)) == nil)
    }

    @Test func otherDomainsStayAsTheyAre() throws {
        let text = event(title: "\"Some Page\"", domain: "de.example.org", #""user":"U""#)
        #expect(try apply(Self.pages, ["mediawiki.recentchange"], text) == nil)
        #expect(try apply(Redactor(), ["mediawiki.recentchange"], text) == nil)
        #expect(Redactor().isEmpty && !Self.pages.isEmpty)
    }

    @Test func eachStreamLosesWhatTheLegacyServiceTakes() throws {
        let meta = #""meta":{"domain":"en.example.org"}"#
        let change =
            #"{\#(meta),"page":{"page_title":"Some_Page"},"performer":{"user_text":"U"},"revision":{"editor":{"user_text":"U"},"rev_id":1},"prior_state":{"revision":{"rev_id":0,"editor":{}}}}"#
        #expect(
            try apply(Self.pages, ["mediawiki.page_change.v1"], change)
                == #"{\#(meta),"page":{"page_title":"Some_Page"},"performer":{},"revision":{"rev_id":1},"prior_state":{"revision":{"rev_id":0}}}"#
        )
        let create = #"{\#(meta),"page_title":"Some_Page","performer":{"user_text":"U"},"user":"kept"}"#
        #expect(
            try apply(Self.pages, ["mediawiki.page-create"], create)
                == #"{\#(meta),"page_title":"Some_Page","user":"kept"}"#)
        let nested = #"{\#(meta),"page":{"page_title":"Some_Page"},"performer":{"user_text":"U"}}"#
        #expect(try apply(Self.pages, ["x"], nested) == #"{\#(meta),"page":{"page_title":"Some_Page"}}"#)
    }

    @Test func duplicatesDoNotHideWhatIsToGo() throws {
        let text =
            #"{"meta":{"domain":"other"},"title":"x","user":1,"\u0075ser":2,"meta":{"domain":"en.example.org","domain":"y"},"title":"Some Page","title":"z"}"#
        let result = try apply(Self.pages, ["mediawiki.recentchange"], text)
        #expect(
            result
                == #"{"meta":{"domain":"other"},"title":"x","meta":{"domain":"en.example.org","domain":"y"},"title":"Some Page","title":"z"}"#
        )
    }

    @Test func anEventOfNoKnownStreamLosesItsPerformer() throws {
        let text = #"{"meta":{"domain":"en.example.org"},"page_title":"Some Page","performer":1}"#
        #expect(try apply(Self.pages, [], text) == #"{"meta":{"domain":"en.example.org"},"page_title":"Some Page"}"#)
    }

    @Test func theEventsOwnStreamNameCountsBesideItsTopics() throws {
        let text =
            #"{"meta":{"domain":"en.example.org","stream":"mediawiki.recentchange"},"title":"Some Page","user":"U"}"#
        #expect(
            try apply(Self.pages, ["all"], text)
                == #"{"meta":{"domain":"en.example.org","stream":"mediawiki.recentchange"},"title":"Some Page"}"#)
    }

    @Test func aRuleAppliesToItsStreamsWhereAllConditionsHold() throws {
        let rule = RedactionRule(
            streams: ["a"],
            conditions: [
                .init(path: ["kind"], values: [.string("secret"), .number(7), .null]),
                .init(path: ["tags", "name"], values: [.boolean(true)]),
            ],
            removals: [.init(path: ["user", "name"]), .init(path: ["list", "ip"]), .init(path: ["absent"])])
        let redactor = Redactor(rules: [rule])
        let tail = #""tags":[{"name":1},{"name":true}],"user":{"name":"U","id":1},"list":[{"ip":1},{"ip":2,"x":3}]}"#
        let cleaned = #""tags":[{"name":1},{"name":true}],"user":{"id":1},"list":[{},{"x":3}]}"#
        for kind in ["\"secret\"", "7", "7.0", "70e-1", "null"] {
            #expect(try apply(redactor, ["a"], #"{"kind":\#(kind),"# + tail) == #"{"kind":\#(kind),"# + cleaned)
        }
        for kind in ["\"7\"", "8", "\"secret \"", "false", "{}", "1e999"] {
            #expect(try apply(redactor, ["a"], #"{"kind":\#(kind),"# + tail) == nil)
        }
        #expect(try apply(redactor, ["b"], #"{"kind":7,"# + tail) == nil)
        #expect(try apply(redactor, ["b", "a"], #"{"kind":7,"# + tail) != nil)
        #expect(try apply(redactor, ["a"], #"{"kind":7}"#) == nil)
    }

    @Test func aRuleWithoutConditionsOrStreamsAppliesToEveryEvent() throws {
        let redactor = Redactor(rules: [.init(removals: [.init(path: ["ip"])])])
        #expect(try apply(redactor, ["x"], #"{ "ip" : "1.2.3.4" , "a":1.0 }"#) == #"{ "a":1.0 }"#)
        #expect(try apply(redactor, [], "[1]") == nil)
    }

    @Test(
        arguments: [
            ("a", ["a"]), ("a.b", ["a", "b"]), (#"a\.b.c"#, ["a.b", "c"]), (#"a\\.b"#, [#"a\"#, "b"]), ("", nil),
            (".", nil), ("a.", nil),
            ("a..b", nil), (#"a\"#, nil),
        ] as [(String, [String]?)])
    func pathsAreNamesBetweenDots(text: String, path: [String]?) {
        #expect(RedactionRule.path(text) == path)
    }
}
