/// Where the values of one JSON text are: a flat list of words, made by one scan of the text and kept beside its bytes.
///
///     index   := flags value
///     value   := start                        a string, a number, true, false or null
///              | start count end content      an object or array; `count` words of content follow these three
///     content := value …                     an array's elements, in order
///              | (name value) …              an object's members, in order; a name is a string
///
/// `start` and `end` are byte offsets from the text's beginning: of a value's first byte, and after its last. Of what kind a
/// value is, its first byte says; where a string or a number ends, its bytes say. A word has 16 bits. In an index that is
/// wide (of a text of 64 KiB or more) each word after the flags has 32: two of 16, the lower one first.
///
/// An event of Wikimedia's of 1.2 KB has about 70 words.
public enum JSONIndex {
    struct Flags: OptionSet {
        let rawValue: UInt16
        static let wide = Flags(rawValue: 1)
        /// A member's name has an escape: its bytes are not its characters.
        static let escapedNames = Flags(rawValue: 2)
    }

    /// Whether a text of so many bytes and words needs a wide index.
    static func needsWide(bytes: Int, words: Int) -> Bool { bytes > 0xFFFF || words > 0xFFFF }
}

extension JSONScanner {
    /// Appends the index of the text scanned last, which must be the only one since `removeAll`.
    ///
    /// - Parameter bytes: at least the text's length.
    public borrowing func appendIndex(ofTextOf bytes: Int, to index: inout [UInt16]) {
        var flags: JSONIndex.Flags = hasEscapedNames ? .escapedNames : []
        if JSONIndex.needsWide(bytes: bytes, words: count) {
            flags.insert(.wide)
            index.reserveCapacity(index.count + 1 + 2 * count)
            index.append(flags.rawValue)
            for place in 0..<count {
                index.append(UInt16(truncatingIfNeeded: self[place]))
                index.append(UInt16(truncatingIfNeeded: self[place] >> 16))
            }
        } else {
            index.append(flags.rawValue)
            appendNarrow(to: &index)
        }
    }

    /// The index of the text scanned last.
    public borrowing func index(ofTextOf bytes: Int) -> [UInt16] {
        var index: [UInt16] = []
        index.reserveCapacity(count + 1)
        appendIndex(ofTextOf: bytes, to: &index)
        return index
    }
}

/// Writes the index of a text that is made of parts of texts which have one.
public struct JSONIndexWriter {
    private let isWide: Bool
    private let first: Int

    /// - Parameters:
    ///   - bytes: at least the new text's length.
    ///   - words: at least the number of its words.
    ///   - index: where it is appended.
    public init(bytes: Int, words: Int, to index: inout [UInt16]) {
        isWide = JSONIndex.needsWide(bytes: bytes, words: words)
        first = index.count
        index.append(0)
    }

    /// How many words it has so far.
    public func count(_ index: [UInt16]) -> Int { (index.count - first - 1) >> (isWide ? 1 : 0) }

    @inline(__always)
    public func append(_ word: Int, to index: inout [UInt16]) {
        index.append(UInt16(truncatingIfNeeded: word))
        if isWide { index.append(UInt16(truncatingIfNeeded: word >> 16)) }
    }

    /// Begins an object or array at this byte. Returns its word, for `close`.
    public func open(at start: Int, to index: inout [UInt16]) -> Int {
        let word = count(index)
        append(start, to: &index)
        append(0, to: &index)
        append(0, to: &index)
        return word
    }

    /// - Parameters:
    ///   - word: what `open` gave.
    ///   - end: the byte after its last one.
    public func close(_ word: Int, end: Int, in index: inout [UInt16]) {
        let content = count(index) - word - 3
        set(word + 1, content, &index)
        set(word + 2, end, &index)
    }

    private func set(_ word: Int, _ value: Int, _ index: inout [UInt16]) {
        let place = first + 1 + (isWide ? 2 * word : word)
        index[place] = UInt16(truncatingIfNeeded: value)
        if isWide { index[place + 1] = UInt16(truncatingIfNeeded: value >> 16) }
    }

    /// Copies the values and names of a document from one word to before another. `shift` is added to each place.
    public func copy(
        _ words: Range<Int>, of document: JSONDocument, shift: Int, to index: inout [UInt16]
    ) {
        guard isWide || document.isWide else {
            return index.append(addingCapacity: words.count) { document.copyNarrow(words, shift: shift, to: &$0) }
        }
        var word = words.lowerBound
        while word < words.upperBound {
            let start = document.start(of: word)
            append(start + shift, to: &index)
            if document.isContainer(word) {
                append(document.contentCount(of: word), to: &index)
                append(document.end(of: word) + shift, to: &index)
                word += 3
            } else {
                word += 1
            }
        }
    }

    /// To be called at the end: whether one of the names that were copied has an escape.
    public func finish(hasEscapedNames: Bool, in index: inout [UInt16]) {
        var flags: JSONIndex.Flags = isWide ? .wide : []
        if hasEscapedNames { flags.insert(.escapedNames) }
        index[first] = flags.rawValue
    }
}

extension JSONDocument {
    /// Appends words of a narrow index, with `shift` added to each place.
    fileprivate func copyNarrow(_ words: Range<Int>, shift: Int, to copy: inout OutputSpan<UInt16>) {
        let index = index.span
        let text = bytes.span
        func shifted(_ word: UInt16) -> UInt16 { UInt16(truncatingIfNeeded: base &+ Int(word) &+ shift) }
        var place = first &+ words.lowerBound
        let end = first &+ words.upperBound
        while place < end {
            let start = index[place]
            copy.append(shifted(start))
            // `[` with this bit is `{`, and so is no other byte that a value begins with.
            if text[base &+ Int(start)] | 0x20 == UInt8(ascii: "{") {
                copy.append(index[place &+ 1])
                copy.append(shifted(index[place &+ 2]))
                place &+= 3
            } else {
                place &+= 1
            }
        }
    }
}
