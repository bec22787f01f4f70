/// Characters compared by their code points, as those of events are: Swift's strings are equal where they look alike.
struct Text: Hashable, Sendable {
    /// UTF-8.
    let bytes: [UInt8]

    init(_ string: some StringProtocol) { bytes = Array(string.utf8) }
    init(bytes: [UInt8]) { self.bytes = bytes }
}

extension Text: Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self.init(value) }

    var description: String { String(decoding: bytes, as: UTF8.self) }

    /// By bytes, which is by code points.
    static func < (a: Text, b: Text) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}
