public import Events
internal import JSON

/// Which values some fields have in a number of events: for each field a filter of hashes (Bloom's). It may say yes to a value
/// that none has, and never no to one that one has.
public struct ValueSummary: Hashable, Sendable {
    /// 512 bits for each field.
    private static let words = 8
    /// So many bits are set for a value.
    private static let bitsOfValue = 4
    /// With more bits set a field says yes to too much: it says yes to all.
    private static let mostBits = 384

    private var bits: [UInt64]

    public init(_ fields: SummaryFields) { bits = Array(repeating: 0, count: Self.wordCount(fields)) }

    /// The same from what `words` was, of the same fields. Nil where it is of other ones.
    public init?(words: [UInt64], _ fields: SummaryFields) {
        guard words.count == Self.wordCount(fields) else { return nil }
        bits = words
    }

    /// All that it knows, to be kept.
    public var words: [UInt64] { bits }

    /// How many words a summary of these fields has.
    public static func wordCount(_ fields: SummaryFields) -> Int { fields.paths.count * words }

    /// What it takes in memory, in bytes.
    public var cost: Int { bits.count * 8 + 32 }

    /// Whether an event for which a filter holds may be among those summed up.
    public func mayMeet(_ needs: FilterNeeds) -> Bool {
        needs.ways.contains { way in way.allSatisfy { mayHave($0.hash, $0.field) } }
    }

    private func mayHave(_ hash: UInt64, _ field: Int) -> Bool {
        var set = true
        Self.forEachBit(of: hash) { set = set && bits[field * Self.words + $0 >> 6] & 1 << UInt64($0 & 63) != 0 }
        return set
    }

    fileprivate mutating func insert(_ hash: UInt64, _ field: Int) {
        var words = bits.mutableSpan
        Self.forEachBit(of: hash) { words[field * Self.words + $0 >> 6] |= 1 << UInt64($0 & 63) }
    }

    /// To be called when all events are in: gives up what is too full to say anything.
    public mutating func finish() {
        for first in stride(from: 0, to: bits.count, by: Self.words) {
            let field = first..<first + Self.words
            guard bits[field].reduce(0, { $0 + $1.nonzeroBitCount }) > Self.mostBits else { continue }
            for word in field { bits[word] = .max }
        }
    }

    @inline(__always)
    private static func forEachBit(of hash: UInt64, _ body: (Int) -> Void) {
        for number in 0..<UInt64(bitsOfValue) {
            body(Int(truncatingIfNeeded: hash >> (number * 9)) & (words * 64 - 1))
        }
    }

    // MARK: Hashes

    static func hash(_ literal: Literal) -> UInt64 {
        switch literal {
        case .null: hash(0, [])
        case .boolean(let value): hash(value ? 2 : 1, [])
        case .number(let number): hash(number)
        case .string(let text): hash(3, text.bytes.span)
        }
    }

    fileprivate static func hash(_ number: Number) -> UInt64 { hash(4, Array(number.description.utf8).span) }

    /// FNV-1a of 64 bits, stirred (as MurmurHash3 ends). Whoever makes values that collide makes others' searches longer, as
    /// long as they would be without a summary.
    fileprivate static func hash(_ kind: UInt8, _ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = (0xCBF2_9CE4_8422_2325 ^ UInt64(kind)) &* 0x100_0000_01B3
        for place in bytes.indices { hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ hash >> 33
    }

    private static func hash(_ kind: UInt8, _ none: [UInt8]) -> UInt64 { hash(kind, none.span) }
}

/// Sums up events.
public struct SummaryMaker: ~Copyable {
    private let fields: SummaryFields
    private var table = FieldTable()
    /// The table's numbers of the fields, in their order.
    private var numbers: [FieldTable.Field] = []

    public init(_ fields: SummaryFields) {
        self.fields = fields
        for path in fields.paths { numbers.append(table.add(path.names)) }
    }

    /// A summary of no event, to add to.
    public var empty: ValueSummary { ValueSummary(fields) }

    /// Adds the values that an event has.
    public mutating func add(_ event: borrowing Event, to summary: inout ValueSummary) {
        table.read(event.document)
        for (place, number) in numbers.enumerated() {
            if let hash = hash(table.value(number, event.document), event.document) { summary.insert(hash, place) }
        }
    }

    /// Nil for lists and objects, which equal no literal.
    private func hash(_ value: FieldValue, _ document: borrowing JSONDocument) -> UInt64? {
        switch value.kind {
        case .missing, .array, .object: nil
        case .null: ValueSummary.hash(.null)
        case .true: ValueSummary.hash(.boolean(true))
        case .false: ValueSummary.hash(.boolean(false))
        case .integer, .decimal: value.number(document).map { ValueSummary.hash($0) }
        case .string: ValueSummary.hash(3, document.bytes.span.extracting(value.bytes))
        case .decoded: ValueSummary.hash(3, table.reader.decoded.span.extracting(value.bytes))
        }
    }
}
