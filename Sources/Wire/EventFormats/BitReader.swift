/// Reads what `BitWriter` wrote. nil stands for the end of the bytes.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    /// In bits from the first byte.
    private var place = 0

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// A number of `count` bits, 0 to 64.
    mutating func read(_ count: Int) -> UInt64? {
        guard count <= remaining else { return nil }
        var value: UInt64 = 0
        for _ in 0..<count {
            let byte = bytes[bytes.startIndex + place / 8]
            value = value << 1 | UInt64(byte >> UInt8(7 - place % 8) & 1)
            place += 1
        }
        return value
    }

    /// How many 1 stand before the next 0, which is passed too.
    mutating func readUnary() -> Int? {
        var count = 0
        while let bit = read(1) {
            if bit == 0 { return count }
            count += 1
        }
        return nil
    }

    /// A number in Elias's gamma code, below 2^32.
    mutating func readGamma() -> UInt64? {
        var zeros = 0
        while let bit = read(1) {
            if bit == 1 { return read(zeros).map { $0 | 1 << UInt64(zeros) } }
            zeros += 1
            guard zeros < 32 else { return nil }
        }
        return nil
    }

    /// Whether nothing is left but the zeros that fill up the last byte.
    mutating func isAtEnd() -> Bool { remaining < 8 && read(remaining) == 0 }

    private var remaining: Int { bytes.count * 8 - place }
}
