/// SHA-1 (RFC 3174). It is no protection against anybody who wants two texts with one sum; UUIDs of names are made with it.
enum SHA1 {
    /// 20 bytes.
    static func sum(of text: [UInt8]) -> [UInt8] {
        var message = text
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        let bits = UInt64(text.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        var sum: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for block in stride(from: 0, to: message.count, by: 64) { add(message, block, to: &sum) }
        return sum.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    private static func add(_ message: [UInt8], _ block: Int, to sum: inout [UInt32]) {
        var words = (0..<16).map { word in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[block + 4 * word + $1]) }
        }
        for word in 16..<80 {
            words.append(rotate(words[word - 3] ^ words[word - 8] ^ words[word - 14] ^ words[word - 16], by: 1))
        }
        var (a, b, c, d, e) = (sum[0], sum[1], sum[2], sum[3], sum[4])
        for (step, word) in words.enumerated() {
            let (mix, constant): (UInt32, UInt32) =
                switch step {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            (a, b, c, d, e) = (rotate(a, by: 5) &+ mix &+ e &+ word &+ constant, a, rotate(b, by: 30), c, d)
        }
        for (place, word) in [a, b, c, d, e].enumerated() { sum[place] &+= word }
    }

    private static func rotate(_ word: UInt32, by bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }
}
