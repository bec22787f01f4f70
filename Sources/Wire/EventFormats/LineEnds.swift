internal import Glibc

/// Finds the ends of an event stream's lines in one piece of it, from front to back. The next CR and the next LF are kept,
/// so that each byte is looked at twice, and not again for each line.
struct LineEnds {
    private var nextLF = -1
    private var nextCR = -1

    /// The first CR or LF from `place` on, which may not be before the one of an earlier call.
    mutating func first(in bytes: Span<UInt8>, from place: Int) -> Int? {
        if nextLF < place { nextLF = Self.find(0x0A, in: bytes, from: place) }
        if nextCR < place { nextCR = Self.find(0x0D, in: bytes, from: place) }
        let end = min(nextLF, nextCR)
        return end < bytes.count ? end : nil
    }

    /// The place after the last byte where there is none.
    private static func find(_ byte: UInt8, in bytes: Span<UInt8>, from place: Int) -> Int {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Lifetime: the pointers are used within this closure only, and between the buffer's bounds.
            guard place < buffer.count, let base = buffer.baseAddress,
                let found = unsafe memchr(base + place, Int32(byte), buffer.count - place)
            else { return buffer.count }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}
