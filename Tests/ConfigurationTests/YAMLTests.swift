import Configuration
import Testing
import YAML

@Suite struct YAMLTests {
    @Test func readsMappingsSequencesAndScalarsWithTheirPlaces() throws {
        let node = try YAML.parse(Array("a: 1\nb:\n  - x\n  - \"true\"\nc: true\nd: ~\ne: yes\n".utf8))
        #expect(node["a"]?.text == "1")
        #expect(node["b"]?.elements?.map(\.text) == ["x", "true"])
        #expect(node["b"]?.elements?[1].boolean == nil)
        #expect(node["c"]?.boolean == true)
        #expect(node["d"]?.isNull == true)
        #expect(node["e"]?.boolean == nil)
        #expect(node["b"]?.elements?[1].line == 4)
        #expect(node["b"]?.elements?[1].column == 5)
    }

    @Test func readsJSON() throws {
        let node = try YAML.parse(Array(#"{"streams": {"a": {"topics": ["x", "y"], "n": 3}}}"#.utf8))
        #expect(node["streams"]?["a"]?["topics"]?.elements?.count == 2)
    }

    @Test func anEmptyDocumentIsNull() throws {
        #expect(try YAML.parse([]).isNull)
        #expect(try YAML.parse(Array("# nothing\n".utf8)).isNull)
    }

    @Test func aliasesRepeatWhatTheirAnchorsName() throws {
        let node = try YAML.parse(Array("a: &x {k: v}\nb: *x\n".utf8))
        #expect(node["b"]?["k"]?.text == "v")
    }

    @Test func aMergeKeyAddsWhatItsMappingDoesNotHave() throws {
        let text =
            "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\none: {<<: *base, a: 9}\nall: {a: 9, <<: [*more, *base]}"
        let root = try YAML.parse(Array(text.utf8))
        func members(_ name: String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (root[name]?.members ?? []).map { ($0.name, $0.value.text ?? "") })
        }
        #expect(members("one") == ["a": "9", "b": "2"])
        #expect(members("all") == ["a": "9", "b": "3", "c": "4"])
        #expect(try YAML.parse(Array("{\"<<\": 1}".utf8))["<<"]?.text == "1", "in quotes it is a name")
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        #expect(try YAML.parse([0xEF, 0xBB, 0xBF] + Array("a: 1".utf8))["a"]?.text == "1")
    }

    @Test func refusesABombOfAliases() throws {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...8 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(throws: YAMLError.self) { try YAML.parse(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("a: [", "a: ["), ("a: 1\na: 2", "twice"), ("a: 1\n---\nb: 2", "two documents"), ("a: *x", "no anchor"),
        ("{a: }}", "too many braces"), ("\u{1}", "control character"), ("[a]: b", "a list as name"),
        ("a: {<<: 1}", "merging a number"),
        ("a: &a {b: 1}\nc: {<<: [*a, x]}", "merging a word"), ("\t- a", "tab"),
    ])
    func refusesWhatItCanNotRead(text: String, why: String) {
        #expect(throws: YAMLError.self, "\(why)") { try YAML.parse(Array(text.utf8)) }
    }

    @Test func refusesNestingPastTheLimitAndInvalidUTF8() {
        #expect(throws: YAMLError.self) { try YAML.parse(Array(repeating: UInt8(ascii: "["), count: 100_000)) }
        #expect(throws: YAMLError.self) { try YAML.parse([0x61, 0x3A, 0x20, 0xC0, 0x80]) }
    }

    @Test func refusesThousandsOfDirectives() {
        let text = (0..<50_000).map { "%TAG !a\($0)! tag:x,\($0):\n" }.joined() + "--- a\n"
        #expect(throws: YAMLError.self) { try YAML.parse(Array(text.utf8)) }
    }

    @Test func survivesDamagedDocuments() {
        var random = SeededRandom(state: 7)
        let base = Array("http:\n  port: 80\nstreams:\n  allowed: [a, \"b\", 'c']\n  x: &y {a: *z}\n# end\n".utf8)
        for _ in 0..<20_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(
                        [0x0A, 0x20, 0x3A, 0x26, 0x2A, 0x5B, 0x7B, 0x22].randomElement(using: &random) ?? 0, at: place)
                }
            }
            _ = try? YAML.parse(bytes)
        }
    }
}

struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
