/// One value of a JSON text.
public struct JSONNode: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable { case object, array, string, number, `true`, `false`, null }

    public let kind: Kind
    /// Of a string: whether its text has a backslash, so that its characters are not its bytes.
    public let isEscaped: Bool
    /// Byte offset of the value's first byte.
    public let start: Int
    /// Byte offset after its last byte.
    public let end: Int
    /// The value or name after this value and all that is in it.
    public let next: JSONDocument.Index
}
