import Compression
import Testing

@Suite struct DeflaterTests {
    /// So many lines, each much like the one before.
    private static func text(_ lines: Range<Int>) -> [UInt8] {
        Array(lines.map { "line \($0 * 7919) of a text that says much the same all the time\n" }.joined().utf8)
    }

    private static func piece(_ text: [UInt8], by deflater: Deflater, startsAnew: Bool) -> [UInt8] {
        var piece: [UInt8] = []
        deflater.append(text.span, startsAnew: startsAnew, to: &piece)
        return piece
    }

    /// A member of these pieces, read to its end.
    private static func read(_ pieces: [[UInt8]], of text: [UInt8]) throws -> [UInt8] {
        var bytes = Gzip.header + pieces.joined()
        Gzip.appendEnd(GzipSum(text.span), to: &bytes)
        var reader = try GzipReader()
        var output: [UInt8] = []
        try reader.push(bytes, into: &output)
        try reader.finish()
        return output
    }

    @Test func eachPieceCanBeReadAsSoonAsItIsThere() throws {
        let deflater = Deflater(level: 6)
        var reader = try GzipReader()
        var output: [UInt8] = []
        try reader.push(Gzip.header, into: &output)
        for number in 0..<100 {
            let piece = Self.piece(Self.text(number..<number + 1), by: deflater, startsAnew: number % 10 == 0)
            try reader.push(piece, into: &output)
            #expect(output == Self.text(0..<number + 1))
        }
    }

    @Test func aPieceThatStartsAnewMayStandBehindAnything() throws {
        let deflater = Deflater(level: 6)
        _ = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        let anew = Self.piece(Self.text(50..<60), by: deflater, startsAnew: true)
        let more = Self.piece(Self.text(60..<70), by: deflater, startsAnew: false)
        var stored: [UInt8] = []
        Gzip.appendStored(Array("something else\n".utf8).span, to: &stored)
        let text = Array("something else\n".utf8) + Self.text(50..<70)
        #expect(try Self.read([stored, anew, more], of: text) == text)
        #expect(more.count < anew.count)
    }

    @Test func aPieceThatDoesNotStartAnewRefersBack() {
        let deflater = Deflater(level: 6)
        let anew = Self.piece(Self.text(0..<10), by: deflater, startsAnew: true)
        #expect(throws: GzipError.self) {
            _ = try Self.read([Self.piece(Self.text(0..<10), by: deflater, startsAnew: false)], of: Self.text(0..<10))
        }
        #expect(!anew.isEmpty)
    }

    @Test func aNewLevelHoldsFromThePieceThatStartsAnew() throws {
        let deflater = Deflater(level: 1)
        _ = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        deflater.level = 9
        let last = Self.piece(Self.text(50..<60), by: deflater, startsAnew: false)
        let anew = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        #expect(anew == Self.piece(Self.text(0..<50), by: Deflater(level: 9), startsAnew: true))
        #expect(anew != Self.piece(Self.text(0..<50), by: Deflater(level: 1), startsAnew: true))
        #expect(!last.isEmpty)
        #expect(try Self.read([anew], of: Self.text(0..<50)) == Self.text(0..<50))
    }

    @Test(arguments: [0, 1, 0xFFFE, 0xFFFF, 0x10000, 200_000]) func anyLengthIsStoredAndRead(length: Int) throws {
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var stored: [UInt8] = []
        Gzip.appendStored(text.span, to: &stored)
        #expect(try Self.read([stored], of: text) == text)
        #expect(stored.count == length + (length + 0xFFFE) / 0xFFFF * 5)
    }

    @Test(arguments: [1, 6, 9] as [Int32]) func whatCannotBeShortenedIsHardlyLengthened(level: Int32) throws {
        var random = SystemRandomNumberGenerator()
        let text = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let piece = Self.piece(text, by: Deflater(level: level), startsAnew: true)
        #expect(piece.count < 100_200)
        #expect(try Self.read([piece], of: text) == text)
    }

    @Test func noTextMakesNoPiece() {
        #expect(Self.piece([], by: Deflater(level: 6), startsAnew: true) == [])
    }

    @Test func sumsAreJoinedAndTakenApartWithoutTheText() {
        let (a, b) = (Self.text(0..<3), Self.text(3..<9))
        let (first, second, both) = (GzipSum(a.span), GzipSum(b.span), GzipSum((a + b).span))
        #expect(first.followed(by: second) == both)
        #expect(both.without(first) == second)
        #expect(both.without(GzipSum()) == both)
        #expect(both.without(both) == GzipSum())
        #expect(GzipSum().followed(by: both) == both)
        // RFC 1952's CRC of the usual test text.
        #expect(GzipSum(Array("123456789".utf8).span).crc == 0xCBF4_3926)
    }
}
