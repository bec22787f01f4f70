/// A JSON text, fully checked once, with an index of its values. The bytes stay as they are: a value is a range of
/// them.
///
/// A value is named by its word in the index (`JSONIndex`). Nothing is decoded until it is asked for.
public struct JSONDocument: Sendable {
    /// The bytes that the text is in; there may be others around it.
    public let bytes: [UInt8]
    @usableFromInline let index: [UInt16]
    /// The index's first word.
    @usableFromInline let first: Int
    /// The byte that the index counts from: where the text begins, with what is blank before its value.
    public let base: Int
    @usableFromInline let isWide: Bool
    /// Whether a member's name is written with an escape somewhere in the text.
    public let hasEscapedNames: Bool

    public typealias Index = Int

    /// - Throws: at anything that RFC 8259 doesn't allow, at a byte order mark, at invalid UTF-8, at nesting deeper
    /// than
    ///   `depth`, and at texts longer than 2 GiB.
    public init(_ bytes: [UInt8], depth: Int = 64) throws(JSONError) {
        var scanner = JSONScanner()
        try self.init(bytes, depth: depth, scanner: &scanner)
    }

    /// With a scanner that is used again.
    public init(_ bytes: [UInt8], depth: Int, scanner: inout JSONScanner) throws(JSONError) {
        scanner.removeAll()
        try scanner.scanAll(bytes.span, depth: depth)
        self.init(bytes, index: scanner.index(ofTextOf: bytes.count))
    }

    /// A text that was scanned before.
    ///
    /// - Parameters:
    ///   - base: where in `bytes` the text begins that was scanned.
    ///   - index: holds the text's index.
    ///   - first: where in `index` its flags are.
    public init(_ bytes: [UInt8], base: Int = 0, index: [UInt16], at first: Int = 0) {
        self.bytes = bytes
        self.base = base
        self.index = index
        self.first = first + 1
        let flags = JSONIndex.Flags(rawValue: index[first])
        isWide = flags.contains(.wide)
        hasEscapedNames = flags.contains(.escapedNames)
    }

    // MARK: The index

    // Filters read the index of every event, so what leads through it is inlined there.

    @inlinable @inline(__always)
    func word(_ place: Int) -> Int {
        isWide
            ? Int(index[first + 2 * place]) | Int(index[first + 2 * place + 1]) << 16 : Int(index[first + place])
    }

    /// The whole value.
    public var root: Index { 0 }

    /// How many words of the index a value and all that is in it have.
    @inlinable @inline(__always)
    public func wordCount(of index: Index) -> Int { isContainer(index) ? 3 + contentCount(of: index) : 1 }

    /// How many words the content of an object or array has.
    @inlinable @inline(__always)
    func contentCount(of container: Index) -> Int { word(container + 1) }

    /// Byte offset of the value's first byte.
    @inlinable @inline(__always)
    public func start(of index: Index) -> Int { base + word(index) }

    /// Byte offset after the value's last byte.
    public func end(of index: Index) -> Int {
        switch kind(of: index) {
        case .object, .array: base + word(index + 2)
        case .string: endOfString(at: start(of: index)).end
        case .number: endOfNumber(at: start(of: index))
        case .true, .null: start(of: index) + 4
        case .false: start(of: index) + 5
        }
    }

    public func kind(of index: Index) -> JSONNode.Kind {
        switch bytes[start(of: index)] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"): .true
        case UInt8(ascii: "f"): .false
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    @inlinable @inline(__always)
    func isContainer(_ index: Index) -> Bool {
        let byte = bytes[start(of: index)]
        return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
    }

    /// Where an object's first name or an array's first element is, if it has any.
    @inlinable @inline(__always)
    public func content(of container: Index) -> Range<Index> { container + 3..<container + 3 + word(container + 1) }

    /// The value or name after this value.
    @inlinable @inline(__always)
    public func next(after index: Index) -> Index { index + wordCount(of: index) }

    public subscript(_ index: Index) -> JSONNode {
        let kind = kind(of: index)
        let start = start(of: index)
        guard kind == .string else {
            return JSONNode(
                kind: kind, isEscaped: false, start: start, end: end(of: index), next: next(after: index))
        }
        let (end, isEscaped) = endOfString(at: start)
        return JSONNode(kind: kind, isEscaped: isEscaped, start: start, end: end, next: index + 1)
    }

    /// The text was checked, so every string in it ends.
    private func endOfString(at start: Int) -> (end: Int, isEscaped: Bool) {
        let bytes = bytes.span
        var place = start + 1
        var isEscaped = false
        while place < bytes.count {
            place = JSONReader.passPlainCharacters(bytes, from: place)
            guard place < bytes.count else { break }
            switch bytes[place] {
            case UInt8(ascii: "\""): return (place + 1, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                place += 2
            default: place += 1
            }
        }
        return (bytes.count, isEscaped)
    }

    private func endOfNumber(at start: Int) -> Int {
        var place = start + 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                place += 1
            default: return place
            }
        }
        return place
    }

    // MARK: Objects and arrays

    /// Calls `body` with each member's name and the byte where the name's characters begin. For what looks at every
    /// event: nothing is allocated, and the loop is inlined there.
    @inlinable @inline(__always)
    public func forEachMember(of object: Index, _ body: (_ name: Index, _ start: Int) -> Void) {
        guard !isWide else {
            let content = content(of: object)
            var name = content.lowerBound
            while name < content.upperBound {
                body(name, start(of: name) + 1)
                name = next(after: name + 1)
            }
            return
        }
        let words = index.span
        let text = bytes.span
        var place = first &+ object &+ 3
        let end = place &+ Int(words[first &+ object &+ 1])
        while place < end {
            body(place &- first, base &+ Int(words[place]) &+ 1)
            // An object or array has two more words, and its content's.
            let isContainer = text[base &+ Int(words[place &+ 1])] | 0x20 == UInt8(ascii: "{")
            place &+= isContainer ? 4 &+ Int(words[place &+ 2]) : 2
        }
    }

    /// The value's bytes in the text, a string's with its quotes.
    public func text(of index: Index) -> ArraySlice<UInt8> { bytes[start(of: index)..<end(of: index)] }

    /// An object's members in order (none for any other value).
    public func members(of index: Index) -> [(name: Index, value: Index)] {
        guard kind(of: index) == .object else { return [] }
        var result: [(name: Index, value: Index)] = []
        let content = content(of: index)
        var name = content.lowerBound
        while name < content.upperBound {
            result.append((name, name + 1))
            name = next(after: name + 1)
        }
        return result
    }

    /// An array's elements in order (none for any other value).
    public func elements(of index: Index) -> [Index] {
        guard kind(of: index) == .array else { return [] }
        var result: [Index] = []
        let content = content(of: index)
        var element = content.lowerBound
        while element < content.upperBound {
            result.append(element)
            element = next(after: element)
        }
        return result
    }

    /// Whether the value is this string, decoded. Nothing is allocated for a string without escapes.
    public func isString(_ index: Index, _ other: StaticString) -> Bool {
        guard kind(of: index) == .string else { return false }
        return isPlain(index, other) || self[index].isEscaped && string(index) == other.description
    }

    /// The value of an object's member. Where a name stands more than once the last one counts, as in JavaScript.
    public func member(_ name: StaticString, of index: Index) -> Index? {
        guard kind(of: index) == .object else { return nil }
        var found: Index?
        forEachMember(of: index) { key, _ in
            if isName(key, name) { found = key + 1 }
        }
        return found
    }

    /// The value of an object's member; see above.
    public func member(named name: some StringProtocol, of index: Index) -> Index? {
        guard kind(of: index) == .object else { return nil }
        var found: Index?
        let content = content(of: index)
        var key = content.lowerBound
        while key < content.upperBound {
            if isName(key, text: name) { found = key + 1 }
            key = next(after: key + 1)
        }
        return found
    }

    /// Whether a member's name is this one, decoded.
    @inlinable @inline(__always)
    public func isName(_ index: Index, _ other: StaticString) -> Bool {
        isPlain(index, other) || hasEscapedNames && isString(index, other)
    }

    /// Whether a member's name is this one, decoded.
    public func isName(_ index: Index, text other: some StringProtocol) -> Bool {
        let start = start(of: index) + 1
        let end = start + other.utf8.count
        if end < bytes.count, bytes[end] == UInt8(ascii: "\""), bytes[start..<end].elementsEqual(other.utf8) {
            // What has a quote or a backslash in it may be found in the bytes of several strings, or be no string's.
            return other.utf8.allSatisfy { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        }
        return hasEscapedNames && self[index].isEscaped
            && string(index)?.unicodeScalars.elementsEqual(other.unicodeScalars) == true
    }

    /// Whether a member's name has these bytes, decoded. For names without escapes nothing is allocated.
    public func isName(_ index: Index, bytes other: [UInt8]) -> Bool {
        let start = start(of: index) + 1
        guard hasEscapedNames, self[index].isEscaped else {
            return start + other.count < bytes.count && bytes[start + other.count] == UInt8(ascii: "\"")
                && bytes[start..<start + other.count].elementsEqual(other)
                && !other.contains(UInt8(ascii: "\""))
        }
        var decoded: [UInt8] = []
        JSONEscapes.decode(bytes.span, from: start, into: &decoded)
        return decoded == other
    }

    /// Whether a value is a string that is written as these characters, without an escape.
    public func isText(_ index: Index, _ other: String) -> Bool {
        let other = other.utf8.span
        let text = bytes.span
        let start = start(of: index) &+ 1
        // Most that are another text end elsewhere.
        guard start &+ other.count < text.count, text[start &- 1] == UInt8(ascii: "\""),
            text[start &+ other.count] == UInt8(ascii: "\"")
        else { return false }
        for place in other.indices {
            let byte = other[place]
            guard text[start &+ place] == byte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                return false
            }
        }
        return true
    }

    /// Whether a string is written as these characters, none of which needs an escape.
    @inlinable @inline(__always)
    func isPlain(_ index: Index, _ other: StaticString) -> Bool {
        let text = bytes.span
        let start = start(of: index) &+ 1
        let count = other.utf8CodeUnitCount
        // Most that are another name end elsewhere.
        guard start &+ count < text.count, text[start &+ count] == UInt8(ascii: "\"") else { return false }
        for place in 0..<count {
            // `place` is below the number of the literal's bytes.
            guard unsafe text[start &+ place] == other.utf8Start[place] else { return false }
        }
        return true
    }

    /// The value at a path of member names from the root.
    public func value(at path: [String]) -> Index? {
        var index: Index? = root
        for name in path { index = index.flatMap { member(named: name, of: $0) } }
        return index
    }

    // MARK: Values

    /// A string's characters; nil for any other value.
    public func string(_ index: Index?) -> String? {
        guard let index, kind(of: index) == .string else { return nil }
        let (end, isEscaped) = endOfString(at: start(of: index))
        let content = bytes[start(of: index) + 1..<end - 1]
        return isEscaped ? JSONEscapes.decode(content) : String(decoding: content, as: UTF8.self)
    }

    /// A number that is an integer in the range of Int64, written without fraction and exponent; else nil.
    public func integer(_ index: Index?) -> Int64? {
        guard let index, kind(of: index) == .number else { return nil }
        return Int64(String(decoding: text(of: index), as: UTF8.self))
    }

    public func boolean(_ index: Index?) -> Bool? {
        guard let index else { return nil }
        return switch kind(of: index) {
        case .true: true
        case .false: false
        default: nil
        }
    }
}
