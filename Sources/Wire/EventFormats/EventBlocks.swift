internal import Bytes

/// Finds the events in one piece of an event stream, from front to back, and where in it their id and data stand. It
/// copies nothing and decodes nothing: for counting many clients' events at the least cost. `EventStreamParser` is the
/// one that reads an event stream rightly and whole.
///
/// Line ends are LF, CRLF and CR. A byte order mark is not looked for: it hides the first line.
public struct EventBlocks {
    /// What a block of lines up to a blank one is.
    public struct Block: Hashable, Sendable {
        public enum Kind: UInt8, Hashable, Sendable {
            /// An event with data: `message`, or of a type that is not named here.
            case event
            /// An event of type `gap`, with data.
            case gap
            /// An event of type `error`, with data.
            case error
            /// An id without data.
            case progress
            /// Comments, a retry time, an event of type `notice`, or nothing.
            case silent
        }

        public var kind = Kind.silent
        /// The last id's value; nil: the block has none.
        public var id: Range<Int>?
        /// The last data line's value.
        public var data: Range<Int>?
        public var dataLines = 0
        fileprivate var type = Kind.event
    }

    private var ends = LineEnds()
    private var place = 0
    /// Where the block that is not whole begins: the first byte to keep for the next piece.
    public private(set) var rest = 0

    public init() {}

    /// The next whole block; nil: the piece has no further one. Call it with the same bytes each time.
    public mutating func next(in bytes: Span<UInt8>) -> Block? {
        var block = Block()
        while let end = ends.first(in: bytes, from: place) {
            var next = end + 1
            if bytes[end] == 0x0D {
                // Whether a line feed belongs to it is not known yet.
                guard next < bytes.count else { return nil }
                if bytes[next] == 0x0A { next += 1 }
            }
            let start = place
            place = next
            if end == start {
                rest = next
                block.kind = block.dataLines > 0 ? block.type : block.id == nil ? .silent : .progress
                return block
            }
            Self.take(bytes, start..<end, &block)
        }
        return nil
    }

    private static func take(_ bytes: Span<UInt8>, _ line: Range<Int>, _ block: inout Block) {
        switch bytes[line.lowerBound] {
        case UInt8(ascii: "d"):
            guard let value = value(of: "data", bytes, line) else { return }
            block.data = value
            block.dataLines += 1
        case UInt8(ascii: "i"):
            guard let value = value(of: "id", bytes, line) else { return }
            guard bytes.extracting(value).firstIndex(of: 0) == nil else { return }
            block.id = value
        case UInt8(ascii: "e"):
            guard let value = value(of: "event", bytes, line) else { return }
            block.type =
                isText("gap", bytes, value)
                ? .gap : isText("error", bytes, value) ? .error : isText("notice", bytes, value) ? .silent : .event
        default: break
        }
    }

    /// The value of a line whose field has this name.
    private static func value(of name: StaticString, _ bytes: Span<UInt8>, _ line: Range<Int>) -> Range<Int>? {
        let end = line.lowerBound + name.utf8CodeUnitCount
        guard end <= line.upperBound, isText(name, bytes, line.lowerBound..<end) else { return nil }
        if end == line.upperBound { return end..<end }
        guard bytes[end] == UInt8(ascii: ":") else { return nil }
        let start = end + 1
        return (start < line.upperBound && bytes[start] == 0x20 ? start + 1 : start)..<line.upperBound
    }

    private static func isText(_ text: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard text.utf8CodeUnitCount == range.count else { return false }
        return text.withUTF8Buffer { text in
            // Lifetime: the buffer is read within this closure only.
            for place in 0..<range.count where unsafe text[place] != bytes[range.lowerBound + place] { return false }
            return true
        }
    }
}
