internal import JSON

/// The keys that filters are found by, and which of them an event has.
struct KeyTable: ~Copyable {
    typealias Key = Int32

    enum Shape: UInt8 {
        /// `number` and `elementNumber` are Int64s, `decimal` and `elementDecimal` all other numbers.
        case text, number, decimal, null, `false`, `true`, present
        case elementText, elementNumber, elementDecimal, elementNull, elementFalse, elementTrue
        case prefix, suffix, part
    }

    struct Entry {
        var field: FieldTable.Field = 0
        var shape = Shape.text
        var uses: Int32 = 0
        var integer: Int64 = 0
    }

    /// What is looked up for each key that an event has.
    struct Mark {
        /// The event that had it last.
        var epoch: UInt32 = 0
        /// The node where ways begin with it; -1 where none does.
        var start: Int32 = -1
        var kind: Kind = 0
    }

    /// Of which field and shape a key is, in short: keys of different kinds are different ones.
    typealias Kind = UInt8

    /// A key that the event has.
    struct Found {
        var key: Key
        var kind: Kind
    }

    /// The strings that are looked for within one field's.
    struct Parts: ~Copyable {
        let field: FieldTable.Field
        var starts = PartStarts()
        /// How many ways begin with one of them: then every event is looked at, else those that come to a node where it is
        /// asked for.
        var ways: Int32 = 0

        init(field: FieldTable.Field) { self.field = field }
    }

    /// The keys of one field.
    struct Overview {
        /// How many there are of strings, numbers, elements.
        var texts: Int32 = 0
        var numbers: Int32 = 0
        var elements: Int32 = 0
        /// By number of the kind: null, false, true; and of what is present at all.
        var kinds: (Key, Key, Key) = (-1, -1, -1)
        var present: Key = -1
        /// Their places among `ends`; -1 where there are none.
        var prefixes: Int32 = -1
        var suffixes: Int32 = -1
        /// Its place among `parts`; -1 where it has none.
        var parts: Int32 = -1
        /// How many keys there are that an event is asked for at once, but `present`: where there are none its value is not
        /// read.
        var asked: Int32 = 0
    }

    private var entries = Row<Entry>()
    private var marks = Row<Mark>()
    /// Of keys with strings, and with numbers that are no Int64.
    private var texts: ContiguousArray<Text> = []
    private var decimals: [Key: Number] = [:]
    private var byHash = IDTable()
    private var free: [Key] = []
    private var overviews = Row<Overview>()
    /// The beginnings and the ends that are looked for of one field's strings.
    private var ends = Row<PartStarts>()
    private var parts = Row<Parts>()
    /// Which of them have been looked for in the event, modulo 64.
    private var scanned: UInt64 = 0
    private var candidates = Row<PartStarts.Candidate>()
    private let keyed = KeyedHash()
    /// The keys of the event that is looked at.
    private(set) var found = Row<Found>()

    init() {}

    var count: Int { byHash.count }

    // MARK: Keys

    /// Takes a key that exists, or makes it; its field stays in the table as long as the key.
    mutating func add(_ key: AccessKey, fields: inout FieldTable) -> Key {
        let field = fields.add(key.path.names)
        while overviews.count <= Int(field) { overviews.append(Overview()) }
        let (shape, text, number) = Self.contents(key)
        let hash = hash(field, shape, text, number)
        let found = byHash.find(hash) {
            isKey($0, field, shape) && texts[Int($0)] == text
                && (number == nil || isNumber($0, number))
        }
        if found >= 0 {
            entries[Int(found)].uses += 1
            fields.remove(field)
            return found
        }
        let new = free.popLast() ?? Key(entries.count)
        if Int(new) == entries.count {
            entries.append(Entry())
            marks.append(Mark())
            texts.append("")
        }
        entries[Int(new)] = Entry(field: field, shape: shape, uses: 1)
        switch number {
        case .integer(let value): entries[Int(new)].integer = value
        case .decimal: decimals[new] = number
        case nil: break
        }
        marks[Int(new)] = Mark(kind: Self.kind(field, shape))
        texts[Int(new)] = text
        byHash.insert(new, hash)
        note(new, by: 1)
        return new
    }

    mutating func remove(_ key: Key, fields: inout FieldTable) {
        entries[Int(key)].uses -= 1
        guard entries[Int(key)].uses == 0 else { return }
        note(key, by: -1)
        byHash.remove(key, hash(of: key))
        texts[Int(key)] = ""
        decimals[key] = nil
        fields.remove(entries[Int(key)].field)
        free.append(key)
    }

    /// How many keys there are of the key's field: the more, the fewer events have one.
    func variety(_ key: Key) -> Int32 {
        let entry = entries[Int(key)]
        let overview = overviews[Int(entry.field)]
        return switch entry.shape {
        case .prefix, .suffix: Int32.max
        // To look for parts takes longest, so it comes last.
        case .part: -1
        default: overview.texts + overview.numbers + overview.elements
        }
    }

    /// The node where ways begin with a key, or -1.
    @inline(__always)
    func start(_ key: Key) -> Int32 { marks[Int(key)].start }

    mutating func setStart(_ key: Key, _ node: Int32) {
        marks[Int(key)].start = node
        let number = partNumber(key)
        guard number >= 0 else { return }
        let change: Int32 = node >= 0 ? 1 : -1
        parts[number].ways += change
        overviews[Int(entries[Int(key)].field)].asked += change
    }

    /// Where the key's field is among `parts`, where it is a part of a string; else -1.
    private func partNumber(_ key: Key) -> Int {
        let entry = entries[Int(key)]
        return entry.shape == .part ? Int(overviews[Int(entry.field)].parts) : -1
    }

    /// What is to be looked for, so that it is known whether an event has a key: see `look`.
    func bits(_ key: Key) -> UInt64 {
        let number = partNumber(key)
        return number < 0 ? 0 : 1 << UInt64(number & 63)
    }

    func kind(_ key: Key) -> Kind { marks[Int(key)].kind }

    private static func kind(_ field: FieldTable.Field, _ shape: Shape) -> Kind {
        Kind(truncatingIfNeeded: Int(field) &* 15 &+ Int(shape.rawValue))
    }

    private static func contents(_ key: AccessKey) -> (Shape, Text, Number?) {
        switch key {
        case .value(_, .string(let text)): (.text, text, nil)
        case .value(_, .number(let number)): (number.isInteger ? .number : .decimal, "", number)
        case .value(_, .null): (.null, "", nil)
        case .value(_, .boolean(let value)): (value ? .true : .false, "", nil)
        case .element(_, .string(let text)): (.elementText, text, nil)
        case .element(_, .number(let number)): (number.isInteger ? .elementNumber : .elementDecimal, "", number)
        case .element(_, .null): (.elementNull, "", nil)
        case .element(_, .boolean(let value)): (value ? .elementTrue : .elementFalse, "", nil)
        case .prefix(_, let text): (.prefix, text, nil)
        case .suffix(_, let text): (.suffix, text, nil)
        case .part(_, let text): (.part, text, nil)
        case .present: (.present, "", nil)
        }
    }

    private mutating func note(_ key: Key, by change: Int32) {
        let entry = entries[Int(key)]
        let field = Int(entry.field)
        let own = change > 0 ? key : -1
        switch entry.shape {
        case .present, .part: break
        default: overviews[field].asked += change
        }
        switch entry.shape {
        case .text: overviews[field].texts += change
        case .number, .decimal: overviews[field].numbers += change
        case .null: overviews[field].kinds.0 = own
        case .false: overviews[field].kinds.1 = own
        case .true: overviews[field].kinds.2 = own
        case .present: overviews[field].present = own
        case .elementText, .elementNumber, .elementDecimal, .elementNull, .elementFalse, .elementTrue:
            overviews[field].elements += change
        case .prefix:
            if overviews[field].prefixes < 0 {
                overviews[field].prefixes = Int32(ends.count)
                ends.append(PartStarts())
            }
            ends[Int(overviews[field].prefixes)].change(texts[Int(key)], by: change)
        case .suffix:
            if overviews[field].suffixes < 0 {
                overviews[field].suffixes = Int32(ends.count)
                ends.append(PartStarts(isAtEnd: true))
            }
            ends[Int(overviews[field].suffixes)].change(texts[Int(key)], by: change)
        case .part:
            if overviews[field].parts < 0 {
                overviews[field].parts = Int32(parts.count)
                parts.append(Parts(field: entry.field))
            }
            parts[Int(overviews[field].parts)].starts.change(texts[Int(key)], by: change)
        }
    }

    // MARK: Hashes

    private func hash(_ field: Int32, _ shape: Shape, _ text: Text, _ number: Number?) -> UInt64 {
        Self.hash(field, shape, text, number, keyed)
    }

    private func hash(of key: Key) -> UInt64 {
        let entry = entries[Int(key)]
        return hash(entry.field, entry.shape, texts[Int(key)], decimals[key] ?? .integer(entry.integer))
    }

    private static func hash(
        _ field: Int32, _ shape: Shape, _ text: Text, _ number: Number?, _ keyed: KeyedHash
    ) -> UInt64 {
        let start = start(field, shape, keyed)
        switch shape {
        case .number, .elementNumber, .decimal, .elementDecimal: return hash(start, number ?? .integer(0), keyed)
        default: return keyed.mix(start, text.bytes.span, from: 0, to: text.bytes.count)
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
    private func isKey(_ key: Key, _ field: Int32, _ shape: Shape) -> Bool {
        entries[Int(key)].field == field && entries[Int(key)].shape == shape
    }

    @inline(__always)
    private func isNumber(_ key: Key, _ number: Number?) -> Bool {
        if case .integer(let value) = number { return entries[Int(key)].integer == value }
        return decimals[key] == number
    }

    // MARK: Events

    /// Whether the event has a key.
    @inline(__always)
    func has(_ key: Key, _ epoch: UInt32) -> Bool { marks[Int(key)].epoch == epoch }

    /// Numbers of events begin anew.
    mutating func restart() { for key in marks.indices { marks[key].epoch = 0 } }

    /// Finds the keys that an event has, which `fields` has read.
    mutating func find(in document: borrowing JSONDocument, fields: inout FieldTable) {
        found.removeAll()
        scanned = 0
        for place in 0..<fields.found.count {
            let field = fields.found[place]
            guard Int(field) < overviews.count else { continue }
            take(overviews[Int(field)].present, fields.epoch)
            guard overviews[Int(field)].asked > 0 else { continue }
            find(fields.value(field, document), field, document, &fields)
        }
    }

    /// An event may have a key more than once.
    @inline(__always)
    private mutating func take(_ key: Key, _ epoch: UInt32) {
        guard key >= 0, marks[Int(key)].epoch != epoch else { return }
        marks[Int(key)].epoch = epoch
        found.append(Found(key: key, kind: marks[Int(key)].kind))
    }

    @inline(__always)
    private mutating func find(
        _ value: FieldValue, _ field: FieldTable.Field, _ document: borrowing JSONDocument, _ fields: inout FieldTable
    ) {
        let place = Int(field)
        let epoch = fields.epoch
        switch value.kind {
        case .string: texts(document.bytes.span.extracting(value.bytes), field, epoch)
        case .decoded: texts(fields.reader.decoded.span.extracting(value.bytes), field, epoch)
        case .integer, .decimal:
            if overviews[place].numbers > 0, let number = value.number(document) {
                take(self.number(number, field, (.number, .decimal)), epoch)
            }
        case .null: take(overviews[place].kinds.0, epoch)
        case .false: take(overviews[place].kinds.1, epoch)
        case .true: take(overviews[place].kinds.2, epoch)
        case .array: if overviews[place].elements > 0 { elements(value, field, &fields, document) }
        case .object, .missing: break
        }
    }

    /// The keys that a string has.
    @inline(__always)
    private mutating func texts(_ text: Span<UInt8>, _ field: FieldTable.Field, _ epoch: UInt32) {
        let place = Int(field)
        if overviews[place].texts > 0 { take(find(text, field, .text), epoch) }
        let (prefixes, suffixes) = (Int(overviews[place].prefixes), Int(overviews[place].suffixes))
        if prefixes >= 0 {
            forEachLength(ends[prefixes].lengths(text), text) { $0.take($0.find($1, field, .prefix), epoch) }
        }
        if suffixes >= 0 {
            forEachLength(ends[suffixes].lengths(text), text, atEnd: true) {
                $0.take($0.find($1, field, .suffix), epoch)
            }
        }
        let number = Int(overviews[place].parts)
        if number >= 0, parts[number].ways > 0 { findParts(text, number, epoch) }
    }

    /// Calls `body` with the beginnings of a text, or its ends, of all lengths that the mask has a bit for.
    @inline(__always)
    private mutating func forEachLength(
        _ mask: UInt64, _ text: Span<UInt8>, atEnd: Bool = false, _ body: (inout KeyTable, Span<UInt8>) -> Void
    ) {
        var lengths = mask
        while lengths != 0 {
            let length = lengths.trailingZeroBitCount
            guard length <= text.count else { return }
            body(&self, atEnd ? text.extracting(last: length) : text.extracting(first: length))
            lengths &= lengths - 1
        }
    }

    /// Finds the parts that strings of the event have, as far as these bits name them (`bits`).
    @inline(__always)
    mutating func look(for bits: UInt64, in document: borrowing JSONDocument, _ fields: inout FieldTable) {
        if bits & ~scanned != 0 { find(bits & ~scanned, document, &fields) }
    }

    private mutating func find(
        _ bits: UInt64, _ document: borrowing JSONDocument, _ fields: inout FieldTable
    ) {
        for number in parts.indices where bits & 1 << UInt64(number & 63) != 0 {
            let value = fields.value(parts[number].field, document)
            switch value.kind {
            case .string: findParts(document.bytes.span.extracting(value.bytes), number, fields.epoch)
            case .decoded: findParts(fields.reader.decoded.span.extracting(value.bytes), number, fields.epoch)
            default: break
            }
        }
        scanned |= bits
    }

    private mutating func findParts(_ text: Span<UInt8>, _ number: Int, _ epoch: UInt32) {
        guard !parts[number].starts.isEmpty else { return }
        let field = parts[number].field
        candidates.removeAll()
        parts[number].starts.append(placesIn: text, to: &candidates)
        for number in 0..<candidates.count {
            forEachLength(candidates[number].lengths, text.extracting(candidates[number].place...)) {
                $0.take($0.find($1, field, .part), epoch)
            }
        }
    }

    // These change nothing. As `mutating` methods they are given where the table is; else the compiler (Swift 6.3) copies all
    // of it for each call.

    @inline(__always)
    private mutating func find(_ text: Span<UInt8>, _ field: FieldTable.Field, _ shape: Shape) -> Key {
        byHash.find(keyed.mix(Self.start(field, shape, keyed), text, from: 0, to: text.count)) {
            isKey($0, field, shape) && texts[Int($0)].isEqual(text)
        }
    }

    /// - Parameter shapes: of Int64s, and of other numbers.
    private mutating func number(_ number: Number, _ field: FieldTable.Field, _ shapes: (Shape, Shape)) -> Key {
        let shape = number.isInteger ? shapes.0 : shapes.1
        return byHash.find(Self.hash(Self.start(field, shape, keyed), number, keyed)) {
            isKey($0, field, shape) && isNumber($0, number)
        }
    }

    /// A key without a string and a number.
    private mutating func plain(_ field: FieldTable.Field, _ shape: Shape) -> Key {
        byHash.find(hash(field, shape, "", nil)) { isKey($0, field, shape) }
    }

    private mutating func elements(
        _ value: FieldValue, _ field: FieldTable.Field, _ fields: inout FieldTable, _ document: borrowing JSONDocument
    ) {
        let content = document.content(of: Int(value.integer))
        var word = content.lowerBound
        while word < content.upperBound {
            let mark = fields.reader.decoded.count
            let element = fields.reader.value(at: word, of: document)
            let key: Key =
                switch element.kind {
                case .string: find(document.bytes.span.extracting(element.bytes), field, .elementText)
                case .decoded: find(fields.reader.decoded.span.extracting(element.bytes), field, .elementText)
                case .integer, .decimal:
                    element.number(document).map { number($0, field, (.elementNumber, .elementDecimal)) } ?? -1
                case .null: plain(field, .elementNull)
                case .false: plain(field, .elementFalse)
                case .true: plain(field, .elementTrue)
                case .array, .object, .missing: -1
                }
            fields.reader.decoded.removeLast(fields.reader.decoded.count - mark)
            take(key, fields.epoch)
            word = document.next(after: word)
        }
    }
}
