internal import CISAL
internal import CZlib

/// What a gzip member's end tells of its text: the CRC-32 and the length (RFC 1952, section 2.3.1).
///
/// The sum of a text follows from those of its parts, and that of its end from those of the whole and of its beginning: so
/// the sum of any stretch of a shared text can be had without looking at it again.
public struct GzipSum: Hashable, Sendable {
    public private(set) var crc: UInt32 = 0
    /// Bytes.
    public private(set) var length = 0

    public init() {}

    public init(_ bytes: Span<UInt8>) {
        add(bytes)
    }

    /// Goes on with more of the text.
    public mutating func add(_ bytes: Span<UInt8>) {
        // Lifetime: ISA-L reads the bytes within the closure only.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            crc = unsafe crc32_gzip_refl(crc, start, UInt64(buffer.count))
        }
        length += bytes.count
    }

    /// The sum of this text with another behind it.
    public func followed(by other: GzipSum) -> GzipSum {
        var sum = self
        sum.crc = UInt32(truncatingIfNeeded: crc32_combine(UInt(crc), UInt(other.crc), other.length))
        sum.length += other.length
        return sum
    }

    /// The sum of what this text has behind a beginning of it.
    public func without(_ beginning: GzipSum) -> GzipSum {
        var sum = GzipSum()
        sum.length = max(length - beginning.length, 0)
        sum.crc = crc ^ UInt32(truncatingIfNeeded: crc32_combine(UInt(beginning.crc), 0, sum.length))
        return sum
    }
}
