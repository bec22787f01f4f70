internal import Bytes

/// The characters of JSON strings: decoded from a text, and written into one.
public enum JSONEscapes {
    /// Appends the characters of a checked string as UTF-8, from its first character to the quote that ends it. A lone
    /// surrogate becomes U+FFFD.
    public static func decode(_ bytes: Span<UInt8>, from start: Int, into decoded: inout [UInt8]) {
        var place = start
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            decoded.append(addingCapacity: Self.piece) { place = decode(bytes, from: place, into: &$0) }
        }
    }

    /// How many bytes are decoded at once.
    private static let piece = 256
    /// The most bytes of one character.
    private static let longest = 4

    /// Decodes up to the string's end, or as much as there is room for.
    ///
    /// - Returns: where it goes on.
    private static func decode(
        _ bytes: Span<UInt8>, from start: Int, into decoded: inout OutputSpan<UInt8>
    ) -> Int {
        var place = start
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), decoded.freeCapacity >= longest {
            guard bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count else {
                decoded.append(bytes[place])
                place += 1
                continue
            }
            guard bytes[place + 1] == UInt8(ascii: "u") else {
                decoded.append(character(bytes[place + 1]))
                place += 2
                continue
            }
            let first = unit(bytes, at: place)
            place += 6
            if first & 0xFC00 == 0xD800, place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
                bytes[place + 1] == UInt8(ascii: "u"), unit(bytes, at: place) & 0xFC00 == 0xDC00
            {
                append(0x10000 + (first & 0x3FF) << 10 + unit(bytes, at: place) & 0x3FF, to: &decoded)
                place += 6
            } else {
                append(first & 0xF800 == 0xD800 ? 0xFFFD : first, to: &decoded)
            }
        }
        return place
    }

    /// The four digits of `\\u`.
    private static func unit(_ bytes: Span<UInt8>, at backslash: Int) -> UInt32 {
        guard bytes.count - backslash >= 6 else { return 0xFFFD }
        // The load is checked against the span's bounds.
        let digits = unsafe UInt32(
            bigEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: backslash + 2, as: UInt32.self))
        // Four values of four bits, each in a byte: letters have a bit that digits don't, and come nine after them.
        let values = digits & 0x0F0F_0F0F &+ (digits &>> 6 & 0x0101_0101) &* 9
        let pairs = (values | values &>> 4) & 0x00FF_00FF
        return (pairs | pairs &>> 8) & 0xFFFF
    }

    private static func append(_ scalar: UInt32, to decoded: inout OutputSpan<UInt8>) {
        switch scalar {
        case ..<0x80: decoded.append(UInt8(scalar))
        case ..<0x800: decoded.append(UInt8(0xC0 | scalar >> 6))
        case ..<0x10000: decoded.append(UInt8(0xE0 | scalar >> 12))
        default: decoded.append(UInt8(0xF0 | scalar >> 18))
        }
        if scalar >= 0x10000 { decoded.append(UInt8(0x80 | scalar >> 12 & 0x3F)) }
        if scalar >= 0x800 { decoded.append(UInt8(0x80 | scalar >> 6 & 0x3F)) }
        if scalar >= 0x80 { decoded.append(UInt8(0x80 | scalar & 0x3F)) }
    }

    /// What stands behind a backslash, but for `u`.
    private static func character(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }

    /// A checked string's content (without its quotes), decoded.
    static func decode(_ content: ArraySlice<UInt8>) -> String {
        var decoded: [UInt8] = []
        decode(content.span, from: 0, into: &decoded)
        return String(decoding: decoded, as: UTF8.self)
    }
}

/// Writes JSON, piece by piece, into bytes.
public enum JSONText {
    /// `string` in quotes, with what must be escaped escaped.
    public static func append(_ string: some StringProtocol, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = string.utf8.withContiguousStorageIfAvailable { text in
            // Lifetime: the buffer is read and copied within this closure only.
            let span = unsafe text.span
            guard
                JSONReader.passPlainCharacters(span, from: 0) == span.count && span.firstIndex(of: 0x7F) == nil
                    || span.indices.allSatisfy({
                        span[$0] >= 0x20 && span[$0] != 0x22 && span[$0] != 0x5C && span[$0] != 0x7F
                    })
            else { return false }
            bytes.append(span)
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
