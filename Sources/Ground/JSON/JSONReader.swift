internal import CBytes

/// A place in a JSON text, and the reading of one token there. Every read of a byte is checked against the text's
/// bounds.
struct JSONReader {
    var position: Int

    @inline(__always)
    func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    @inline(__always)
    mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while position < bytes.count, bytes[position] <= 0x20 {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// The first byte that is no white space.
    @inline(__always)
    mutating func token(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        let byte = try peek(bytes)
        if byte > 0x20 { return byte }
        skipWhitespace(bytes)
        return try peek(bytes)
    }

    /// A member's name with the colon after it and the space before that. Returns whether the name has an escape.
    @inline(__always)
    mutating func memberName(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let byte = try peek(bytes)
        guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(byte), at: position) }
        let isEscaped = try string(bytes)
        let colon = try token(bytes)
        guard colon == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte(colon), at: position) }
        position &+= 1
        return isEscaped
    }

    /// A string from its first quote to after its last. Returns whether it has an escape.
    @inline(__always)
    mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        position = Self.passPlainCharacters(bytes, from: position + 1)
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return false
        }
        return try restOfString(bytes)
    }

    /// From the first character that is not plain.
    private mutating func restOfString(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        var isEscaped = false
        while true {
            let byte = try peek(bytes)
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape(bytes)
            case 0..<0x20: throw JSONError(.controlCharacter, at: position)
            case 0x20..<0x80: position = Self.passPlainCharacters(bytes, from: position)
            default: try multibyteCharacter(byte, bytes)
            }
        }
    }

    /// Passes ASCII characters that are neither a quote nor a backslash nor a control character, sixteen at a time.
    @inline(__always)
    static func passPlainCharacters(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = unsafe bytes.bytes
        var position = start
        while bytes.count &- position >= 16 {
            // Sixteen bytes within the span, as was just seen; the pointer is used within the call.
            let marks = unsafe raw.withUnsafeBytes {
                unsafe $0.baseAddress.map { unsafe cbytes_marks($0 + position) } ?? 1
            }
            guard marks == 0 else { return position &+ marks.trailingZeroBitCount }
            position &+= 16
        }
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
            position += 1
        }
        return position
    }

    /// RFC 8259, section 7. A lone surrogate is grammatical, and stays as it is.
    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        position += 1
        switch try peek(bytes) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard try peek(bytes).hexDigit != nil else { throw JSONError(.invalidEscape, at: start) }
                position += 1
            }
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    /// RFC 3629, section 4: no overlong form, no surrogate, nothing above U+10FFFF.
    private mutating func multibyteCharacter(_ lead: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: start)
        }
        guard bytes.count - position >= length else { throw JSONError(.invalidUTF8, at: start) }
        guard second.contains(bytes[position + 1]) else { throw JSONError(.invalidUTF8, at: start) }
        for place in 2..<max(length, 2) where bytes[position + place] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: start)
        }
        position += length
    }

    mutating func literal(_ bytes: Span<UInt8>) throws(JSONError) {
        let first = try peek(bytes)
        switch first {
        case UInt8(ascii: "t"): try literal("true", bytes)
        case UInt8(ascii: "f"): try literal("false", bytes)
        case UInt8(ascii: "n"): try literal("null", bytes)
        default: throw JSONError(.unexpectedByte(first), at: position)
        }
    }

    @inline(__always)
    private mutating func literal(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for place in 0..<word.utf8CodeUnitCount {
            let byte = try peek(bytes)
            // `place` is below the number of the literal's bytes.
            guard unsafe byte == word.utf8Start[place] else { throw JSONError(.unexpectedByte(byte), at: position) }
            position += 1
        }
    }

    /// RFC 8259, section 6.
    @inline(__always)
    mutating func number(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(bytes, from: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(bytes, from: start)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes, from: start)
        }
    }

    @inline(__always)
    private mutating func digits(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) {
        let first = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        guard position > first else { throw JSONError(.invalidNumber, at: start) }
    }
}

extension UInt8 {
    /// The value of this character as a hexadecimal digit.
    var hexDigit: UInt16? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
