internal import Events
internal import JSON

/// What two events have in common that are one and the same: `meta.stream` and `meta.id`, as a hash of 128 bits (FNV-1a), so that an
/// index of many takes little memory. Nobody wins anything by making two that are equal: who may post events of a stream may post
/// the id itself.
struct EventKey: Hashable, Sendable {
    private(set) var value: UInt128

    /// Where the key's search in a table of a power of two begins.
    var hash: Int { Int(truncatingIfNeeded: value >> 64 ^ value) }

    init(stream: String, id: String) {
        self.init()
        for byte in stream.utf8 { add(byte) }
        add(Self.separator)
        for byte in id.utf8 { add(byte) }
    }

    /// Nil where the event has no such members.
    init?(_ event: Event) {
        let document = event.document
        guard let meta = document.member("meta", of: document.root),
            let stream = document.member("stream", of: meta), let id = document.member("id", of: meta)
        else { return nil }
        self.init()
        guard add(stream, of: document) else { return nil }
        add(Self.separator)
        guard add(id, of: document) else { return nil }
    }

    private init() { value = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D }

    /// Stands in no UTF-8.
    private static let separator: UInt8 = 0xFF

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013B
    }

    /// Adds a string; false for any other value.
    private mutating func add(_ index: JSONDocument.Index, of document: JSONDocument) -> Bool {
        let node = document[index]
        guard node.kind == .string else { return false }
        if node.isEscaped {
            for byte in (document.string(index) ?? "").utf8 { add(byte) }
        } else {
            let bytes = document.bytes.span
            for place in node.start + 1..<node.end - 1 { add(bytes[place]) }
        }
        return true
    }
}
