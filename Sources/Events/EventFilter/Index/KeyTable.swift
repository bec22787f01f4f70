internal import JSON

/// The keys that filters are found by, and which of them an event has.
struct KeyTable: ~Copyable {
    typealias Key = Int32

    private enum Shape: UInt8 {
        case text, number, null, `false`, `true`, present
        case elementText, elementNumber, elementNull, elementFalse, elementTrue
        case prefix
        case above, atLeast, below, atMost
    }

    private struct Entry {
        var field: FieldTable.Field = 0
        var shape = Shape.text
        var uses: Int32 = 0
        var number = Number.integer(0)
    }

    /// The keys of one field.
    private struct Overview {
        /// How many there are of strings, numbers, elements.
        var texts: Int32 = 0
        var numbers: Int32 = 0
        var elements: Int32 = 0
        /// By number of the kind: null, false, true; and of what is present at all.
        var kinds: (Key, Key, Key) = (-1, -1, -1)
        var present: Key = -1
        /// Bit n: there are prefixes of n bytes.
        var prefixLengths: UInt64 = 0
        var prefixes: [Int32] = []
        var above = Thresholds()
        var below = Thresholds()
    }

    private var entries: ContiguousArray<Entry> = []
    /// Of keys with strings.
    private var texts: ContiguousArray<Text> = []
    private var byHash = IDTable()
    private var free: [Key] = []
    private var overviews: ContiguousArray<Overview> = []
    private let keyed = KeyedHash()

    init() {}

    var count: Int { byHash.count }

    // MARK: Keys

    /// Takes a key that exists, or makes it; its field stays in the table as long as the key.
    mutating func add(_ key: AccessKey, fields: inout FieldTable) -> Key {
        let field = fields.add(key.path.names)
        while overviews.count <= Int(field) { overviews.append(Overview()) }
        let (shape, text, number) = Self.parts(key)
        let hash = hash(field, shape, text, number)
        let found = byHash.find(hash) { isKey($0, field, shape, text, number) }
        if found >= 0 {
            entries[Int(found)].uses += 1
            fields.remove(field)
            return found
        }
        let new = free.popLast() ?? Key(entries.count)
        if Int(new) == entries.count {
            entries.append(Entry())
            texts.append("")
        }
        entries[Int(new)] = Entry(field: field, shape: shape, uses: 1, number: number)
        texts[Int(new)] = text
        do {
            let (entries, texts, keyed) = (entries, texts, keyed)
            byHash.insert(new, hash) { Self.hash($0, entries, texts, keyed) }
        }
        note(new, by: 1)
        return new
    }

    mutating func remove(_ key: Key, fields: inout FieldTable) {
        entries[Int(key)].uses -= 1
        guard entries[Int(key)].uses == 0 else { return }
        note(key, by: -1)
        do {
            let (entries, texts, keyed) = (entries, texts, keyed)
            byHash.remove(key, Self.hash(key, entries, texts, keyed)) { Self.hash($0, entries, texts, keyed) }
        }
        texts[Int(key)] = ""
        fields.remove(entries[Int(key)].field)
        free.append(key)
    }

    /// Whether an event may have many of its kind at once, so that it stands at the beginning of a way only.
    func isOrder(_ key: Key) -> Bool { entries[Int(key)].shape.rawValue >= Shape.above.rawValue }

    /// How many keys there are of the key's field: the more, the fewer events have one.
    func variety(_ key: Key) -> Int32 {
        let overview = overviews[Int(entries[Int(key)].field)]
        return overview.texts + overview.numbers + overview.elements
    }

    private static func parts(_ key: AccessKey) -> (Shape, Text, Number) {
        let none = Number.integer(0)
        switch key {
        case .value(_, .string(let text)): return (.text, text, none)
        case .value(_, .number(let number)): return (.number, "", number)
        case .value(_, .null): return (.null, "", none)
        case .value(_, .boolean(let value)): return (value ? .true : .false, "", none)
        case .element(_, .string(let text)): return (.elementText, text, none)
        case .element(_, .number(let number)): return (.elementNumber, "", number)
        case .element(_, .null): return (.elementNull, "", none)
        case .element(_, .boolean(let value)): return (value ? .elementTrue : .elementFalse, "", none)
        case .prefix(_, let text): return (.prefix, text, none)
        case .above(_, let number, let orEqual): return (orEqual ? .atLeast : .above, "", number)
        case .below(_, let number, let orEqual): return (orEqual ? .atMost : .below, "", number)
        case .present: return (.present, "", none)
        }
    }

    private mutating func note(_ key: Key, by change: Int32) {
        let entry = entries[Int(key)]
        let field = Int(entry.field)
        let own = change > 0 ? key : -1
        switch entry.shape {
        case .text: overviews[field].texts += change
        case .number: overviews[field].numbers += change
        case .null: overviews[field].kinds.0 = own
        case .false: overviews[field].kinds.1 = own
        case .true: overviews[field].kinds.2 = own
        case .present: overviews[field].present = own
        case .elementText, .elementNumber, .elementNull, .elementFalse, .elementTrue:
            overviews[field].elements += change
        case .prefix:
            let length = texts[Int(key)].bytes.count
            if overviews[field].prefixes.isEmpty {
                overviews[field].prefixes = Array(repeating: 0, count: AccessKey.longestPrefix + 1)
            }
            overviews[field].prefixes[length] += change
            if overviews[field].prefixes[length] > 0 {
                overviews[field].prefixLengths |= 1 << UInt64(length)
            } else {
                overviews[field].prefixLengths &= ~(1 << UInt64(length))
            }
        case .above, .atLeast:
            let threshold = Threshold(number: entry.number, orEqual: entry.shape == .atLeast, key: key)
            overviews[field].above.change(threshold, isAdded: change > 0)
        case .below, .atMost:
            let threshold = Threshold(number: entry.number, orEqual: entry.shape == .atMost, key: key)
            overviews[field].below.change(threshold, isAdded: change > 0)
        }
    }

    // MARK: Hashes

    private func hash(_ field: Int32, _ shape: Shape, _ text: Text, _ number: Number) -> UInt64 {
        Self.hash(field, shape, text, number, keyed)
    }

    private static func hash(
        _ key: Key, _ entries: ContiguousArray<Entry>, _ texts: ContiguousArray<Text>, _ keyed: KeyedHash
    ) -> UInt64 {
        let entry = entries[Int(key)]
        return hash(entry.field, entry.shape, texts[Int(key)], entry.number, keyed)
    }

    private static func hash(
        _ field: Int32, _ shape: Shape, _ text: Text, _ number: Number, _ keyed: KeyedHash
    ) -> UInt64 {
        let start = start(field, shape, keyed)
        switch shape {
        case .text, .elementText, .prefix: return keyed.mix(start, text.bytes.span, from: 0, to: text.bytes.count)
        default: return hash(start, number, keyed)
        }
    }

    @inline(__always)
    private static func start(_ field: Int32, _ shape: Shape, _ keyed: KeyedHash) -> UInt64 {
        keyed.start(Int(field) << 8 | Int(shape.rawValue))
    }

    @inline(__always)
    private static func hash(_ start: UInt64, _ number: Number, _ keyed: KeyedHash) -> UInt64 {
        switch number {
        case .integer(let value): return keyed.mix(start, UInt64(bitPattern: value))
        case .decimal(let value):
            let coefficient = keyed.mix(start, UInt64(truncatingIfNeeded: value.coefficient))
            return keyed.mix(coefficient, UInt64(truncatingIfNeeded: value.exponent))
        }
    }

    @inline(__always)
    private func isKey(_ key: Key, _ field: Int32, _ shape: Shape, _ text: Text, _ number: Number) -> Bool {
        let entry = entries[Int(key)]
        return entry.field == field && entry.shape == shape && entry.number == number && texts[Int(key)] == text
    }

    // MARK: Events

    /// Appends the keys that an event has, which `fields` has read: to `orders` those of which it may have many.
    func find(
        in document: borrowing JSONDocument, fields: inout FieldTable, keys: inout ContiguousArray<Key>,
        orders: inout ContiguousArray<Key>
    ) {
        for place in 0..<fields.found.count {
            let field = fields.found[place]
            guard Int(field) < overviews.count else { continue }
            find(fields[field], field, document, &fields, &keys, &orders)
        }
    }

    @inline(__always)
    private func find(
        _ value: FieldValue, _ field: FieldTable.Field, _ document: borrowing JSONDocument, _ fields: inout FieldTable,
        _ keys: inout ContiguousArray<Key>, _ orders: inout ContiguousArray<Key>
    ) {
        let place = Int(field)
        if overviews[place].present >= 0 { keys.append(overviews[place].present) }
        switch value.kind {
        case .string, .decoded:
            if overviews[place].texts > 0 { append(text(value, field, .text, fields, document), to: &keys) }
            if overviews[place].prefixLengths != 0 { prefixes(value, field, fields, document, &keys) }
        case .integer, .decimal:
            if let number = value.number(document) { self.number(number, field, &keys, &orders) }
        case .null: append(overviews[place].kinds.0, to: &keys)
        case .false: append(overviews[place].kinds.1, to: &keys)
        case .true: append(overviews[place].kinds.2, to: &keys)
        case .array: if overviews[place].elements > 0 { elements(value, field, &fields, document, &keys) }
        case .object, .missing: break
        }
    }

    @inline(__always)
    private func append(_ key: Key, to keys: inout ContiguousArray<Key>) { if key >= 0 { keys.append(key) } }

    @inline(__always)
    private func text(
        _ value: FieldValue, _ field: FieldTable.Field, _ shape: Shape, _ fields: borrowing FieldTable,
        _ document: borrowing JSONDocument
    ) -> Key {
        let source = value.kind == .decoded ? fields.reader.decoded.span : document.bytes.span
        let text = source.extracting(value.bytes)
        return find(text, Self.start(field, shape, keyed), field, shape)
    }

    @inline(__always)
    private func find(_ text: Span<UInt8>, _ start: UInt64, _ field: FieldTable.Field, _ shape: Shape) -> Key {
        byHash.find(keyed.mix(start, text, from: 0, to: text.count)) {
            entries[Int($0)].field == field && entries[Int($0)].shape == shape && texts[Int($0)].isEqual(text)
        }
    }

    private func prefixes(
        _ value: FieldValue, _ field: FieldTable.Field, _ fields: borrowing FieldTable,
        _ document: borrowing JSONDocument, _ keys: inout ContiguousArray<Key>
    ) {
        let source = value.kind == .decoded ? fields.reader.decoded.span : document.bytes.span
        let text = source.extracting(value.bytes)
        let start = Self.start(field, .prefix, keyed)
        var lengths = overviews[Int(field)].prefixLengths
        while lengths != 0 {
            let length = lengths.trailingZeroBitCount
            guard length <= text.count else { return }
            append(find(text.extracting(first: length), start, field, .prefix), to: &keys)
            lengths &= lengths - 1
        }
    }

    private func number(_ number: Number, _ field: FieldTable.Field, _ shape: Shape) -> Key {
        byHash.find(Self.hash(Self.start(field, shape, keyed), number, keyed)) {
            entries[Int($0)].field == field && entries[Int($0)].shape == shape && entries[Int($0)].number == number
        }
    }

    private func number(
        _ number: Number, _ field: FieldTable.Field, _ keys: inout ContiguousArray<Key>,
        _ orders: inout ContiguousArray<Key>
    ) {
        let place = Int(field)
        if overviews[place].numbers > 0 { append(self.number(number, field, .number), to: &keys) }
        overviews[place].above.appendBelow(number, to: &orders)
        overviews[place].below.appendAbove(number, to: &orders)
    }

    private func elements(
        _ value: FieldValue, _ field: FieldTable.Field, _ fields: inout FieldTable, _ document: borrowing JSONDocument,
        _ keys: inout ContiguousArray<Key>
    ) {
        let content = document.content(of: Int(value.integer))
        let first = keys.count
        var word = content.lowerBound
        while word < content.upperBound {
            let mark = fields.reader.decoded.count
            let element = fields.reader.value(at: word, of: document)
            let key: Key =
                switch element.kind {
                case .string, .decoded: text(element, field, .elementText, fields, document)
                case .integer, .decimal: element.number(document).map { number($0, field, .elementNumber) } ?? -1
                case .null: number(.integer(0), field, .elementNull)
                case .false: number(.integer(0), field, .elementFalse)
                case .true: number(.integer(0), field, .elementTrue)
                case .array, .object, .missing: -1
                }
            fields.reader.decoded.removeLast(fields.reader.decoded.count - mark)
            // A list may have the same element more than once; there are as many keys as filters name at most.
            if key >= 0, !keys[first...].contains(key) { keys.append(key) }
            word = document.next(after: word)
        }
    }
}
