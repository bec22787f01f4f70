/// base64url without padding: RFC 4648, section 5.
public enum Base64URL {
    /// Replaces the bytes from `start` on with their characters, in place.
    public static func encode(_ bytes: inout [UInt8], from start: Int) {
        let size = bytes.count - start
        let characters = (size * 8 + 5) / 6
        bytes.append(contentsOf: repeatElement(0, count: characters - size))
        // From the end on, so that a character is never written over a byte that is still to be read: the character of
        // a place is made of bytes at three quarters of it.
        for place in stride(from: characters - 1, through: 0, by: -1) {
            let bit = place * 6
            let first = start + bit / 8
            let next = bit / 8 + 1 < size ? bytes[first + 1] : 0
            let pair = UInt16(bytes[first]) << 8 | UInt16(next)
            bytes[start + place] = character(UInt8(truncatingIfNeeded: pair >> UInt16(10 - bit % 8)) & 63)
        }
    }

    /// The one text of some bytes.
    public static func text(_ bytes: [UInt8]) -> [UInt8] {
        var text = bytes
        encode(&text, from: 0)
        return text
    }

    /// The whole bytes of a text, which may be one that `encode` makes of no bytes; nil at a character that is none.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var pending: UInt32 = 0
        var count = 0
        for place in text.indices {
            guard let value = value(text[place]) else { return nil }
            pending = (pending << 6 | UInt32(value)) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func character(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
