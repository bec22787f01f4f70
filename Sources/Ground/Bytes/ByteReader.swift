/// Reads small files of the program's own: little-endian numbers and texts, one after the other. Nothing is read past the end.
package struct ByteReader {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    package var isAtEnd: Bool { rest.isEmpty }

    /// Bytes that are left.
    package var count: Int { rest.count }

    package mutating func byte() -> UInt8? { rest.popFirst() }

    /// The next bytes, so many; nil where there are fewer.
    package mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return rest.prefix(count)
    }

    package mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        bytes(Number.bitWidth / 8)?.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    /// A text of so many bytes; nil where they are no UTF-8.
    package mutating func text(_ length: Int) -> String? {
        bytes(length).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// The number's bytes, the lowest first.
    package mutating func append(littleEndian number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
