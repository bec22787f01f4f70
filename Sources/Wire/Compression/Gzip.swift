/// The parts of a gzip member (RFC 1952) that need no compressor.
public enum Gzip {
    /// What a member begins with: deflate, no flags, no time, an unknown system. Always the same.
    public static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// Appends bytes as they are, in stored blocks (RFC 1951, section 3.2.4). May stand behind any block that ends at the edge
    /// of a byte; nothing behind it may refer to what is before it.
    public static func appendStored(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = min(bytes.count - start, 0xFFFF)
            let (low, high) = (UInt8(count & 0xFF), UInt8(count >> 8))
            output += [0, low, high, ~low, ~high]
            let part = bytes.extracting(start..<start + count)
            // Lifetime: the bytes are copied within the closure.
            unsafe part.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
            start += count
        }
    }

    /// Appends the end of a member: the last block, which is empty, and what the whole text sums up to.
    public static func appendEnd(_ sum: GzipSum, to output: inout [UInt8]) {
        output += [3, 0]
        for number in [sum.crc, UInt32(truncatingIfNeeded: sum.length)] {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                output.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
    }
}
