import JSON
import Testing

@Suite struct JSONEditsTests {
    private func removing(_ paths: [[String]], from text: String) throws -> String? {
        var edits = JSONEdits()
        for path in paths { edits.add(.remove, at: path) }
        return try edits.apply(to: JSONDocument(Array(text.utf8))).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (#"{"x":1,"b":2,"c":3}"#, #"{"b":2,"c":3}"#),
        (#"{"b":2,"x":1,"c":3}"#, #"{"b":2,"c":3}"#),
        (#"{"b":2,"c":3,"x":1}"#, #"{"b":2,"c":3}"#),
        (#"{"x":1}"#, #"{}"#),
        (#"{ "x" : 1 }"#, #"{  }"#),
        ("{\n \"b\": 2.50,\n \"x\": [1, {}],\n \"c\": 3\n}", "{\n \"b\": 2.50,\n \"c\": 3\n}"),
        ("{ \"x\": 1 , \"b\" : 2 }", "{ \"b\" : 2 }"),
        ("{ \"b\" : 2 , \"x\": 1 }", "{ \"b\" : 2 }"),
    ])
    func removesAMemberWhereverItStands(text: String, expected: String) throws {
        #expect(try removing([["x"]], from: text) == expected)
    }

    @Test(arguments: [
        (#"{"x":1,"x":2,"x":3}"#, #"{}"#),
        (#"{"x":1,"x":2,"b":0,"x":3}"#, #"{"b":0}"#),
        (#"{"x":1,"b":0,"x":2,"c":0,"x":3,"x":4,"d":0}"#, #"{"b":0,"c":0,"d":0}"#),
        (#"{"x":1,"y":2,"b":0,"y":3,"x":4}"#, #"{"b":0}"#),
    ])
    func removesEveryMemberOfAName(text: String, expected: String) throws {
        #expect(try removing([["x"], ["y"]], from: text) == expected)
    }

    @Test(
        arguments: [
            (#"{"\u0075ser":"a","b":1}"#, #"{"b":1}"#),
            (#"{"b":1,"\u0075\u0073\u0065\u0072":{"user":1}}"#, #"{"b":1}"#),
            (#"{"USER":1,"user ":2}"#, nil),
        ] as [(String, String?)])
    func namesAreComparedAsCharacters(text: String, expected: String?) throws {
        #expect(try removing([["user"]], from: text) == expected)
    }

    @Test(
        arguments: [
            (#"{"a":[{"x":1,"b":2},[{"x":3}],7,{"c":[{"x":4}]}]}"#, #"{"a":[{"b":2},[{}],7,{"c":[{"x":4}]}]}"#),
            (#"{"a":{"x":1},"a":{"x":2,"y":3}}"#, #"{"a":{},"a":{"y":3}}"#),
            (#"[{"a":{"x":1}}]"#, #"[{"a":{}}]"#),
            (#"{"a":"x"}"#, nil),
            (#"{"x":1}"#, nil),
            (#"7"#, nil),
        ] as [(String, String?)])
    func aStepThroughAnArrayAppliesToEachElement(text: String, expected: String?) throws {
        #expect(try removing([["a", "x"]], from: text) == expected)
    }

    @Test func removingWinsOverReplacingAndBothOverWhatIsInside() throws {
        var edits = JSONEdits()
        edits.add(.remove, at: ["a", "b"])
        edits.add(.replace(Array("{}".utf8)), at: ["a"])
        edits.add(.replace(Array("0".utf8)), at: ["c"])
        edits.add(.remove, at: ["c"])
        let text = try edits.apply(to: JSONDocument(Array(#"{"a":{"b":1},"c":2,"d":3,"a": 5}"#.utf8)))
        #expect(text == Array(#"{"a":{},"d":3,"a": {}}"#.utf8))
    }

    @Test(arguments: [
        (#"{"meta":{}}"#, #"{"meta":{"id":"i","dt":"d"}}"#),
        (#"{"meta":{ "a" : 1 }}"#, #"{"meta":{ "a" : 1,"id":"i","dt":"d" }}"#),
        (#"{"meta":{"x":1}}"#, #"{"meta":{"id":"i","dt":"d"}}"#),
        (#"{"meta":{"a":1,"x":1}}"#, #"{"meta":{"a":1,"id":"i","dt":"d"}}"#),
        (#"{"meta":{"x":1,"a":1 , "x":2 }}"#, #"{"meta":{"a":1,"id":"i","dt":"d" }}"#),
    ])
    func addsMembersAfterTheLastThatStays(text: String, expected: String) throws {
        var edits = JSONEdits()
        edits.add(.append(name: "id", value: Array(#""i""#.utf8)), at: ["meta"])
        edits.add(.append(name: "dt", value: Array(#""d""#.utf8)), at: ["meta"])
        edits.add(.remove, at: ["meta", "x"])
        let text = try #require(try edits.apply(to: JSONDocument(Array(text.utf8))))
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test func whatIsLeftIsJSONAndTheSameButForTheRemoved() throws {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var generator = Generator(state: seed)
        for _ in 0..<2000 {
            let text = generator.object(depth: 4)
            let document = try JSONDocument(text)
            var edits = JSONEdits()
            edits.add(.remove, at: ["a"])
            edits.add(.remove, at: ["b", "c"])
            let result = edits.apply(to: document) ?? text
            let expected = without(document.tree(document.root))
            #expect(try JSONValue(result) == expected, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
    }

    /// The same removal, on the tree: `a` of the whole, and `c` of each `b`.
    private func without(_ value: JSONValue, _ name: String = "a") -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { without($0, name) })
        case .object(let members):
            .object(
                members.filter { $0.name != name }.map {
                    JSONValue.Member($0.name, name == "a" && $0.name == "b" ? without($0.value, "c") : $0.value)
                })
        default: value
        }
    }

    @Test func findsEveryValueAtAPath() throws {
        let document = try JSONDocument(Array(#"{"m":{"d":"a"},"m":[{"d":["b",["c"]]},{"\u0064":1}],"d":2}"#.utf8))
        let found = document.values(at: ["m", "d"]).map { String(decoding: document.text(of: $0), as: UTF8.self) }
        #expect(found.sorted() == [#""a""#, #""b""#, #""c""#, "1"])
        #expect(document.values(at: ["m", "d", "e"]).isEmpty)
        #expect(document.values(at: []) == [document.root])
    }
}

/// Makes JSON texts with few names, so that duplicates and nesting are frequent.
private struct Generator {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }

    mutating func space() -> String { ["", "", " ", "\n\t"][next(below: 4)] }

    mutating func object(depth: Int) -> [UInt8] { Array(value(depth: depth, kind: 0).utf8) }

    mutating func value(depth: Int, kind: Int? = nil) -> String {
        switch depth == 0 ? 2 : kind ?? next(below: 4) {
        case 0:
            let members = (0..<next(below: 6)).map { _ in
                space() + ["\"a\"", "\"b\"", "\"c\"", "\"\\u0061\""][next(below: 4)] + space() + ":" + space()
                    + value(depth: depth - 1) + space()
            }
            return "{" + members.joined(separator: ",") + (members.isEmpty ? space() : "") + "}"
        case 1:
            return "[" + (0..<next(below: 3)).map { _ in value(depth: depth - 1) + space() }.joined(separator: ",")
                + "]"
        default: return ["1", "\"a\"", "null", "-0.50e1"][next(below: 4)]
        }
    }
}
