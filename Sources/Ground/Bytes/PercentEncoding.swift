/// Percent-encoded text (RFC 3986, section 2.1), decoded strictly.
public enum PercentEncoding {
    public enum Failure: Error, Hashable, Sendable {
        /// A `%` without two hexadecimal digits behind it, at this byte.
        case malformed(at: Int)
        case invalidUTF8

        /// A sentence without its subject and end.
        public var reason: String {
            switch self {
            case .malformed(let offset): "has a % without two hexadecimal digits behind it, at byte \(offset)"
            case .invalidUTF8: "isn't UTF-8 once decoded"
            }
        }
    }

    /// Text in which all but letters, digits and `-._~` (RFC 3986, section 2.3: unreserved) is encoded.
    public static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
            default:
                encoded.append(UInt8(ascii: "%"))
                encoded.append(contentsOf: [byte >> 4, byte & 0xF].map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 })
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// - Parameter plusIsSpace: as in a form's fields, and so in a query; never in a path.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) throws(Failure) -> String {
        try decode(Array(text.utf8), plusIsSpace: plusIsSpace)
    }

    public static func decode(_ bytes: [UInt8], plusIsSpace: Bool = false) throws(Failure) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%") {
                guard bytes.count - place > 2, let high = bytes[place + 1].hexadecimalDigit,
                    let low = bytes[place + 2].hexadecimalDigit
                else { throw .malformed(at: place) }
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                place += 1
            }
        }
        guard let result = String(validating: decoded, as: UTF8.self) else { throw .invalidUTF8 }
        return result
    }
}
