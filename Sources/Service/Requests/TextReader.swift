/// A place in a text of bytes, for the small parsers of requests. Every read says whether there was something to read.
struct TextReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEnd: Bool { position == bytes.count }

    func peek(_ distance: Int) -> UInt8? {
        bytes.indices.contains(position + distance) ? bytes[position + distance] : nil
    }

    mutating func skip() { if position < bytes.count { position += 1 } }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// This letter in either case.
    mutating func takeLetter(_ lowercase: Unicode.Scalar) -> Bool {
        guard let next, next | 0x20 == UInt8(ascii: lowercase) else { return false }
        position += 1
        return true
    }

    mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let next, condition(next) { position += 1 }
        return bytes[start..<position]
    }

    /// Exactly so many digits.
    mutating func number(digits: Int) -> Int? {
        guard bytes.count - position >= digits else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard let digit = byte.decimalDigit, value <= (Int.max - digit) / 10 else { return nil }
            value = value * 10 + digit
        }
        position += digits
        return value
    }

    /// One digit or more, as many as there are; nil for none and where they pass Int64.
    mutating func number() -> Int64? {
        let digits = take { $0.decimalDigit != nil }
        return digits.isEmpty ? nil : Int64(String(decoding: digits, as: UTF8.self))
    }
}

extension UInt8 {
    var decimalDigit: Int? { (48...57).contains(self) ? Int(self) - 48 : nil }
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) && self >= 0x41 }
}
