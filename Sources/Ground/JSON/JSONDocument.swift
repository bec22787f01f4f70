/// A JSON text, fully checked once, with an index of its values. The bytes stay as they are: a value is a range of them.
///
/// Values are nodes in the order of the text; an object's members are pairs of nodes, a string for the name and then the
/// value. Nothing is decoded until it is asked for.
public struct JSONDocument: Sendable {
    public let bytes: [UInt8]
    /// The first is the whole value.
    public let nodes: ContiguousArray<JSONNode>

    /// - Throws: at anything that RFC 8259 doesn't allow, at a byte order mark, at invalid UTF-8, at nesting deeper than
    ///   `depth`, and at texts longer than 2 GiB.
    public init(_ bytes: [UInt8], depth: Int = 64) throws(JSONError) {
        self.bytes = bytes
        nodes = try JSONScanner.index(bytes, depth: depth)
    }

    public typealias Index = Int

    public subscript(_ index: Index) -> JSONNode { nodes[index] }

    public var root: Index { 0 }

    /// The value's bytes in the text, a string's with its quotes.
    public func text(of index: Index) -> ArraySlice<UInt8> { bytes[nodes[index].start..<nodes[index].end] }

    /// An object's members in order (none for any other value).
    public func members(of index: Index) -> [(name: Index, value: Index)] {
        guard nodes[index].kind == .object else { return [] }
        var result: [(name: Index, value: Index)] = []
        var name = index + 1
        while name < nodes[index].next {
            result.append((name, name + 1))
            name = nodes[name + 1].next
        }
        return result
    }

    /// An array's elements in order (none for any other value).
    public func elements(of index: Index) -> [Index] {
        guard nodes[index].kind == .array else { return [] }
        var result: [Index] = []
        var element = index + 1
        while element < nodes[index].next {
            result.append(element)
            element = nodes[element].next
        }
        return result
    }

    /// Whether the value is this string, decoded. Nothing is allocated for a string without escapes.
    public func isString(_ index: Index, _ other: StaticString) -> Bool {
        nodes[index].kind == .string && string(at: index, equals: other)
    }

    /// The value of an object's member. Where a name stands more than once the last one counts, as in JavaScript.
    public func member(_ name: StaticString, of index: Index) -> Index? {
        guard nodes[index].kind == .object else { return nil }
        var found: Index?
        var key = index + 1
        while key < nodes[index].next {
            if string(at: key, equals: name) { found = key + 1 }
            key = nodes[key + 1].next
        }
        return found
    }

    /// The value of an object's member; see above.
    public func member(_ name: some StringProtocol, of index: Index) -> Index? {
        guard nodes[index].kind == .object else { return nil }
        var found: Index?
        var key = index + 1
        while key < nodes[index].next {
            if string(at: key, equals: name) { found = key + 1 }
            key = nodes[key + 1].next
        }
        return found
    }

    /// The value at a path of member names from the root.
    public func value(at path: [String]) -> Index? {
        var index: Index? = root
        for name in path { index = index.flatMap { member(name, of: $0) } }
        return index
    }

    /// A string's characters; nil for any other value.
    public func string(_ index: Index?) -> String? {
        guard let index, nodes[index].kind == .string else { return nil }
        let content = bytes[nodes[index].start + 1..<nodes[index].end - 1]
        return nodes[index].isEscaped ? JSONEscapes.decode(content) : String(decoding: content, as: UTF8.self)
    }

    /// A number that is an integer in the range of Int64, written without fraction and exponent; else nil.
    public func integer(_ index: Index?) -> Int64? {
        guard let index, nodes[index].kind == .number else { return nil }
        return Int64(String(decoding: text(of: index), as: UTF8.self))
    }

    public func boolean(_ index: Index?) -> Bool? {
        guard let index else { return nil }
        return switch nodes[index].kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    private func string(at index: Index, equals other: some StringProtocol) -> Bool {
        let node = nodes[index]
        if node.isEscaped { return string(index)?.unicodeScalars.elementsEqual(other.unicodeScalars) ?? false }
        return bytes[node.start + 1..<node.end - 1].elementsEqual(other.utf8)
    }

    private func string(at index: Index, equals other: StaticString) -> Bool {
        let node = nodes[index]
        if node.isEscaped { return string(at: index, equals: other.description) }
        guard node.end - node.start - 2 == other.utf8CodeUnitCount else { return false }
        return other.withUTF8Buffer { name in
            // Lifetime: the buffer is read within this closure only.
            for i in 0..<name.count where unsafe bytes[node.start + 1 + i] != name[i] { return false }
            return true
        }
    }
}

/// One value of a JSON text.
public struct JSONNode: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable { case object, array, string, number, `true`, `false`, null }

    public let kind: Kind
    /// Of a string: whether its text has a backslash, so that its characters are not its bytes.
    public let isEscaped: Bool
    private let lower: Int32
    fileprivate(set) var upper: Int32
    fileprivate(set) var following: Int32

    init(_ kind: Kind, isEscaped: Bool = false, start: Int, end: Int, next: Int) {
        self.kind = kind
        self.isEscaped = isEscaped
        lower = Int32(truncatingIfNeeded: start)
        upper = Int32(truncatingIfNeeded: end)
        following = Int32(truncatingIfNeeded: next)
    }

    mutating func close(end: Int, next: Int) {
        upper = Int32(truncatingIfNeeded: end)
        following = Int32(truncatingIfNeeded: next)
    }

    /// Byte offset of the value's first byte.
    public var start: Int { Int(lower) }
    /// Byte offset after its last byte.
    public var end: Int { Int(upper) }
    /// The index of the node after this value and all that is in it.
    public var next: Int { Int(following) }
}
