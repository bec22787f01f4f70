internal import Events
internal import JSON

/// The identity of an event: a hash of 128 bits of `meta.stream` and `meta.id`. An index of hashes takes less memory than one of
/// the texts.
///
/// The hash begins with a number that nobody outside knows: whoever may post to one stream can't make an id there that stands for
/// another stream's event. It is different in each process, and written nowhere.
struct EventKey: Hashable, Sendable {
    private(set) var value: UInt128

    /// Where the key's search in a table of a power of two begins.
    var hash: Int { Int(truncatingIfNeeded: value >> 64 ^ value) }

    init(stream: String, id: String) {
        self.init()
        add(stream.utf8.span)
        add(id.utf8.span)
    }

    /// Nil where the event has no such members.
    init?(_ event: Event) {
        let document = event.document
        guard let meta = document.member("meta", of: document.root),
            let stream = document.member("stream", of: meta), let id = document.member("id", of: meta)
        else { return nil }
        self.init()
        guard add(stream, of: document), add(id, of: document) else { return nil }
    }

    private static let start = UInt128.random(in: .min ... .max)

    private init() { value = Self.start }

    /// Adds bytes and their number, eight at a time.
    private mutating func add(_ bytes: Span<UInt8>) {
        let raw = unsafe bytes.bytes
        var place = 0
        while bytes.count &- place >= 8 {
            // The load is checked against the span's bounds.
            add(unsafe raw.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(bytes[place])
            place &+= 1
        }
        add(rest << 8 | UInt64(bytes.count & 0xFF))
    }

    /// As FNV-1a does with a byte, by an odd number whose bits are evenly spread: so that each bit of a word reaches the upper half.
    private mutating func add(_ word: UInt64) {
        value = (value ^ UInt128(word)) &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835
    }

    /// Adds a string; false for any other value.
    private mutating func add(_ index: JSONDocument.Index, of document: JSONDocument) -> Bool {
        let node = document[index]
        guard node.kind == .string else { return false }
        if node.isEscaped {
            add((document.string(index) ?? "").utf8.span)
        } else {
            add(document.bytes.span.extracting(node.start + 1..<node.end - 1))
        }
        return true
    }
}
