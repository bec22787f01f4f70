/// A place in a JSON text, and the reading of one token there.
struct JSONReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        return bytes[position]
    }

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// A member's name with the colon after it and the space around that.
    mutating func memberName(_ nodes: inout ContiguousArray<JSONNode>) throws(JSONError) {
        let byte = try peek()
        guard byte == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(byte), at: position) }
        try string(&nodes)
        skipWhitespace()
        let colon = try peek()
        guard colon == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte(colon), at: position) }
        position += 1
        skipWhitespace()
    }

    mutating func string(_ nodes: inout ContiguousArray<JSONNode>) throws(JSONError) {
        let start = position
        var isEscaped = false
        position += 1
        while true {
            position = Self.passPlainCharacters(bytes, from: position)
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                nodes.append(
                    JSONNode(.string, isEscaped: isEscaped, start: start, end: position, next: nodes.count + 1))
                return
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape()
            case 0..<0x20: throw JSONError(.controlCharacter, at: position)
            case 0x20..<0x80: position += 1
            default: try multibyteCharacter(byte)
            }
        }
    }

    /// Passes ASCII characters that are neither a quote nor a backslash nor a control character, eight at a time. It may
    /// stop before the first other one.
    private static func passPlainCharacters(_ bytes: [UInt8], from start: Int) -> Int {
        let raw = unsafe bytes.span.bytes
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        while raw.byteCount - position >= 8 {
            // The span lives as long as the array; any eight bytes are a UInt64; the load checks its bounds.
            let word = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            // In each, the high bit of the first byte searched for is set; what is set above it may be wrong.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let quotes = (quote &- ones) & ~quote
            let backslashes = (backslash &- ones) & ~backslash
            let controls = (word &- (ones &* 0x20)) & ~word
            let others = (quotes | backslashes | controls | word) & (ones &* 0x80)
            guard others == 0 else { return position + others.trailingZeroBitCount / 8 }
            position += 8
        }
        return position
    }

    /// RFC 8259, section 7. A lone surrogate is grammatical, and stays as it is.
    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        switch try peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard try peek().hexDigit != nil else { throw JSONError(.invalidEscape, at: start) }
                position += 1
            }
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    /// RFC 3629, section 4: no overlong form, no surrogate, nothing above U+10FFFF.
    private mutating func multibyteCharacter(_ lead: UInt8) throws(JSONError) {
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

    mutating func literal(
        _ word: StaticString, _ kind: JSONNode.Kind, _ nodes: inout ContiguousArray<JSONNode>
    ) throws(JSONError) {
        let start = position
        for expected in word.description.utf8 {
            let byte = try peek()
            guard byte == expected else { throw JSONError(.unexpectedByte(byte), at: position) }
            position += 1
        }
        nodes.append(JSONNode(kind, start: start, end: position, next: nodes.count + 1))
    }

    /// RFC 8259, section 6.
    mutating func number(_ nodes: inout ContiguousArray<JSONNode>) throws(JSONError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(from: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(from: start)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(from: start)
        }
        nodes.append(JSONNode(.number, start: start, end: position, next: nodes.count + 1))
    }

    private mutating func digits(from start: Int) throws(JSONError) {
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
