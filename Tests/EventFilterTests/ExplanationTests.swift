import Events
import JSON
import Testing

@testable import EventFilter

@Suite struct ExplanationTests {
    @Test(
        "A filter is told in words",
        arguments: [
            (#"wiki == "enwiki" && !bot"#, #"Events where bot is not true and wiki is "enwiki"."#),
            ("a && (b || has(c))", "Events where a is true and (b is true or there is a c)."),
            ("!(x in [1, 2]) && !has(y)", "Events where x is none of 1, 2 and there is no y."),
            ("length.new - length.old > 1000", "Events where length.new - length.old is more than 1000."),
            ("!(a <= b) || size(a) >= 2", "Events where a is not at most b or the size of a is at least 2."),
            (
                #"!title.startsWith("A") || title.matches("x")"#,
                #"Events where title doesn't begin with "A" or title matches the regular expression "x"."#
            ),
            (
                #"tags.exists(t, t.a == 1 || t.b)"#,
                "Events where for some element of the list tags (called it), (it.a is 1 or it.b is true)."
            ),
            (
                #""x" in tags || tags == [1] || a != b"#,
                #"Events where "x" is in the list tags or a doesn't equal b or tags is the list of 1."#
            ),
            ("true", "Every event."), ("x && !x", "No event: the condition can never be true."),
        ])
    func words(text: String, words: String) throws { #expect(try EventFilter(text).words == words) }

    @Test(
        "What can never be true of events like these is told",
        arguments: [
            (
                #"bot == "true""#,
                ["bot is a boolean and never a string in the 2 events looked at, so bot == \"true\" is never true."]
            ),
            ("usr == \"x\"", ["None of the 2 events looked at has the field usr. Did you mean user?"]),
            (
                "meta.domian == \"x\"",
                ["None of the 2 events looked at has the field meta.domian. Did you mean meta.domain?"]
            ),
            (
                "wiki == enwiki",
                [
                    "None of the 2 events looked at has the field enwiki. If it is to be a string, it needs quotes: \"enwiki\"."
                ]
            ),
            (
                "title",
                [
                    "title is a string, and alone it is true only where it is the boolean true. To ask whether it is there, write has(title)."
                ]
            ),
            (
                "tags.name == 1",
                [
                    "None of the 2 events looked at has the field tags.name. tags is a list: write tags.exists(e, … e.name …)."
                ]
            ),
            (
                "title > 5 && id < \"a\"",
                [
                    "id is a number or null and never a string in the 2 events looked at, so id < \"a\" is never true.",
                    "title is a string and never a number in the 2 events looked at, so title > 5 is never true.",
                ]
            ),
            ("bot < true", ["Only numbers and strings have an order: bot < true is never true."]),
            (
                "id.contains(\"x\") || \"x\" in title",
                [
                    "title is a string and never a list in the 2 events looked at, so \"x\" in title is never true.",
                    "id is a number or null and never a string in the 2 events looked at, so id.contains(\"x\") is never true.",
                ]
            ),
            ("size(title) == \"x\"", ["size(title) is a number, so size(title) == \"x\" is never true."]),
            ("a == 1 && a == 2", ["The condition can never be true."]),
            ("has(a) || !has(a)", ["The condition holds for every event."]),
            (
                "bot && id in [1, \"x\"] && \"b\" in tags && tags.exists(t, t.zzz) && size(title) > 1 && user.startsWith(\"a\")",
                []
            ),
        ])
    func warns(text: String, warnings: [String]) throws {
        let samples = try [
            #"{"bot":true,"title":"x","user":"y","id":1,"tags":["b"],"wiki":"enwiki","meta":{"domain":"d"}}"#,
            #"{"bot":false,"title":"x","user":"z","id":null,"tags":[],"wiki":"dewiki"}"#,
        ].compactMap { Event(try JSONDocument(Array($0.utf8))) }
        #expect(try EventFilter(text).warnings(samples: samples) == warnings)
    }

    @Test("Without events a word that looks like a string without quotes is told")
    func unquoted() throws {
        #expect(
            try EventFilter("wiki == enwiki && !bot").warnings(samples: []) == [
                #"enwiki and wiki are both fields here. A string needs quotes: "enwiki" or "wiki"."#
            ])
        #expect(
            try EventFilter("wiki != meta.domain").warnings(samples: []) == [
                #"meta.domain and wiki are both fields here. A string needs quotes: "wiki"."#
            ])
        for text in [#"wiki == "enwiki""#, "meta.a == meta.b", "a == b + 1", "tags.exists(t, t.a == b)"] {
            #expect(try EventFilter(text).warnings(samples: []) == [], "\(text)")
        }
    }

    @Test("Without events only what holds for all is told")
    func noSamples() throws {
        #expect(try EventFilter("usr == 1").warnings(samples: []) == [])
        #expect(try EventFilter("false").warnings(samples: []) == ["The condition can never be true."])
    }
}
