internal import Bytes

/// HTTP/1.1 chunks (RFC 9112, section 7.1), written around a payload that is appended in place.
///
/// The size has no more digits than it needs, so the same payload always makes the same bytes and no reader's limit on
/// digits is ever met. Room for three digits is kept in front of the payload, which fits 256 to 4095 bytes, where nearly
/// every event is; any other payload is moved by the digits it has more or less.
public enum ChunkFraming {
    /// Where a chunk begins.
    public struct Mark: Hashable, Sendable {
        fileprivate var start: Int
    }

    private static let room = 5

    /// Begins a chunk at the end of `bytes`.
    public static func begin(_ bytes: inout [UInt8]) -> Mark {
        defer { bytes.append("000\r\n") }
        return Mark(start: bytes.count)
    }

    /// Ends the chunk: all that was appended since is its payload. An empty one leaves nothing behind, because a chunk
    /// of size 0 would end the body.
    public static func end(_ bytes: inout [UInt8], _ mark: Mark) {
        let size = bytes.count - mark.start - room
        guard size > 0 else { return bytes.removeSubrange(mark.start...) }
        let digits = (Int.bitWidth - size.leadingZeroBitCount + 3) / 4
        if digits < 3 {
            bytes.removeSubrange(mark.start..<mark.start + 3 - digits)
        } else if digits > 3 {
            bytes.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits - 3), at: mark.start)
        }
        var rest = size
        for place in stride(from: mark.start + digits - 1, through: mark.start, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            bytes[place] = digit < 10 ? 48 + digit : 87 + digit
            rest >>= 4
        }
        bytes.append("\r\n")
    }

    /// The chunk that ends a body; no trailer.
    public static func appendLast(to bytes: inout [UInt8]) { bytes.append("0\r\n\r\n") }
}
