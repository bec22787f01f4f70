/// Reads JSON texts strictly (RFC 8259), one after the other, each in one pass without recursion, and writes down where
/// its values are. The list is one buffer that grows and is used again, so a scan allocates nothing by itself.
///
/// What it writes is described at the head of `JSONIndex.swift`; here each word has 32 bits.
@safe public struct JSONScanner: ~Copyable {
    // Allocated here, grown by `grow`, freed by `deinit`; the words below `count` are initialized.
    private var words: UnsafeMutablePointer<UInt32>
    private var capacity: Int
    /// How many words the texts scanned since `removeAll` have.
    public private(set) var count = 0
    /// Whether the text scanned last has a member whose name is written with an escape.
    public private(set) var hasEscapedNames = false

    /// The longest text.
    public static let maximumBytes = Int(Int32.max)

    /// - Parameter capacity: the words there is room for at first.
    public init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        unsafe words = .allocate(capacity: self.capacity)
    }

    deinit { unsafe words.deallocate() }

    /// Forgets the texts scanned so far, and keeps the buffer.
    public mutating func removeAll() { count = 0 }

    /// A word of the list.
    public subscript(_ index: Int) -> UInt32 {
        precondition(index >= 0 && index < count)
        return unsafe words[index]
    }

    /// Appends the list's words, each of which fits in 16 bits.
    func appendNarrow(to index: inout [UInt16]) {
        let count = count
        index.reserveCapacity(index.count + count)
        for place in 0..<count {
            // The words below `count` are initialized.
            unsafe index.append(UInt16(truncatingIfNeeded: words[place]))
        }
    }

    private static func grow(_ words: inout UnsafeMutablePointer<UInt32>, _ capacity: inout Int, _ count: Int) {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        unsafe larger.moveInitialize(from: words, count: count)
        unsafe words.deallocate()
        unsafe words = larger
        capacity *= 2
    }

    /// Scans one value, and adds what is in it to the list.
    ///
    /// - Parameters:
    ///   - start: where it begins, or the white space before it.
    ///   - base: the byte that the words count from.
    ///   - limit: the most levels of objects and arrays.
    /// - Returns: the byte after the value's last one.
    /// - Throws: where the bytes are not one value and then anything. The offset is the one in `bytes`.
    public mutating func scan(
        _ bytes: Span<UInt8>, from start: Int = 0, base: Int = 0, depth limit: Int
    ) throws(JSONError) -> Int {
        guard bytes.count < Self.maximumBytes else { throw JSONError(.tooLong(limit: Self.maximumBytes), at: 0) }
        var reader = JSONReader(position: start)
        // The list as local variables, which the compiler keeps in registers.
        var (words, capacity, count) = unsafe (self.words, self.capacity, self.count)
        defer { unsafe (self.words, self.capacity, self.count) = (words, capacity, count) }
        let first = count
        // The innermost object or array that is open; its second word names the one around it until it is closed.
        var parent = -1
        var isObject = false
        var depth = 0
        var hasEscapedNames = false
        defer { self.hasEscapedNames = hasEscapedNames }

        values: while true {
            // A member's name or a value begins here. They take four words at most.
            if capacity - count < 4 { unsafe Self.grow(&words, &capacity, count) }
            if isObject {
                _ = try reader.token(bytes)
                // There is room for four words.
                unsafe words[count] = UInt32(truncatingIfNeeded: reader.position &- base)
                count &+= 1
                if try reader.memberName(bytes) { hasEscapedNames = true }
            }
            let byte = try reader.token(bytes)
            let place = reader.position
            // There is room for three words more.
            unsafe words[count] = UInt32(truncatingIfNeeded: place &- base)
            count &+= 1
            if byte == UInt8(ascii: "\"") {
                _ = try reader.string(bytes)
            } else if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-") {
                try reader.number(bytes)
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                guard depth < limit else { throw JSONError(.tooDeep(limit: limit), at: place) }
                unsafe words[count] = UInt32(truncatingIfNeeded: parent)
                parent = count &- 1
                count &+= 2
                depth &+= 1
                isObject = byte == UInt8(ascii: "{")
                reader.position &+= 1
                if try reader.token(bytes) != byte &+ 2 { continue values }
            } else {
                try reader.literal(bytes)
            }
            // A value has ended: close what ends here, or go on to the next value.
            while parent >= 0 {
                let byte = try reader.token(bytes)
                if byte == UInt8(ascii: ","), count > parent &+ 3 {
                    reader.position &+= 1
                    continue values
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte(byte), at: reader.position)
                }
                reader.position &+= 1
                // `parent` is a word of the list, and two follow it.
                let outer = unsafe Int(Int32(bitPattern: words[parent &+ 1]))
                unsafe words[parent &+ 1] = UInt32(truncatingIfNeeded: count &- parent &- 3)
                unsafe words[parent &+ 2] = UInt32(truncatingIfNeeded: reader.position &- base)
                parent = outer
                depth &-= 1
                isObject = parent >= first ? unsafe bytes[Int(words[parent]) + base] == UInt8(ascii: "{") : false
            }
            return reader.position
        }
    }

    /// Scans a text that is one value with white space around it.
    public mutating func scanAll(_ bytes: Span<UInt8>, depth limit: Int) throws(JSONError) {
        var rest = JSONReader(position: try scan(bytes, depth: limit))
        rest.skipWhitespace(bytes)
        guard rest.position == bytes.count else { throw JSONError(.trailingBytes, at: rest.position) }
    }
}
