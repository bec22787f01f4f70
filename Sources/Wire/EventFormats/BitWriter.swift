/// Appends numbers of any number of bits to bytes, most significant bit first.
struct BitWriter: Sendable {
    /// The bits that don't fill a byte yet are the lowest `count` of it; those above were written already.
    private var pending: UInt64 = 0
    /// Less than 8 between calls.
    private var count = 0

    /// The lowest `bits` (0 to 64) of `value`.
    mutating func write(_ value: UInt64, bits: Int, to bytes: inout [UInt8]) {
        if bits > 32 {
            write(value >> 32, bits: bits - 32, to: &bytes)
            return write(value, bits: 32, to: &bytes)
        }
        let mask: UInt64 = 1 << UInt64(bits) - 1
        pending = pending << UInt64(bits) | value & mask
        count += bits
        while count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(count)))
        }
    }

    /// Fills up the last byte with 0.
    mutating func finish(to bytes: inout [UInt8]) {
        if count > 0 { write(0, bits: 8 - count, to: &bytes) }
    }
}
