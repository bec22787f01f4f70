/// The value of one header field: bytes, which are text only if they are valid UTF-8.
public struct HTTPFieldValue: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The value as text, or nil when its bytes are not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// The value as text, with a replacement character where its bytes are not UTF-8.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// The header fields of a request, in the order they came. Names are compared without regard to the case of ASCII
/// letters (RFC 9110, section 5.1).
public struct HTTPHeaders: Sendable {
    /// Where a field's name and value stand in `storage`.
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    let storage: [UInt8]
    let fields: [Field]

    init(storage: [UInt8], fields: [Field]) {
        self.storage = storage
        self.fields = fields
    }

    /// Fields made by hand, as tests do.
    public init(_ pairs: [(String, String)]) {
        var storage: [UInt8] = []
        var fields: [Field] = []
        for (name, value) in pairs {
            let start = storage.count
            storage += name.utf8
            let middle = storage.count
            storage += value.utf8
            fields.append(Field(name: start..<middle, value: middle..<storage.count))
        }
        self.init(storage: storage, fields: fields)
    }

    public var count: Int { fields.count }

    /// The first field of this name, or nil when there is none.
    public subscript(name: String) -> HTTPFieldValue? {
        fields.first { matches($0, name) }.map { HTTPFieldValue(bytes: Array(storage[$0.value])) }
    }

    /// Every field of this name, in order.
    public func all(_ name: String) -> [HTTPFieldValue] {
        var values: [HTTPFieldValue] = []
        for field in fields where matches(field, name) {
            values.append(HTTPFieldValue(bytes: Array(storage[field.value])))
        }
        return values
    }

    /// Whether there is a field of this name.
    public func has(_ name: String) -> Bool { fields.contains { matches($0, name) } }

    /// The values of every field of this name as one list (RFC 9110, section 5.3); nil when there is none.
    public func joined(_ name: String) -> String? {
        var list: String?
        for field in fields where matches(field, name) {
            let value = String(decoding: storage[field.value], as: UTF8.self)
            list = list.map { "\($0),\(value)" } ?? value
        }
        return list
    }

    /// Whether one of the comma-separated elements of the fields of this name is `token` (ASCII case does not matter).
    public func contains(_ name: String, token: String) -> Bool {
        fields.contains { field in
            matches(field, name)
                && storage[field.value].split(separator: UInt8(ascii: ",")).contains { element in
                    equalsIgnoringCase(element.trimmingOptionalWhitespace, token)
                }
        }
    }

    /// Name and value of every field, in order.
    public var pairs: [(name: String, value: HTTPFieldValue)] {
        fields.map { field in
            (String(decoding: storage[field.name], as: UTF8.self), HTTPFieldValue(bytes: Array(storage[field.value])))
        }
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        field.name.count == name.utf8.count && equalsIgnoringCase(storage[field.name], name)
    }
}

extension ArraySlice<UInt8> {
    /// Without the spaces and tabs at both ends (RFC 9110, section 5.6.3).
    var trimmingOptionalWhitespace: ArraySlice<UInt8> {
        var slice = self
        while let byte = slice.first, byte == 0x20 || byte == 0x09 { slice.removeFirst() }
        while let byte = slice.last, byte == 0x20 || byte == 0x09 { slice.removeLast() }
        return slice
    }
}

/// Whether the bytes are the ASCII text, letters compared without case.
func equalsIgnoringCase(_ bytes: some Collection<UInt8>, _ text: String) -> Bool {
    bytes.count == text.utf8.count && zip(bytes, text.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
