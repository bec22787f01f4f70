import Events
import JSON
import System
import TestSupport
import Testing

@testable import EventFilter

/// Strings that are looked for within others: how they are found depends on how many there are, and how long they are.
@Suite struct StringPartTests {
    @Test("Beginnings, ends and parts of strings are found, few and many of them", arguments: [1, 2, 4, 5, 9, 300])
    func found(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        func text(_ lengths: Range<Int>) -> String {
            let length = lengths.lowerBound + random.below(lengths.count)
            return String((0..<length).map { _ in Array("abcé")[random.below(4)] })
        }
        var set = FilterSet()
        var live: [FilterSet.ID: (method: String, part: String)] = [:]
        for round in 0..<4 {
            for id in live.keys.sorted() where random.below(2) == 0 {
                set.remove(id)
                live[id] = nil
            }
            while live.count < count {
                // Longer ones than a key is.
                let part = text(random.below(8) == 0 ? 30..<40 : 1..<7)
                let method = ["startsWith", "endsWith", "contains"][random.below(3)]
                // Looked for in each event, or behind another key.
                let other = random.below(2) == 0 ? "" : " && !(b == 1)"
                live[set.add(try EventFilter("a.\(method)(\"\(part)\")\(other)"))] = (method, part)
            }
            for number in 0..<60 {
                let whole = number % 5 == 0 ? live.values.map(\.part).joined() : text(0..<45)
                let escaped = number % 2 == 0 ? whole : whole.replacing("é", with: "\\u00e9")
                let event = try #require(Event(try JSONDocument(Array("{\"a\":\"\(escaped)\"}".utf8))))
                var matches: [FilterSet.ID] = []
                set.match(event, into: &matches)
                let expected = live.filter { Self.holds($0.value.method, $0.value.part, Array(whole.utf8)) }
                #expect(matches.sorted() == expected.keys.sorted(), "round \(round): \(whole)")
            }
        }
        for id in live.keys { set.remove(id) }
        let isEmpty = set.isEmpty
        #expect(isEmpty)
    }

    @Test("Up to seven bytes are one number, wherever in a text they stand")
    func words() {
        for count in 0..<20 {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 129) }
            for start in 0...count {
                for length in 0...min(7, count - start) {
                    let bytes = text[start..<start + length].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                    #expect(text.span.word(from: start, count: length) == bytes | UInt64(length) << 56)
                }
            }
        }
    }

    @Test("A part is found at each place of texts of all lengths, where it is one of few")
    func places() throws {
        for part in ["x", "xy", "xyz", "xyzu", "xyzuv"] {
            var set = FilterSet()
            let id = set.add(try EventFilter("a.contains(\"\(part)\")"))
            for count in part.utf8.count..<28 {
                for place in 0...count - part.utf8.count {
                    // Around it is what it begins with.
                    var text = Array(repeating: UInt8(ascii: "x"), count: count)
                    if part == "x" { text = Array(repeating: UInt8(ascii: "a"), count: count) }
                    text.replaceSubrange(place..<place + part.utf8.count, with: part.utf8)
                    let without = text.map { $0 == part.utf8.last ? UInt8(ascii: "b") : $0 }
                    for (bytes, expected) in [(text, [id]), (without, [])] {
                        let json = Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)
                        let event = try #require(Event(try JSONDocument(json)))
                        var matches: [FilterSet.ID] = []
                        set.match(event, into: &matches)
                        #expect(matches == expected, "\(part) at \(place) of \(count)")
                    }
                }
            }
        }
    }

    private static func holds(_ method: String, _ part: String, _ text: [UInt8]) -> Bool {
        let part = Array(part.utf8)
        switch method {
        case "startsWith": return text.starts(with: part)
        case "endsWith": return text.reversed().starts(with: part.reversed())
        default: return text.indices.contains { text[$0...].starts(with: part) }
        }
    }

    @Test("Fields are found in events that lack some of the others' names, or have them in another order")
    func names() throws {
        var random = SeededGenerator(seed: 1)
        let names = ["a", "bot", "comment", "length", "minor", "namespace", "title", "user", "wiki"]
        var set = FilterSet()
        let ids = try names.map { set.add(try EventFilter("\($0) == 1")) }
        for _ in 0..<500 {
            var own = names.filter { _ in random.below(4) > 0 }
            if random.below(10) == 0 { own.shuffle(using: &random) }
            if random.below(10) == 0 { own.append("another\(random.below(9))") }
            let members = own.map { "\"\($0)\":1" }.joined(separator: ",")
            let event = try #require(Event(try JSONDocument(Array("{\(members)}".utf8))))
            var matches: [FilterSet.ID] = []
            set.match(event, into: &matches)
            #expect(matches.sorted() == ids.filter { own.contains(names[Int($0)]) }.sorted())
        }
    }
}
