extension Span<UInt8> {
    /// The place of the first quote or backslash from `start` on, or the span's end; eight bytes at a time.
    @inlinable @inline(__always)
    public func firstMark(from start: Int) -> Int {
        let raw = unsafe bytes
        let ones: UInt64 = 0x0101_0101_0101_0101
        var place = start
        while count &- place >= 8 {
            // Eight bytes within the span, as was just seen.
            let word = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
            let (quotes, backslashes) = (word ^ (ones &* 0x22), word ^ (ones &* 0x5C))
            let found = (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & (ones &* 0x80)
            if found != 0 { return place &+ found.trailingZeroBitCount / 8 }
            place &+= 8
        }
        while place < count, self[place] != UInt8(ascii: "\""), self[place] != UInt8(ascii: "\\") { place += 1 }
        return place
    }
}
