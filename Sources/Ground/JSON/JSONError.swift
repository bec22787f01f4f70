/// Why bytes are not a JSON text (RFC 8259), and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case invalidUTF8
        case invalidEscape
        case invalidNumber
        case controlCharacter
        case tooDeep(limit: Int)
        case tooLong(limit: Int)
        case trailingBytes
    }

    public var reason: Reason
    /// Byte offset from the start of the text.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
            case .invalidUTF8: "invalid UTF-8"
            case .invalidEscape: "invalid escape in a string"
            case .invalidNumber: "invalid number"
            case .controlCharacter: "a control character must be escaped in a string"
            case .tooDeep(let limit): "nested deeper than \(limit) levels"
            case .tooLong(let limit): "longer than \(limit) bytes"
            case .trailingBytes: "something follows the value"
            }
        return "\(what) at byte \(offset)"
    }
}
