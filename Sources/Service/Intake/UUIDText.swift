/// A random UUID, version 4 (RFC 9562, section 5.4), as text: what `meta.id` gets where an event comes without.
public enum UUIDText {
    public static func random(_ random: inout some RandomNumberGenerator) -> String {
        let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, base) in [(high, 0), (low, 16)] {
            for digit in 0..<16 {
                if [8, 12, 16, 20].contains(base + digit) { text.append(UInt8(ascii: "-")) }
                let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit * 4) & 15)
                text.append(value < 10 ? 48 + value : 87 + value)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
