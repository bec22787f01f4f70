/// A request over HTTP/2, as it was received. Field names are in lower case, and the rules of RFC 9113, section 8 are kept.
public struct HTTP2Request: Hashable, Sendable {
    /// Where a field's name and value stand in `storage`.
    public struct Field: Hashable, Sendable {
        public let name: Range<Int>
        public let value: Range<Int>
    }

    public internal(set) var method = ""
    /// The path with its query; empty in a request that has none (CONNECT).
    public internal(set) var path = ""
    /// The `:authority`; nil where it is missing.
    public internal(set) var authority: String?
    /// The bytes of the fields.
    public internal(set) var storage: [UInt8] = []
    /// The fields but for those of HTTP/2 itself, in the order they came.
    public internal(set) var fields: [Field] = []
    public internal(set) var body: [UInt8] = []

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let start = storage.count
        unsafe storage += name
        let middle = storage.count
        unsafe storage += value
        fields.append(Field(name: start..<middle, value: middle..<storage.count))
    }
}

/// Why a request is not handed on.
public enum HTTP2Refusal: Hashable, Sendable {
    case headTooLarge, tooManyFields, bodyTooLarge
}
