internal import Bytes

/// Random UUIDs, version 4 (RFC 9562, section 5.4), as text in lower case.
public enum UUIDText {
    public static func random(_ random: inout some RandomNumberGenerator) -> String {
        let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, shift, digits) in [(high, 32, 8), (high, 16, 4), (high, 0, 4), (low, 48, 4), (low, 0, 12)] {
            if !text.isEmpty { text.append(UInt8(ascii: "-")) }
            text.append(hexadecimal: word >> UInt64(shift), digits: digits)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
