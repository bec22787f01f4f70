import Events
import JSON
import System
import TestSupport
import Testing

@testable import EventFilter

@Suite struct ProjectionTests {
    private static let event = """
        {"wiki": "enwiki", "meta": {"id":"1","dt":"x","domain":"d","stream":"s","offset": 7}, "length":{"old":1,"new": 2.0 },\
        "tags":["a","b"],"items":[{"a":1,"b":2},3,{"b":4},[{"a":5}]],"user":"é\\n","empty":{}}
        """

    @Test(
        "Only the fields that are asked for are kept, and always the event's own place",
        arguments: [
            ("wiki", #"{"wiki":"enwiki","meta":{"id":"1","dt":"x","stream":"s","offset":7}}"#),
            ("length.new", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"length":{"new":2.0}}"#),
            ("absent,length.absent,items[].absent", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7}}"#),
            ("meta", #"{"meta":{"id":"1","dt":"x","domain":"d","stream":"s","offset":7}}"#),
            ("length,-length.old", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"length":{"new":2.0}}"#),
            ("items[].a", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"items":[{"a":1}]}"#),
            ("items[][].a", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"items":[[{"a":5}]]}"#),
            ("items.a", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7}}"#),
            ("tags[]", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"tags":["a","b"]}"#),
            ("wiki[]", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7}}"#),
            ("empty,user", #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"user":"é\n","empty":{}}"#),
            (
                "-meta,-meta.id,-length,-items,-tags,-user,-empty",
                #"{"wiki":"enwiki","meta":{"id":"1","dt":"x","stream":"s","offset":7}}"#
            ),
            (
                "-items[].b,-tags[],-user,-meta.domain,-wiki,-empty",
                #"{"meta":{"id":"1","dt":"x","stream":"s","offset":7},"length":{"old":1,"new": 2.0 },"tags":[],"items":[{"a":1},3,{},[{"a":5}]]}"#
            ),
        ])
    func keeps(fields: String, expected: String) throws {
        let projection = try Projection(fields)
        #expect(try Self.apply(projection, Self.event) == expected)
        #expect(try Projection(projection.description) == projection)
    }

    @Test("A field is its name's characters, however they are written, and every member of a name is kept")
    func names() throws {
        #expect(try Self.apply(Projection("ab"), #"{"\u0061b":1,"ab":[2],"a":3,"b":4}"#) == #"{"\u0061b":1,"ab":[2]}"#)
        #expect(try Self.apply(Projection("-ab"), #"{"\u0061b":1,"ab":[2],"a":3}"#) == #"{"a":3}"#)
    }

    @Test("Lists of fields that say the same are equal")
    func equal() throws {
        #expect(try Projection("b,a,b") == Projection("a,b"))
        #expect(try Projection("a") != Projection("-a"))
    }

    @Test(
        "What is no list of fields is told with its place, or its limit",
        arguments: [
            ("", "expected a field's name at column 1; fields are written a,b.c,-d,list[].e"),
            ("a,-", "expected a field's name at column 4; fields are written a,b.c,-d,list[].e"),
            ("a.b..c", "expected a field's name at column 5; fields are written a,b.c,-d,list[].e"),
            ("a,é.[]", "expected a field's name at column 5; fields are written a,b.c,-d,list[].e"),
            (String(repeating: "a.", count: 32) + "a", "a path of more than 32 names and [] at column 65"),
            ((0..<257).map { "f\($0)" }.joined(separator: ","), "more than 256 fields"),
            (String(repeating: "a", count: 8193), "the list of fields has 8193 bytes; the most are 8192"),
        ])
    func refuses(fields: String, message: String) {
        do throws(FilterError) {
            _ = try Projection(fields)
            Issue.record("not refused")
        } catch { #expect(error.description == message) }
    }

    @Test("What is left of random events is JSON whose values are the event's own, in its order")
    func random() throws {
        var maker = EventMaker(random: SeededGenerator(seed: 7))
        let lists = [
            "a", "a.b,wiki", "-a", "-a.b,-meta", "tags[]", "tags[].a,-user", "-tags[].a", "é,user.a,-user.a.b",
            "a[][].b", "meta,-meta.a",
        ]
        for _ in 0..<500 {
            let text = maker.event()
            for list in lists {
                let result = try JSONValue(Array(Self.apply(Projection(list), text).utf8))
                #expect(result.isPart(of: try JSONValue(Array(text.utf8))), "\(list) of \(text)")
            }
        }
    }

    private static func apply(_ projection: Projection, _ text: String) throws -> String {
        guard let event = Event(try JSONDocument(Array(text.utf8))) else { return "" }
        var bytes = Array("before".utf8)
        projection.append(event, to: &bytes)
        return String(decoding: bytes.dropFirst(6), as: UTF8.self)
    }
}
