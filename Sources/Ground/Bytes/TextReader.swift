/// A place in a text of bytes, for small parsers. Every read says whether there was something to read.
public struct TextReader {
    private let bytes: [UInt8]
    public private(set) var position = 0

    public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    public var next: UInt8? { position < bytes.count ? bytes[position] : nil }
    public var isAtEnd: Bool { position == bytes.count }

    public func peek(_ distance: Int) -> UInt8? {
        bytes.indices.contains(position + distance) ? bytes[position + distance] : nil
    }

    public mutating func skip() { if position < bytes.count { position += 1 } }

    public mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// This letter in either case.
    public mutating func takeLetter(_ lowercase: Unicode.Scalar) -> Bool {
        guard let next, next | 0x20 == UInt8(ascii: lowercase) else { return false }
        position += 1
        return true
    }

    public mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let next, condition(next) { position += 1 }
        return bytes[start..<position]
    }

    /// Exactly so many digits.
    public mutating func number(digits: Int) -> Int? {
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
    public mutating func number() -> Int64? {
        let digits = take { $0.decimalDigit != nil }
        return digits.isEmpty ? nil : Int64(String(decoding: digits, as: UTF8.self))
    }
}
