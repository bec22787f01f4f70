/// The characters of JSON strings: decoded from a text, and written into one.
enum JSONEscapes {
    /// A checked string's content (without its quotes), decoded. A lone surrogate becomes U+FFFD.
    static func decode(_ content: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var result = ""
        var plain: [UInt8] = []
        var place = content.startIndex

        func flush() {
            if !units.isEmpty {
                result += String(decoding: units, as: UTF16.self)
                units = []
            }
            if !plain.isEmpty {
                result += String(decoding: plain, as: UTF8.self)
                plain = []
            }
        }
        while place < content.endIndex {
            guard content[place] == UInt8(ascii: "\\"), place + 1 < content.endIndex else {
                if !units.isEmpty { flush() }
                plain.append(content[place])
                place += 1
                continue
            }
            if content[place + 1] == UInt8(ascii: "u"), content.endIndex - place >= 6 {
                if !plain.isEmpty { flush() }
                var unit: UInt16 = 0
                for digit in content[place + 2..<place + 6] { unit = unit << 4 | (digit.hexDigit ?? 0) }
                units.append(unit)
                place += 6
                continue
            }
            if !units.isEmpty { flush() }
            switch content[place + 1] {
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case let other: plain.append(other)
            }
            place += 2
        }
        flush()
        return result
    }
}

/// Writes JSON, piece by piece, into bytes.
public enum JSONText {
    /// `string` in quotes, with what must be escaped escaped.
    public static func append(_ string: some StringProtocol, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = string.utf8.withContiguousStorageIfAvailable { text in
            // Lifetime: the buffer is read and copied within this closure only.
            guard unsafe text.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F }) else { return false }
            unsafe bytes.append(contentsOf: text)
            return true
        }
        if isPlain == true { return bytes.append(UInt8(ascii: "\"")) }
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 48 + digit : 87 + digit) }
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// `string` as a JSON string.
    public static func quoted(_ string: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        append(string, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
