import FoundationEssentials
import JSON
import System
import TestSupport
import Testing

/// What is JSON here is JSON elsewhere: Foundation's parser, which has nothing in common with ours, judges the same texts.
@Suite struct ForeignParserTests {
    private static let right = [
        "[]", "{}", " [ ] ", "[null]", "[1,2]", "[-0]", "[0.5e-3]", "[1E+2]", "[1e5]", "[123456789012345]",
        #"["\u0000"]"#,
        #"["\"\\\/\b\f\n\r\t"]"#, #"["\uD834\uDD1E"]"#, "[\"\u{7F}\"]", "[\"€𝄞\u{10FFFF}\"]", "{\"\":0}",
        #"{"a":{"b":[{"c":[]}]}}"#, "{\"a\" :\t1\r\n, \"b\":2}", "\"x\"", "-1", "true", "[\"\u{2028}\"]",
    ]
    private static let wrong = [
        "", "[", "]", "[1", "[1,]", "[,]", "[1 2]", "{", "{]", "[}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}",
        "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{'a':1}", "[+1]", "[01]", "[-01]", "[.5]", "[1.]", "[1.e1]", "[1e]",
        "[1e+]", "[-]", "[--1]", "[0x1]", "[1_0]", "[NaN]", "[Infinity]", "[True]", "[nul]", "[truee]", "[\"]",
        "[\"\\x\"]",
        "[\"\\u12\"]", "[\"\\u00G0\"]", "[\"\t\"]", "[\"\n\"]", "[\"\u{0}\"]", "[] []", "[]x", "//\n[]", "[/**/]",
        "\u{A0}[]", "\u{2003}[]", "[1]\u{0}", "[\"\\", "{\"a\":\"b\":1}", "{\"a\":1}}", "[\u{B}]", "[\u{C}]",
    ]

    @Test func bothTakeWhatTheGrammarHas() {
        for text in Self.right {
            #expect(Self.isJSON(Array(text.utf8)), "\(text)")
            #expect(Self.isForeignJSON(Array(text.utf8)), "\(text)")
        }
    }

    @Test func oursRefusesWhatTheGrammarHasNot() {
        for text in Self.wrong { #expect(!Self.isJSON(Array(text.utf8)), "\(text)") }
    }

    @Test func oursRefusesInvalidUTF8WhereverItStands() {
        let bytes: [[UInt8]] = [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xF0, 0x9F, 0x8E],
        ]
        for invalid in bytes {
            for length in 0..<18 {
                let filler = [UInt8](repeating: 0x61, count: length)
                for tail in [[], [0x61], filler] {
                    #expect(!Self.isJSON([0x5B, 0x22] + filler + invalid + tail + [0x22, 0x5D]))
                }
                #expect(!Self.isJSON([0x7B, 0x22] + filler + invalid + Array("\":1}".utf8)))
            }
        }
    }

    /// Where they differ, ours is the stricter, but for what Foundation can't hold: numbers past a Double, lone surrogates.
    @Test func whatOursTakesOfDamagedTextsTheOtherTakesToo() {
        var random = SeededGenerator(seed: 4)
        let seeds = [
            #"{"a":[1,-2.5e3,true,false,null,"x\u00e9\n"],"b":{"c":{}},"ü":"日本語","d":""}"#,
            #"[{"id":12,"s":"a\\b\"c"},[[],[{}]],"  ",0]"#,
        ].map { Array($0.utf8) }
        var taken = 0
        for _ in 0..<20_000 {
            var text = seeds[Int.random(in: 0..<2, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.remove(at: place)
                case 1: text[place] = text[Int.random(in: 0..<text.count, using: &random)]
                default: text.insert(text[Int.random(in: 0..<text.count, using: &random)], at: place)
                }
            }
            guard Self.isJSON(text), !text.contains(UInt8(ascii: "u")), !text.contains(UInt8(ascii: "e")) else {
                continue
            }
            taken += 1
            #expect(Self.isForeignJSON(text), "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(taken > 100)
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool { (try? JSONDocument(bytes)) != nil }

    private static func isForeignJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(Anything.self, from: Data(bytes))) != nil
    }

    /// Decodes every value.
    private struct Anything: Decodable {
        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { return nil }
        }

        init(from decoder: any Decoder) throws {
            if let members = try? decoder.container(keyedBy: Key.self) {
                for key in members.allKeys { _ = try members.decode(Anything.self, forKey: key) }
            } else if var elements = try? decoder.unkeyedContainer() {
                while !elements.isAtEnd { _ = try elements.decode(Anything.self) }
            } else {
                let value = try decoder.singleValueContainer()
                if value.decodeNil() { return }
                if (try? value.decode(Bool.self)) == nil, (try? value.decode(String.self)) == nil {
                    _ = try value.decode(Double.self)
                }
            }
        }
    }
}
