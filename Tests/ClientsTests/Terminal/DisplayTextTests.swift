import System
import Testing

@testable import Clients

@Suite struct DisplayTextTests {
    @Test(arguments: [
        ("a\u{1B}[31mb", "a [31mb"), ("a\r\nb\tc", "a  b c"), ("\u{9B}2J", " 2J"), ("\u{7F}\u{0}\u{7}", "   "),
        ("a\u{202E}b\u{2066}c\u{200F}", "a b c "), ("a\u{2028}b\u{E0041}", "a b "), ("Zoë 日本 👩‍👩‍👧", "Zoë 日本 👩‍👩‍👧"),
    ])
    func nothingThatATerminalActsOnStays(given: String, shown: String) {
        #expect(DisplayText.harmless(given) == shown)
    }

    @Test func widthsAreThoseOfTerminals() {
        let widths = ["", "abc", "日本", "e\u{301}", "👩‍👩‍👧", "☁\u{FE0F}", "한", "ｆ", "\u{300}"].map(DisplayText.width)
        #expect(widths == [0, 3, 4, 1, 2, 2, 2, 2, 0])
    }

    @Test func textIsCutBeforeTheColumnThatItWouldPass() {
        #expect(DisplayText.cut("abcd", to: 4) == "abcd")
        #expect(DisplayText.cut("abcde", to: 4) == "abc…")
        #expect(DisplayText.cut("日本語", to: 5) == "日本…")
        #expect(DisplayText.cut("日本語", to: 4) == "日…")
        #expect(DisplayText.cut("日本語", to: 1) == "…" && DisplayText.cut("abc", to: 0) == "")
        #expect(DisplayText.fitted("日", to: 4) == "日  " && DisplayText.fitted("日本語", to: 4) == "日… ")
    }

    @Test func anyTextFits() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let scalars = (0..<6).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x1FFFF, using: &random)) }
            var text = String(decoding: bytes, as: UTF8.self)
            text.unicodeScalars.append(contentsOf: scalars)
            let harmless = DisplayText.harmless(text)
            #expect(!harmless.unicodeScalars.contains(where: DisplayText.isHarmful))
            let columns = Int.random(in: 0...12, using: &random)
            #expect(DisplayText.width(DisplayText.fitted(harmless, to: columns)) == columns)
        }
    }
}
