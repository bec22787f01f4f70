import JSON
import Testing

@Suite struct JSONDocumentTests {
    @Test func membersAreFoundByPathAndTheLastDuplicateCounts() throws {
        let document = try JSONDocument(Array(#"{"a":1,"m":{"x":[1,{"y":"z"}]},"\u0061":2}"#.utf8))
        #expect(document.integer(document.value(at: ["a"])) == 2)
        let x = try #require(document.value(at: ["m", "x"]))
        #expect(document.elements(of: x).count == 2)
        #expect(document.string(document.member("y", of: document.elements(of: x)[1])) == "z")
        #expect(document.members(of: document.root).count == 3)
    }

    @Test func decodesEscapes() throws {
        let document = try JSONDocument(Array(#""a\n\u00e9\ud83d\ude00\ud800x""#.utf8))
        #expect(document.string(document.root) == "a\n\u{e9}\u{1F600}\u{FFFD}x")
    }

    @Test("Four digits of an escape are the number they write, in small and in large letters")
    func decodesDigits() throws {
        for unit in Array(0..<0x300) + stride(from: 0x301, to: 0xD800, by: 97) {
            let digits = String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
            for text in [digits, digits.uppercased()] {
                let document = try JSONDocument(Array("\"\\u\(text)\"".utf8))
                let scalar = try #require(Unicode.Scalar(UInt32(unit)))
                #expect(document.string(document.root)?.unicodeScalars.elementsEqual([scalar]) == true)
            }
        }
    }

    @Test("Long strings with escapes are decoded to their end, whatever characters stand where a piece of them ends")
    func decodesLongStrings() throws {
        for (written, character) in [("x", "x"), ("\\n", "\n"), ("\\u00e9", "é"), ("\\ud83d\\ude00", "\u{1F600}")] {
            for shift in 0..<4 {
                for count in [60, 63, 64, 65, 126, 127, 128, 255, 256, 257, 700] {
                    let start = String(repeating: "é", count: shift)
                    let text = "\"\\t\(start)\(String(repeating: written, count: count))\""
                    let document = try JSONDocument(Array(text.utf8))
                    #expect(
                        document.string(document.root) == "\t\(start)\(String(repeating: character, count: count))")
                }
            }
        }
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", "{,}", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", "1e",
        "+1",
        "tru", "nul", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2", "[1 2]", "]", "}", "\u{FEFF}{}", "'a'", "NaN",
    ])
    func refusesWhatTheGrammarDoesNotAllow(text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82],
            [0x22, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONDocument(bytes) }
    }

    @Test func refusesNestingPastTheLimit() throws {
        _ = try JSONDocument(Array((String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).utf8))
        #expect(throws: JSONError(.tooDeep(limit: 64), at: 64)) {
            try JSONDocument(Array(repeating: UInt8(ascii: "["), count: 100_000))
        }
    }

    @Test(arguments: [#"{"a":[1,-0.5e+3,true,false,null,"x\"y"],"b":{}}"#, "[]", "[[],[{}]]", "\"\"", "0"])
    func writesWhatItRead(text: String) throws {
        #expect(try JSONValue(Array(text.utf8)).bytes == Array(text.utf8))
    }

    @Test func comparesStringsDecoded() throws {
        let document = try JSONDocument(Array(#"["meta","m\u0065ta","metas","met",7,"\"meta\""]"#.utf8))
        #expect(
            document.elements(of: document.root).map { document.isString($0, "meta") } == [
                true, true, false, false, false, false,
            ])
    }

    @Test func aStringEndsAtItsQuoteWhereverItIs() throws {
        for length in 0..<24 {
            for special in ["\\\"", "\\\\", "é", "🎈", "\u{7F}", "\\u0000", "!", "[", "]", " "] {
                for place in 0...length {
                    let plain = String(repeating: "a", count: place)
                    let text = "\"" + plain + special + String(repeating: "#", count: length - place) + "\""
                    let document = try JSONDocument(Array("[\(text),\(text)]".utf8))
                    #expect(
                        document.elements(of: document.root).map { Array(document.text(of: $0)) } == [
                            Array(text.utf8), Array(text.utf8),
                        ])
                    #expect(document[document.elements(of: document.root)[0]].isEscaped == special.hasPrefix("\\"))
                }
            }
        }
    }

    @Test func aControlCharacterInAStringIsFoundWhereverItIs() {
        for control in UInt8(0)..<0x20 {
            for place in 0..<20 {
                var text = Array(("\"" + String(repeating: "~", count: 20) + "\"").utf8)
                text[1 + place] = control
                #expect(throws: JSONError(.controlCharacter, at: 1 + place)) { try JSONDocument(text) }
            }
        }
    }

    @Test func aNameIsNoPartOfAnotherAndNoNamesTogether() throws {
        let document = try JSONDocument(Array(#"{"a":1,"ab":2,"\\":3,"a\"":4}"#.utf8))
        #expect(document.integer(document.member(named: "a", of: document.root)) == 1)
        #expect(document.member(named: #"a":1,"ab"#, of: document.root) == nil)
        #expect(document.integer(document.member(named: "\\", of: document.root)) == 3)
        #expect(document.integer(document.member(named: "a\"", of: document.root)) == 4)
        #expect(document.member(named: "a\\\"", of: document.root) == nil)
    }

    @Test func aTextOf64KiBAndMoreHasAnIndexToo() throws {
        for size in [65_500, 65_530, 65_535, 65_536, 70_000, 200_000] {
            let text = #"{"a":{"b":[1,2]},"s":""# + String(repeating: "x", count: size) + #"","c":[[],{"d":true}]}"#
            let document = try JSONDocument(Array(text.utf8))
            #expect(document.string(document.value(at: ["s"]))?.utf8.count == size)
            let c = try #require(document.value(at: ["c"]))
            #expect(document.elements(of: c).count == 2)
            #expect(document.boolean(document.member("d", of: document.elements(of: c)[1])) == true)
            #expect(document.end(of: document.root) == text.utf8.count)
        }
        // More words than 16 bits count, in fewer bytes.
        let many = try JSONDocument(
            Array(("[" + Array(repeating: "[]", count: 21_800).joined(separator: ",") + "]").utf8))
        #expect(many.elements(of: many.root).count == 21_800)
    }

    @Test func textsInARowAreScannedOneByOne() throws {
        let bytes = Array(#"  {"a":1} [2] "x" "#.utf8)
        var scanner = JSONScanner()
        var (place, texts): (Int, [String]) = (0, [])
        for start in [2, 10, 14] {
            scanner.removeAll()
            place = try scanner.scan(bytes.span, from: place, base: start, depth: 8)
            let document = JSONDocument(bytes, base: start, index: scanner.index(ofTextOf: place - start))
            texts.append(String(decoding: document.text(of: document.root), as: UTF8.self))
        }
        #expect(texts == [#"{"a":1}"#, "[2]", #""x""#])
    }
}
