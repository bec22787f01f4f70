internal import JSON

/// A field's value in one event, as far as tests need it.
struct FieldValue {
    enum Kind: UInt8 {
        case missing, null, `false`, `true`
        /// Its bytes in the event, between the quotes, are its characters.
        case string
        /// Its characters are among the decoded ones.
        case decoded
        /// An Int64.
        case integer
        /// Any other number.
        case decimal
        case array, object
    }

    var kind = Kind.missing
    /// Which event it is of.
    var epoch: UInt32 = 0
    /// Where its bytes are: a string's without the quotes. Of an object or array only the start counts.
    var start: Int32 = 0
    var end: Int32 = 0
    /// The number; of an object or array its word in the index.
    var integer: Int64 = 0

    static let missing = FieldValue()
}

/// Reads single values of an event. Nothing is allocated, but that strings with escapes are decoded into bytes that
/// grow.
struct ValueReader {
    /// The strings with escapes of the event that is being read, decoded, one behind the other.
    var decoded: [UInt8] = []

    /// The value at a word of the index.
    @inline(__always)
    mutating func value(at word: Int, of document: borrowing JSONDocument) -> FieldValue {
        let bytes = document.bytes.span
        let start = document.start(of: word)
        var value = FieldValue()
        value.start = Int32(truncatingIfNeeded: start)
        switch bytes[start] {
        case UInt8(ascii: "\""): string(bytes, from: start + 1, into: &value)
        case UInt8(ascii: "{"):
            value.kind = .object
            value.integer = Int64(word)
        case UInt8(ascii: "["):
            value.kind = .array
            value.integer = Int64(word)
        case UInt8(ascii: "t"): value.kind = .true
        case UInt8(ascii: "f"): value.kind = .false
        case UInt8(ascii: "n"): value.kind = .null
        default: Self.number(bytes, from: start, into: &value)
        }
        return value
    }

    @inline(__always)
    private mutating func string(_ bytes: Span<UInt8>, from start: Int, into value: inout FieldValue) {
        let end = bytes.firstMark(from: start)
        value.start = Int32(truncatingIfNeeded: start)
        value.end = Int32(truncatingIfNeeded: end)
        value.kind = .string
        if end < bytes.count, bytes[end] != UInt8(ascii: "\"") { decode(bytes, from: start, into: &value) }
    }

    private mutating func decode(_ bytes: Span<UInt8>, from start: Int, into value: inout FieldValue) {
        let first = decoded.count
        JSONEscapes.decode(bytes, from: start, into: &decoded)
        value.kind = .decoded
        value.start = Int32(truncatingIfNeeded: first)
        value.end = Int32(truncatingIfNeeded: decoded.count)
    }

    @inline(__always)
    private static func number(_ bytes: Span<UInt8>, from start: Int, into value: inout FieldValue) {
        let isNegative = bytes[start] == UInt8(ascii: "-")
        var place = isNegative ? start + 1 : start
        let first = place
        var number: Int64 = 0
        while place < bytes.count, bytes[place] &- 0x30 < 10, place - first < 18 {
            number = number &* 10 &+ Int64(bytes[place] &- 0x30)
            place += 1
        }
        value.kind = .integer
        value.integer = isNegative ? -number : number
        if place < bytes.count, isPart(bytes[place]) { rest(bytes, from: start, place, into: &value) }
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }

    /// A number that is more than a few digits.
    private static func rest(_ bytes: Span<UInt8>, from start: Int, _ place: Int, into value: inout FieldValue) {
        var end = place
        while end < bytes.count,
            isPart(bytes[end]) || bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+")
        {
            end += 1
        }
        value.end = Int32(truncatingIfNeeded: end)
        switch Number(checked: bytes.extracting(start..<end)) {
        case .integer(let number): value.integer = number
        case .decimal: value.kind = .decimal
        }
    }
}
