import Testing

@testable import EventFilter

@Suite struct MatchShorthandTests {
    @Test(
        "The short form is a filter",
        arguments: [
            ("wiki", "enwiki,dewiki", #"wiki in ["dewiki", "enwiki"]"#),
            ("wiki", "!enwiki,dewiki", #"!(wiki in ["dewiki", "enwiki"])"#),
            ("meta.domain", "!canary", #"meta.domain != "canary""#),
            ("bot", "false", #"bot in [false, "false"]"#), ("namespace", "0", #"namespace in [0, "0"]"#),
            ("x", "null", #"x in [null, "null"]"#), ("x", "01", #"x == "01""#),
            ("title", "Category:*", #"title.startsWith("Category:")"#), ("title", "*.jpg", #"title.endsWith(".jpg")"#),
            ("title", "*cat*", #"title.contains("cat")"#), ("title", "*", "has(title)"), ("title", "!*", "!has(title)"),
            ("title", "A*b.c", #"title.matches("(?s)^A.*b\\.c$")"#), ("title", "**", "has(title)"),
            ("title", #"a\,b,c\*,\!d\\"#, #"title in ["!d\\", "a,b", "c*"]"#), ("title", #"!\!x"#, #"title != "!x""#),
            ("title", "", #"title == """#), ("title", "a,,b", #"title in ["", "a", "b"]"#),
            ("title", #"a\b"#, #"title == "a\\b""#),
            ("$schema", "x", #"$schema == "x""#), ("a b", "x", #"`a b` == "x""#),
            ("t", "A*,B", #"t == "B" || t.startsWith("A")"#),
        ])
    func reads(path: String, values: String, form: String) throws {
        let filter = try EventFilter(expression: nil, matches: [(path, values)])
        #expect(filter.description == form)
        #expect(try EventFilter(form) == filter)
    }

    @Test("Several short forms and an expression are joined by AND")
    func joins() throws {
        let filter = try EventFilter(expression: "a || b", matches: [("wiki", "enwiki"), ("bot", "!true")])
        #expect(filter.description == #"!(bot in [true, "true"]) && (a || b) && wiki == "enwiki""#)
        #expect(try EventFilter(expression: nil, matches: []) == .everything)
    }

    @Test(
        "A short form past a limit, or without a name, is refused with the parameter's name",
        arguments: [
            ("a..b", "x", "expected a field's name between the dots of match.a..b"),
            ("", "x", "expected a field's name between the dots of match."),
            ("a", String(repeating: "x", count: 8192), "the filter's short forms have more than 8192 bytes"),
            ("a", String(repeating: ",", count: 2048), "the filter's short forms have more than 2048 values"),
            ("a", String(repeating: "x*,", count: 257), "the filter's short forms have more than 256 values with *"),
            (
                "a", String(repeating: "x*y,", count: 9),
                "more than 8 values of the filter's short forms have a * in the middle"
            ),
            (
                "a", String(repeating: "x", count: 1020) + "*y",
                "a value of match.a with a * in the middle has more than 1024 bytes"
            ),
            (String(repeating: "a.", count: 32) + "a", "x", "the path of match."),
        ])
    func refuses(path: String, values: String, message: String) {
        do throws(EventFilter.InvalidParameter) {
            _ = try EventFilter(expression: nil, matches: [(path, values)])
            Issue.record("not refused")
        } catch {
            #expect(error.name == "match.\(path)")
            #expect(error.error.description.hasPrefix(message), "\(error.error)")
        }
    }
}
