/// A piece of an expression.
struct Token: Hashable {
    enum Kind: Hashable {
        case name(Text)
        /// A name in backquotes.
        case quotedName(Text)
        case string(Text)
        case number(Number)
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case below = "<"
        case notAbove = "<="
        case above = ">"
        case notBelow = ">="
        case and = "&&"
        case or = "||"
        case not = "!"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case open = "("
        case close = ")"
        case openList = "["
        case closeList = "]"
        case comma = ","
        case dot = "."
        /// The word `in`.
        case `in` = "in"
    }

    var kind: Kind
    /// Of its first byte.
    var offset: Int
}

/// Cuts an expression into tokens. Works on UTF-8.
struct Lexer {
    private let text: [UInt8]
    private var place = 0

    static let reserved: Set<Text> = ["true", "false", "null", "in"]

    init(_ text: [UInt8]) { self.text = text }

    static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "$"):
            true
        default: false
        }
    }

    static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || byte &- 0x30 < 10 }

    /// The character at a byte, counted from 1.
    func column(_ offset: Int) -> Int { 1 + text[..<min(offset, text.count)].count { $0 & 0xC0 != 0x80 } }

    func error(_ message: String, at offset: Int, hint: String? = nil) -> FilterError {
        FilterError(message, column: column(offset), hint: hint)
    }

    mutating func next() throws(FilterError) -> Token {
        while place < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[place]) { place += 1 }
        let start = place
        guard place < text.count else { return Token(kind: .end, offset: start) }
        let byte = text[place]
        if Self.isNameStart(byte) {
            if byte | 0x20 == UInt8(ascii: "r"), let quote = peek(1),
                quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
            {
                place += 1
                return Token(kind: .string(try quoted(isRaw: true)), offset: start)
            }
            while place < text.count, Self.isNamePart(text[place]) { place += 1 }
            let name = Text(String(decoding: text[start..<place], as: UTF8.self))
            return Token(kind: name == "in" ? .symbol(.in) : .name(name), offset: start)
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return Token(kind: .string(try quoted(isRaw: false)), offset: start)
        case UInt8(ascii: "`"): return Token(kind: .quotedName(try quoted(isRaw: false)), offset: start)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return Token(kind: .number(try number()), offset: start)
        default: return Token(kind: .symbol(try symbol()), offset: start)
        }
    }

    private func peek(_ distance: Int) -> UInt8? {
        place + distance < text.count ? text[place + distance] : nil
    }

    private mutating func number() throws(FilterError) -> Number {
        let start = place
        while let byte = peek(0) {
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let isPart = Self.isNamePart(byte) || byte == UInt8(ascii: ".")
            guard isPart || isSign && text[place - 1] | 0x20 == UInt8(ascii: "e") else { break }
            place += 1
        }
        guard let number = Number(String(decoding: text[start..<place], as: UTF8.self)) else {
            throw error(
                "expected a number", at: start,
                hint:
                    "numbers are written as in JSON: 12, -1.5, 2e6; a field's name that begins with a digit stands in backquotes"
            )
        }
        return number
    }

    private mutating func symbol() throws(FilterError) -> Token.Symbol {
        for length in [2, 1] where place + length <= text.count {
            if let symbol = Token.Symbol(rawValue: String(decoding: text[place..<place + length], as: UTF8.self)) {
                place += length
                return symbol
            }
        }
        throw unexpected(at: place)
    }

    private func unexpected(at offset: Int) -> FilterError {
        let character =
            String(decoding: text[offset...].prefix(4), as: UTF8.self).unicodeScalars.first.map(String.init) ?? ""
        switch character {
        case "=": return error("expected == instead of =", at: offset)
        case "&": return error("expected && instead of &", at: offset)
        case "|": return error("expected || instead of |", at: offset)
        case "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}", "\u{AB}", "\u{BB}":
            return error("expected a plain quote (\" or ') instead of \(character)", at: offset)
        case "/", "%": return error("there is no operator \(character)", at: offset)
        case "{", "}", "?", ":", ";": return error("a filter has no \(character)", at: offset)
        default:
            let shown = character.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "\u{FFFD}" }
            return error(
                shown ? "unexpected \(character)" : "unexpected character", at: offset,
                hint:
                    "strings need quotes, and a field's name with other characters than letters, digits, _ and $ needs backquotes"
            )
        }
    }
}

// MARK: Strings

extension Lexer {
    /// From its first quote to after its last. Escapes are CEL's.
    private mutating func quoted(isRaw: Bool) throws(FilterError) -> Text {
        let start = place
        let quote = text[place]
        place += 1
        var bytes: [UInt8] = []
        while let byte = peek(0) {
            place += 1
            if byte == quote { return Text(String(decoding: bytes, as: UTF8.self)) }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(into: &bytes)
            } else {
                bytes.append(byte)
            }
        }
        let name = quote == UInt8(ascii: "`") ? "name in backquotes" : "string"
        throw error("expected the end of the \(name) that begins", at: start)
    }

    /// Behind the backslash.
    private mutating func escape(into bytes: inout [UInt8]) throws(FilterError) {
        let start = place - 1
        guard let byte = peek(0) else { throw error("expected a character after the backslash", at: start) }
        place += 1
        switch byte {
        case UInt8(ascii: "a"): bytes.append(0x07)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "v"): bytes.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "?"):
            bytes.append(byte)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): try scalar(digits: 2, radix: 16, start, into: &bytes)
        case UInt8(ascii: "u"): try scalar(digits: 4, radix: 16, start, into: &bytes)
        case UInt8(ascii: "U"): try scalar(digits: 8, radix: 16, start, into: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            place -= 1
            try scalar(digits: 3, radix: 8, start, into: &bytes)
        default:
            throw error(
                "there is no such escape", at: start,
                hint: "a backslash is written \\\\, or the string as r\"…\", in which backslashes are themselves")
        }
    }

    private mutating func scalar(
        digits count: Int, radix: Int, _ start: Int, into bytes: inout [UInt8]
    ) throws(FilterError) {
        let digits = String(decoding: text[place...].prefix(count), as: UTF8.self)
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ Self.isNamePart($0) }),
            let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value)
        else {
            let kind = radix == 16 ? "hexadecimal" : "octal"
            throw error("expected \(count) \(kind) digits of a character", at: start)
        }
        bytes += Array(String(Character(scalar)).utf8)
        place += count
    }
}
