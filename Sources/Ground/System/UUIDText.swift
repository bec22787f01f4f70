internal import Bytes

/// UUIDs (RFC 9562) as text in lower case.
public enum UUIDText {
    /// A random one: version 4, section 5.4.
    public static func random(_ random: inout some RandomNumberGenerator) -> String {
        text(random.next(), random.next(), version: 4)
    }

    /// The one of a name in a namespace of 16 bytes: version 5, section 5.5. The same names always have the same one.
    public static func named(_ name: [UInt8], in namespace: [UInt8]) -> String {
        let sum = SHA1.sum(of: namespace + name)
        func word(_ place: Int) -> UInt64 { sum[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return text(word(0), word(8), version: 5)
    }

    private static func text(_ high: UInt64, _ low: UInt64, version: UInt64) -> String {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | version << 12
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, shift, digits) in [(high, 32, 8), (high, 16, 4), (high, 0, 4), (low, 48, 4), (low, 0, 12)] {
            if !text.isEmpty { text.append(UInt8(ascii: "-")) }
            text.append(hexadecimal: word >> UInt64(shift), digits: digits)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
