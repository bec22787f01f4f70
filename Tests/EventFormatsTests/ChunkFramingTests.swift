import EventFormats
import Testing

@Suite struct ChunkFramingTests {
    @Test(arguments: [1, 9, 10, 15, 16, 255, 256, 4095, 4096, 65_535, 65_536, 1_048_576])
    func aChunkHasItsSizeInAsFewDigitsAsItTakes(size: Int) {
        let payload = [UInt8](repeating: 0x61, count: size)
        var bytes = "before".bytes
        let mark = ChunkFraming.begin(&bytes)
        bytes += payload
        ChunkFraming.end(&bytes, mark)
        #expect(bytes == "before\(String(size, radix: 16))\r\n".bytes + payload + "\r\n".bytes)
    }

    @Test func anEmptyChunkIsNothingBecauseItWouldEndTheBody() {
        var bytes = "before".bytes
        let mark = ChunkFraming.begin(&bytes)
        ChunkFraming.end(&bytes, mark)
        #expect(bytes.text == "before")
    }

    @Test func chunksStandBackToBack() {
        let bytes = written { bytes in
            for payload in ["a", "bcdefghijklmnopqrstuvwxyz"] {
                let mark = ChunkFraming.begin(&bytes)
                bytes += payload.bytes
                ChunkFraming.end(&bytes, mark)
            }
            ChunkFraming.appendLast(to: &bytes)
        }
        #expect(bytes.text == "1\r\na\r\n19\r\nbcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n")
    }
}
