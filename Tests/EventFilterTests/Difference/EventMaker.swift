import System
import TestSupport

/// Makes events at random, of few names and values, so that filters meet them: with escapes, names that stand twice,
/// numbers at their limits, lists in lists.
struct EventMaker {
    var random: SeededGenerator

    private static let names = [
        "a", "b", "wiki", "user", "meta", "tags", #"\u0061"#, #"wi\u006bi"#, "name that is long enough", #"q\"\\"#, "é",
    ]
    private static let scalars = [
        "true", "false", "null", "0", "-0", "1", "2", "1.0", "10e-1", "9007199254740993", "9007199254740992",
        "9223372036854775807",
        "9223372036854775808", "-1.5", "123456789012345678", "1e2", "0.1", #""""#, #""a""#, #""\u0061""#, #""enwiki""#,
        #""en\u0077iki""#, #""dewiki""#, #""Talk:é""#, #""Talk:e\u0301""#, #""\ud83d\ude00 x""#, #""\ud83d""#,
        "\"\u{1F600} x\"",
        #""10.0.0.1""#, #""a\"b\\c\n""#, #""1""#, #""a string of more than sixteen bytes""#,
    ]

    mutating func event() -> String { object(depth: 3) }

    private mutating func object(depth: Int) -> String {
        let members = (0..<random.below(7)).map { _ in
            "\"\(Self.names[random.below(Self.names.count)])\":\(space())\(value(depth: depth))"
        }
        return "{\(space())\(members.joined(separator: ",\(space())"))\(space())}"
    }

    private mutating func value(depth: Int) -> String {
        switch depth > 0 ? random.below(8) : 7 {
        case 0: object(depth: depth - 1)
        case 1, 2: "[\((0..<random.below(5)).map { _ in value(depth: depth - 1) }.joined(separator: ","))]"
        default: Self.scalars[random.below(Self.scalars.count)]
        }
    }

    private mutating func space() -> String { random.below(4) == 0 ? " \n" : "" }
}
