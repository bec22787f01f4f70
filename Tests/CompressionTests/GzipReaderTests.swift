import Compression
import Testing

@Suite struct GzipReaderTests {
    /// `printf 'hello, gzip\n' | gzip -n`
    private static let hello: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7,
        0x51, 0x48, 0xAF, 0xCA, 0x2C, 0xE0, 0x02, 0x00, 0x86, 0x1F, 0x82, 0xA4, 0x0C, 0x00, 0x00, 0x00,
    ]
    /// `head -c 100000 /dev/zero | gzip -n`
    private static let zeros: [UInt8] =
        [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xED, 0xC1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xC2,
            0xA0, 0xF5,
        ] + [UInt8](repeating: 0x4F, count: 1) + [
            0x6D, 0x0D, 0x0F, 0xA0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x57, 0x03, 0x7D, 0x95, 0x11, 0xD4, 0xA0,
            0x86, 0x01, 0x00,
        ]

    private static func read(_ bytes: [UInt8], pieces: Int = .max) throws -> [UInt8] {
        var reader = try GzipReader()
        var output: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + min(pieces, bytes.count), bytes.count)
            try reader.push(Array(bytes[start..<end]), into: &output)
            start = end
        }
        try reader.finish()
        #expect(reader.position == Int64(bytes.count))
        return output
    }

    @Test(arguments: [1, 2, 7, 1000]) func piecesOfAnySizeGiveTheSame(size: Int) throws {
        #expect(try Self.read(Self.hello, pieces: size) == Array("hello, gzip\n".utf8))
        #expect(try Self.read(Self.zeros, pieces: size) == [UInt8](repeating: 0, count: 100_000))
    }

    @Test(arguments: [1, 5, 1000]) func membersFollowEachOther(size: Int) throws {
        let text = try Self.read(Self.hello + Self.zeros + Self.hello, pieces: size)
        #expect(text == Array("hello, gzip\n".utf8) + [UInt8](repeating: 0, count: 100_000) + "hello, gzip\n".utf8)
    }

    @Test func zerosMayFollowTheLastMember() throws {
        #expect(try Self.read(Self.hello + [0, 0, 0]) == Array("hello, gzip\n".utf8))
        #expect(throws: GzipError.self) { try Self.read(Self.hello + [0, 1]) }
        #expect(throws: GzipError.self) { try Self.read(Self.hello + [1]) }
    }

    @Test func everyCutIsNoticed() throws {
        for length in 0..<Self.hello.count {
            #expect(throws: GzipError.truncated(compressedByte: Int64(length))) {
                try Self.read(Array(Self.hello.prefix(length)))
            }
        }
    }

    @Test func everyWrongByteOfTheTextIsNoticedWithItsPlace() throws {
        // The header's time, flags and system may be anything.
        for place in [0, 1, 2] + Array(10..<Self.hello.count) {
            var bytes = Self.hello
            bytes[place] ^= 0xFF
            #expect {
                try Self.read(bytes)
            } throws: { error in
                switch error as? GzipError {
                case .damaged(let byte, _)?: byte <= Int64(bytes.count)
                case .truncated?: true
                default: false
                }
            }
        }
    }

    @Test func gzipIsKnownByItsFirstBytes() {
        #expect(GzipReader.isGzip(Self.hello))
        #expect(!GzipReader.isGzip(Array("{\"a\":1}".utf8)))
        #expect(!GzipReader.isGzip([0x1F]))
    }
}
