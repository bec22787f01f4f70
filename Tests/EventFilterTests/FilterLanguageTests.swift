import System
import TestSupport
import Testing

@testable import EventFilter

@Suite struct FilterLanguageTests {
    @Test(
        "A filter is printed in its one form",
        arguments: [
            ("bot", "bot"), ("bot == true", "bot"), ("!bot", "!bot"), ("bot == false", "bot == false"),
            ("wiki == \"enwiki\" && !bot && namespace in [2, 0]", #"!bot && namespace in [0, 2] && wiki == "enwiki""#),
            ("title.startsWith('Talk:') || has(log_type)", #"has(log_type) || title.startsWith("Talk:")"#),
            ("length.new - length.old > 1000", "length.new - length.old > 1000"),
            ("1000 < length.new - length.old", "length.new - length.old > 1000"),
            ("5 >= x", "x <= 5"), ("a < b", "a < b"), ("b > a", "a < b"), ("!(a < b)", "!(a < b)"),
            (#"user.matches(r"^\d+$")"#, #"user.matches("^\\d+$")"#),
            ("\"mobile edit\" in tags", "\"mobile edit\" in tags"),
            (#"tags.exists(t, t.startsWith("mw-"))"#, #"tags.exists(it, it.startsWith("mw-"))"#),
            ("tags.exists(t, t == 'x')", "\"x\" in tags"),
            ("tags.exists(t, t.it == it)", "tags.exists(it, `it` == it.it)"),
            ("a.size() > 2 + 3", "size(a) > 5"), ("a == -1.50", "a == -1.5"), ("-a == 1e2", "0 - a == 100"),
            ("a - (b - c) == 1", "a - (b - c) == 1"), ("(a - b) - c == 1", "a - b - c == 1"),
            ("(a + b) * 2 == a", "2 * (a + b) == a"), ("a * (b * c) == 1", "a * (b * c) == 1"),
            ("(a || b) && (c || d)", "(a || b) && (c || d)"), ("a || b && c", "a || b && c"),
            ("has(a) == false", "!has(a)"), ("true != (a == 1)", "a != 1"), ("tags == ['a', 1]", "tags == [\"a\", 1]"),
            ("`odd name`.`a\\`b`.x == null", "`odd name`.`a\\`b`.x == null"), ("`true` == `in`", "`in` == `true`"),
            ("$schema == \"\\u00e9\\n\\x41\\101\"", "$schema == \"é\\nAA\""),
            ("a == 12345678901234567890123", "a == 12345678901234567890123"), ("a == 0.00012", "a == 0.00012"),
        ])
    func prints(text: String, form: String) throws {
        let filter = try EventFilter(text)
        #expect(filter.description == form)
        #expect(try EventFilter(form) == filter)
    }

    @Test(
        "Filters that mean the same by logic are equal",
        arguments: [
            [
                "a && b", "b && a", "b && a && b", "(a && (b))", "!(!a || !b)", "!!a && !!!!b", "a && true && b",
                "a && (b || false)",
            ],
            [
                "x == 1", "x in [1]", "1 == x", "x in [1, 1.0]", "x == 10e-1", "x in [1, 2] && x in [1, 3]",
                "x in [1, 2] && x != 2",
            ],
            ["x in [1, \"a\"]", "x == \"a\" || x == 1", "x == 1 || x in [\"a\", 1]", "!(x != 1 && x != \"a\")"],
            ["x != 1 && x != 2", "!(x in [2, 1])", "!(x == 1 || x == 2)", "x != 1 && !(x in [1, 2])"],
            [
                "false", "a && !a", "x == 1 && x == 2", "1 == 2", "x in []", "!true", "\"a\" < 1",
                "tags.exists(t, t in [])",
            ],
            ["true", "a || !a", "x != 1 || x != 2", "x != 1 || x == 1", "\"a\" < \"b\"", "1 <= 1.0", "!(a && false)"],
            ["a.b + c > 1", "c + a.b > 1", "1 < c + a.b"], ["a == b", "b == a", "!(a != b)"],
            ["x.exists(a, a.k == 1 && a.l == 2)", "x.exists(long, long.l == 2 && long.k == 1)"],
        ])
    func meets(texts: [String]) throws {
        let filters = try texts.map { try EventFilter($0) }
        for (text, filter) in zip(texts, filters) { #expect(filter == filters[0], "\(text)") }
        #expect(Set(filters).count == 1)
    }

    @Test(
        "Filters that an event can tell apart are not equal",
        arguments: [
            ("!bot", "bot == false"), ("!(a < b)", "a >= b"), ("a == a", "true"),
            ("a == 9007199254740993", "a == 9007199254740992"),
            ("a == \"1\"", "a == 1"), ("a == \"e\\u0301\"", "a == \"\\u00e9\""), ("a.b", "`a.b`"),
            ("a - b > 0", "b - a > 0"),
        ])
    func differs(a: String, b: String) throws { #expect(try EventFilter(a) != EventFilter(b)) }

    @Test(
        "A mistake is told with its place and what was expected there",
        arguments: [
            ("wiki == ", "expected a value after `==` at column 9; strings need quotes"),
            ("", "expected a condition at column 1"),
            ("wiki = \"x\"", "expected == instead of = at column 6"),
            ("a & b", "expected && instead of & at column 3"),
            ("a and b", "expected &&, || or the end after `a` at column 3; write && instead of and"),
            ("not bot", "expected &&, || or the end after `not` at column 5; write ! instead of not"),
            ("a not in b", "expected &&, || or the end after `a` at column 3; write !(x in y) instead of x not in y"),
            ("!x in [1]", "`!` belongs to what stands right behind it at column 1; write !(x in y)"),
            (
                "1 < x < 3",
                "expected && or || after `x` at column 7; comparisons can't be chained: write a < b && b < c"
            ),
            ("a == \"x", "expected the end of the string that begins at column 6"),
            ("(a || b", "expected `)` after `b` at column 8; the parenthesis at column 1 is open"),
            ("title.startswith(\"x\")", "there is no function startswith(); did you mean startsWith? at column 7"),
            ("contains(title, \"x\")", "contains() can't be called so at column 1; write FIELD.contains(…)"),
            ("title.contains(x)", "expected a string in quotes after `(` at column 16; contains() takes one string"),
            (
                "é == 1",
                "unexpected é at column 1; strings need quotes, and a field's name with other characters than letters, digits, _ and $ needs backquotes"
            ),
            (
                "a == \"é\" b",
                "expected &&, || or the end after `the string` at column 10; conditions are joined by && or ||"
            ),
            ("a == “x”", "expected a plain quote (\" or ') instead of “ at column 6"),
            (
                "x in [a]",
                "expected a string, a number, true, false or null in the list at column 7; strings need quotes"
            ),
            ("x in 3", "expected a list or a field after `in` at column 3"),
            ("\"x\"", "expected a condition, and this is a value at column 1; compare it: FIELD == VALUE"),
            ("a + \"x\" == 1", "expected a number or a field on both sides of the operator at column 3"),
            ("a.matches(\"(\")", "expected a regular expression in RE2's syntax (missing ): () at column 11"),
            (
                "a == 01",
                "expected a number at column 6; numbers are written as in JSON: 12, -1.5, 2e6; a field's name that begins with a digit stands in backquotes"
            ),
            ("a.exists(x, x.exists(y, y))", "exists() can't stand within exists() at column 15"),
            (
                "a == \"\\q\"",
                "there is no such escape at column 7; a backslash is written \\\\, or the string as r\"…\", in which backslashes are themselves"
            ),
            (
                "(a == 1) == b",
                "`==` compares fields, strings and numbers, not conditions at column 10; join conditions by && or ||"
            ),
            ("a > [1]", "a list can't stand beside `>` at column 3; write FIELD in […]"),
            ("a. == 1", "expected a field's name after `.` at column 4"),
            ("has(1)", "expected a field in has() at column 5"),
        ])
    func explains(text: String, message: String) {
        #expect(throws: FilterError.self) { try EventFilter(text) }
        do throws(FilterError) { _ = try EventFilter(text) } catch { #expect(error.description == message) }
    }

    @Test(
        "Each limit is told by its number, and what is just within it is a filter",
        arguments: [
            (
                String(repeating: " ", count: 8191) + "a", String(repeating: " ", count: 8192) + "a",
                "the filter has 8193 bytes; the most are 8192"
            ),
            (many(256) { "a\($0)" }, many(257) { "a\($0)" }, "more than 256 comparisons, calls and fields"),
            (nested("(", 32, ")"), nested("(", 33, ")"), "nested deeper than 32 levels"),
            (nested("!", 32, ""), nested("!", 33, ""), "nested deeper than 32 levels"),
            ("a == " + nested("-", 32, ""), "a == " + nested("-", 33, ""), "nested deeper than 32 levels"),
            (numbers(2048), numbers(2049), "more than 2048 values in lists"),
            (
                many(8) { "a.matches(\"x\($0)\")" }, many(9) { "a.matches(\"x\($0)\")" },
                "more than 8 regular expressions"
            ),
            (pattern(1024), pattern(1025), "the regular expression has 1025 bytes; the most are 1024"),
            (
                "a.matches(\"(a{10}){10}\")", "a.matches(\"((a{100}){100}){100}\")",
                "expected a regular expression in RE2's syntax"
            ),
            ("a == 1e19 + 1e-18", "a == 1e19 + 1e-19", "the result has more than 38 digits"),
        ])
    func limits(within: String, beyond: String, message: String) {
        #expect(throws: Never.self) { try EventFilter(within) }
        do throws(FilterError) {
            _ = try EventFilter(beyond)
            Issue.record("not refused")
        } catch { #expect(error.description.hasPrefix(message), "\(error)") }
    }

    private static func many(_ count: Int, _ part: (Int) -> String) -> String {
        (0..<count).map(part).joined(separator: "||")
    }
    private static func nested(_ open: String, _ count: Int, _ close: String) -> String {
        String(repeating: open, count: count) + "a" + String(repeating: close, count: count)
    }
    private static func numbers(_ count: Int) -> String {
        "a in [" + (0..<count).map { "\($0 % 10)" }.joined(separator: ",") + "]"
    }
    private static func pattern(_ count: Int) -> String { "a.matches(\"\(String(repeating: "a", count: count))\")" }

    @Test("Whatever text comes, it is a filter that is printed and read again, or an error with a place in it")
    func hostile() {
        var random = SeededGenerator(seed: 13)
        let pieces = [
            "a", "b.c", "`x y`", "\"s\"", "'", "r\"\\d\"", "12", "-", "1.5e3", "true", "null", "(", ")", "[", "]", ",",
            ".", "==", "!=",
            "<", ">=", " in ", "&&", "||", "!", "+", "*", "has(a)", "size(b)", ".startsWith(\"x\")", ".matches(\"a+\")",
            ".exists(t, t == 1)",
            " ", "\\", "é", "=", "&",
        ]
        var read = 0
        for _ in 0..<30_000 {
            let text = random.text(of: pieces, upTo: 12)
            do throws(FilterError) {
                let filter = try EventFilter(text)
                read += 1
                let again = try EventFilter(filter.description, limits: .unbounded)
                #expect(again == filter && again.predicate == filter.predicate, "\(text)")
            } catch {
                #expect(
                    error.column.map { $0 >= 1 && $0 <= text.unicodeScalars.count + 1 } ?? false, "\(text): \(error)")
            }
        }
        #expect(read > 100)
    }

    @Test("The most that a filter may be is read and printed in bounded depth")
    func large() throws {
        let deep = String(repeating: "!(a||", count: 15) + "b" + String(repeating: ")", count: 15)
        let filter = try EventFilter(deep)
        #expect(try EventFilter(filter.description, limits: .unbounded) == filter)
    }
}

extension FilterLimits {
    /// The one form of a filter may be longer than what it was written as.
    static let unbounded = FilterLimits(
        bytes: 1 << 20, terms: 1 << 16, values: 1 << 16, depth: 128, patterns: 1000, patternBytes: 1 << 16)
}
