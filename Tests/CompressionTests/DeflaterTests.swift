import Compression
import System
import TestSupport
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
        var bytes = pieces.reduce(into: Gzip.header) { $0 += $1 }
        Gzip.appendEnd(GzipSum(text.span), to: &bytes)
        var reader = try GzipReader()
        var output: [UInt8] = []
        try reader.push(bytes, into: &output)
        try reader.finish()
        return output
    }

    private static let efforts = [Deflater.Effort.quick, .thorough]

    @Test(arguments: efforts) func eachPieceCanBeReadAsSoonAsItIsThere(effort: Deflater.Effort) throws {
        let deflater = Deflater(effort)
        var reader = try GzipReader()
        var output: [UInt8] = []
        try reader.push(Gzip.header, into: &output)
        for number in 0..<100 {
            let piece = Self.piece(Self.text(number..<number + 1), by: deflater, startsAnew: number % 10 == 0)
            try reader.push(piece, into: &output)
            #expect(output == Self.text(0..<number + 1))
        }
    }

    @Test(arguments: efforts) func aPieceThatStartsAnewMayStandBehindAnything(effort: Deflater.Effort) throws {
        let deflater = Deflater(effort)
        _ = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        let anew = Self.piece(Self.text(50..<60), by: deflater, startsAnew: true)
        let more = Self.piece(Self.text(60..<70), by: deflater, startsAnew: false)
        var stored: [UInt8] = []
        Gzip.appendStored(Array("something else\n".utf8).span, to: &stored)
        let text = Array("something else\n".utf8) + Self.text(50..<70)
        #expect(try Self.read([stored, anew, more], of: text) == text)
        #expect(more.count < anew.count)
    }

    @Test(arguments: efforts) func aPieceThatDoesNotStartAnewRefersBack(effort: Deflater.Effort) {
        let deflater = Deflater(effort)
        let anew = Self.piece(Self.text(0..<10), by: deflater, startsAnew: true)
        #expect(throws: GzipError.self) {
            _ = try Self.read([Self.piece(Self.text(0..<10), by: deflater, startsAnew: false)], of: Self.text(0..<10))
        }
        #expect(!anew.isEmpty)
    }

    /// Told by the thorough one's bytes: the quick one (ISA-L 2.30) makes others of the same text at one address in 8,000.
    @Test(arguments: zip(efforts, efforts.reversed()))
    func aNewEffortHoldsFromThePieceThatStartsAnew(before: Deflater.Effort, after: Deflater.Effort) throws {
        let deflater = Deflater(before)
        let first = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        deflater.effort = after
        let last = Self.piece(Self.text(50..<60), by: deflater, startsAnew: false)
        let anew = Self.piece(Self.text(0..<50), by: deflater, startsAnew: true)
        let thorough = Self.piece(Self.text(0..<50), by: Deflater(.thorough), startsAnew: true)
        #expect((first == thorough) == (before == .thorough))
        #expect((anew == thorough) == (after == .thorough))
        #expect(throws: GzipError.self) { try Self.read([last], of: Self.text(50..<60)) }
        #expect(try Self.read([first, last], of: Self.text(0..<60)) == Self.text(0..<60))
        #expect(try Self.read([anew], of: Self.text(0..<50)) == Self.text(0..<50))
    }

    @Test(arguments: [0, 1, 0xFFFE, 0xFFFF, 0x10000, 200_000]) func anyLengthIsStoredAndRead(length: Int) throws {
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var stored: [UInt8] = []
        Gzip.appendStored(text.span, to: &stored)
        #expect(try Self.read([stored], of: text) == text)
        #expect(stored.count == length + (length + 0xFFFE) / 0xFFFF * 5)
    }

    @Test(arguments: efforts, [100_000, 4_000_000])
    func whatCannotBeShortenedIsHardlyLengthened(effort: Deflater.Effort, length: Int) throws {
        var random = SeededGenerator(seed: 1)
        let words = (0..<length / 8).map { _ in random.next() }
        let text = unsafe words.withUnsafeBytes { unsafe Array($0) }
        let piece = Self.piece(text, by: Deflater(effort), startsAnew: true)
        #expect(piece.count < length + length / 500)
        #expect(try Self.read([piece], of: text) == text)
    }

    /// Many windows long, with repetitions from far and near.
    @Test(arguments: efforts) func piecesOfAnyLengthReferBackRightly(effort: Deflater.Effort) throws {
        var random = SeededGenerator(seed: 2)
        let deflater = Deflater(effort)
        let source = Self.text(0..<2000)
        var text: [UInt8] = []
        var pieces: [[UInt8]] = []
        for _ in 0..<300 {
            let start = random.below(source.count)
            let more = source[start..<min(source.count, start + 1 + random.below(40_000))]
            pieces.append(Self.piece(Array(more), by: deflater, startsAnew: random.below(20) == 0))
            text += more
        }
        #expect(try Self.read(pieces, of: text) == text)
        #expect(pieces.reduce(0) { $0 + $1.count } < text.count / 4)
    }

    @Test(arguments: efforts) func noTextMakesNoPiece(effort: Deflater.Effort) {
        #expect(Self.piece([], by: Deflater(effort), startsAnew: true) == [])
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
