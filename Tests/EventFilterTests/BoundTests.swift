import Events
import JSON
import Testing

@testable import EventFilter

/// Numbers of events that many filters hold against others.
@Suite struct BoundTests {
    @Test(
        "A difference passes a bound by its exact value, also where it is no Int64 or there is none",
        arguments: [
            ("5", "3", [0, 1]), ("3", "5", [2, 3]), ("2", "2", [3]), ("2.5", "1", [0, 1]), ("3", "1.5", [0, 1]),
            ("1e0", "3", [2, 3]), ("-9223372036854775808", "1", [2, 3]), ("9223372036854775807", "-1", [0, 1]),
            ("0", "-9223372036854775808", [0, 1]), ("9223372036854775808", "9223372036854775807", [0]),
            ("true", "1", []), ("1", "\"1\"", []), ("1", "null", []), ("{}", "1", []), ("1e38", "1e-1", []),
        ])
    func differences(new: String, old: String, expected: [FilterSet.ID]) throws {
        var set = FilterSet()
        // By numbers of one list, and of another; the last one holds where both numbers are equal, too.
        for filter in ["a.b - a.c > 0", "a.b - a.c > 1", "a.b - a.c < -1", "a.b - a.c < 1"] {
            _ = set.add(try EventFilter(filter))
        }
        #expect(try matches(&set, "{\"a\":{\"b\":\(new),\"c\":\(old)}}") == expected)
        // The same event once more, and one without the numbers.
        #expect(try matches(&set, "{\"a\":{\"b\":\(new),\"c\":\(old)}}") == expected)
        #expect(try matches(&set, "{\"a\":{\"b\":\(new)}}").isEmpty)
        #expect(try matches(&set, "{\"a\":{\"c\":\(old)}}").isEmpty)
        for id in 0..<4 { set.remove(Int32(id)) }
        let isEmpty = set.isEmpty
        #expect(isEmpty)
    }

    @Test("A node's edges are found among keys of many fields and numbers, which are told apart by no short mask")
    func edges() throws {
        var set = FilterSet()
        let count = 130
        // Each begins at one key of `first` and goes on by a key of a field of its own.
        let ids = try (0..<count).map {
            set.add(try EventFilter("first in [\"a\", \"b\"] && f\($0) == \"x\" && last == \($0 % 3)"))
        }
        for field in 0..<count {
            for last in 0..<3 {
                let event = "{\"first\":\"b\",\"f\(field)\":\"x\",\"f\((field + 64) % count)\":\"y\",\"last\":\(last)}"
                #expect(try matches(&set, event) == (last == field % 3 ? [ids[field]] : []))
            }
        }
    }

    private func matches(_ set: inout FilterSet, _ event: String) throws -> [FilterSet.ID] {
        var matches: [FilterSet.ID] = []
        set.match(try #require(Event(try JSONDocument(Array(event.utf8)))), into: &matches)
        return matches.sorted()
    }
}
