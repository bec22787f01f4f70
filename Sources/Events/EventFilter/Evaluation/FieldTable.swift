internal import JSON

/// The fields that live filters name, as a tree of names, and what they have in the event that was read last.
///
/// Reading walks over the names of those objects only that some path leads into: it costs what the event has there, not
/// how many fields are named. Where an object has a name twice the last one counts, as in JavaScript.
struct FieldTable: ~Copyable {
    /// A field's number; those taken out are given again.
    typealias Field = Int32

    struct Node {
        var parent: Field
        /// Filters that name this field.
        var uses: Int32 = 0
        /// Fields right below it.
        var children: Int32 = 0
        /// Of which event `word` is.
        var epoch: UInt32 = 0
        var word: Int32 = 0
        /// The first bytes of the children's names, modulo 64: most names of an event are none of them.
        var firstBytes: UInt64 = 0
        /// Where the trail of its members' names begins; -1 where it has none.
        var trail: Int32 = -1
    }

    private var nodes = Row(repeating: Node(parent: -1), count: 1)
    private var names: ContiguousArray<Text> = [""]
    private var values = Row(repeating: FieldValue.missing, count: 1)
    private var byName = IDTable()
    private var free: [Field] = []
    private let hash = KeyedHash()
    private(set) var epoch: UInt32 = 0
    /// The most bytes of an event that are loaded beforehand.
    private static let touchedBytes = 4096
    private var trails = NameTrails()
    /// Fields of the object that is walked over which lead to others.
    private var leading = Row<Field>()
    private var open = Row<Field>()
    var reader = ValueReader()

    /// The fields that the event has, of those that filters name.
    private(set) var found = Row<Field>()

    init() {}

    // MARK: Fields

    /// How many fields are named, with those that only lead to others.
    var count: Int { byName.count }

    mutating func add(_ path: [Text]) -> Field {
        var field: Field = 0
        for name in path {
            let hash = hash(of: name, below: field)
            var child = find(name, hash, below: field)
            if child < 0 {
                if let free = free.popLast() {
                    child = free
                } else {
                    child = Field(nodes.count)
                    nodes.append(Node(parent: 0))
                    names.append("")
                    values.append(.missing)
                }
                forgetTrails()
                nodes[Int(child)] = Node(parent: field)
                names[Int(child)] = name
                values[Int(child)] = .missing
                nodes[Int(field)].children += 1
                nodes[Int(field)].firstBytes |= Self.bit(name.bytes.first ?? UInt8(ascii: "\""))
                byName.insert(child, hash)
            }
            field = child
        }
        nodes[Int(field)].uses += 1
        return field
    }

    mutating func remove(_ field: Field) {
        nodes[Int(field)].uses -= 1
        var field = field
        while field > 0, nodes[Int(field)].uses == 0, nodes[Int(field)].children == 0 {
            let parent = nodes[Int(field)].parent
            forgetTrails()
            byName.remove(field, hash(of: names[Int(field)], below: parent))
            names[Int(field)] = ""
            values[Int(field)] = .missing
            free.append(field)
            nodes[Int(parent)].children -= 1
            if nodes[Int(parent)].children == 0 { nodes[Int(parent)].firstBytes = 0 }
            field = parent
        }
    }

    /// What is named has changed.
    private mutating func forgetTrails() { for owner in trails.removeAll() { nodes[Int(owner)].trail = -1 } }

    private func hash(of name: Text, below field: Field) -> UInt64 {
        hash.mix(hash.start(Int(field)), name.bytes.span, from: 0, to: name.bytes.count)
    }

    private func find(_ name: Text, _ hash: UInt64, below field: Field) -> Field {
        byName.find(hash) { nodes[Int($0)].parent == field && names[Int($0)] == name }
    }

    @inline(__always)
    private static func bit(_ byte: UInt8) -> UInt64 { 1 << UInt64(byte & 63) }

    // MARK: Reading

    /// The field's value in the event, which is read when it is first asked for: of many events it never is.
    @inline(__always)
    mutating func value(_ field: Field, _ document: borrowing JSONDocument) -> FieldValue {
        let place = Int(field)
        guard nodes[place].epoch == epoch else { return .missing }
        if values[place].epoch == epoch { return values[place] }
        var value = reader.value(at: Int(nodes[place].word), of: document)
        value.epoch = epoch
        // `value` is given, not the row's copy: the processor would wait where a value written in pieces is read as a whole.
        values[place] = value
        return value
    }

    /// The field's value in the event, where it was read (`value`).
    @inline(__always)
    subscript(_ field: Field) -> FieldValue {
        let value = values[Int(field)]
        return value.epoch == epoch ? value : .missing
    }

    /// Finds the named fields in an event.
    mutating func read(_ document: borrowing JSONDocument) {
        begin()
        guard nodes[0].children > 0, document.bytes[document.start(of: document.root)] == UInt8(ascii: "{") else {
            return
        }
        touch(document)
        nodes[0].word = Int32(document.root)
        open.append(0)
        while let field = open.popLast() {
            leading.removeAll()
            if document.hasEscapedNames {
                walkDecoding(Int(nodes[Int(field)].word), of: document, below: field)
            } else {
                walk(Int(nodes[Int(field)].word), of: document, below: field)
            }
            for place in 0..<leading.count where isObject(leading[place], document) { open.append(leading[place]) }
        }
    }

    /// Loads the text's cache lines, all at once: members are found one after the other, and each of them would wait for its line.
    private mutating func touch(_ document: borrowing JSONDocument) {
        let bytes = document.bytes.span
        // Known without a look at the index, whose lines come at the same time.
        var place = document.base
        let end = min(document.end(of: document.root), place + Self.touchedBytes)
        var sum: UInt8 = 0
        while place < end {
            sum &+= bytes[place]
            place += 64
        }
        leading.append(Field(sum))
        leading.removeAll()
    }

    private mutating func begin() {
        // Once in 4 billion events the numbers begin anew.
        if epoch == .max {
            for place in values.indices {
                values[place].epoch = 0
                nodes[place].epoch = 0
            }
            epoch = 0
        }
        epoch += 1
        found.removeAll()
        if !reader.decoded.isEmpty { reader.decoded.removeAll(keepingCapacity: true) }
    }

    @inline(__always)
    private func isObject(_ field: Field, _ document: borrowing JSONDocument) -> Bool {
        document.bytes[document.start(of: Int(nodes[Int(field)].word))] == UInt8(ascii: "{")
    }

    /// Notes which members of an object are named. No name in it has an escape.
    private mutating func walk(_ object: Int, of document: borrowing JSONDocument, below parent: Field) {
        let start = hash.start(Int(parent))
        let firstBytes = nodes[Int(parent)].firstBytes
        if nodes[Int(parent)].trail < 0 { nodes[Int(parent)].trail = trails.make(for: parent) }
        var trail = trails.begin(nodes[Int(parent)].trail)
        let bytes = document.bytes.span
        let raw = unsafe bytes.bytes
        document.forEachMember(of: object) { name, place in
            guard firstBytes & Self.bit(bytes[place]) != 0 else { return }
            if bytes.count &- place >= 16, let field = trails.field(&trail, raw, at: place) {
                if field >= 0 { note(field, name + 1) }
                return
            }
            // A checked text has the quote that ends the name.
            let end = bytes.firstMark(from: place)
            let field = find(hash.mix(start, bytes, from: place, to: end), bytes.extracting(place..<end), below: parent)
            trails.note(field, &trail, raw, at: place, length: end - place)
            if field >= 0 { note(field, name + 1) }
        }
    }

    /// The same where names may have escapes.
    private mutating func walkDecoding(_ object: Int, of document: borrowing JSONDocument, below parent: Field) {
        let bytes = document.bytes
        document.forEachMember(of: object) { name, place in
            var decoded: [UInt8] = []
            JSONEscapes.decode(bytes.span, from: place, into: &decoded)
            let hash = hash.mix(hash.start(Int(parent)), decoded.span, from: 0, to: decoded.count)
            let field = find(hash, decoded.span, below: parent)
            if field >= 0 { note(field, name + 1) }
        }
    }

    @inline(__always)
    private func find(_ hash: UInt64, _ name: Span<UInt8>, below parent: Field) -> Field {
        byName.find(hash) { nodes[Int($0)].parent == parent && names[Int($0)].isEqual(name) }
    }

    @inline(__always)
    private mutating func note(_ field: Field, _ word: Int) {
        if nodes[Int(field)].epoch != epoch {
            nodes[Int(field)].epoch = epoch
            if nodes[Int(field)].uses > 0 { found.append(field) }
            if nodes[Int(field)].children > 0 { leading.append(field) }
        }
        nodes[Int(field)].word = Int32(truncatingIfNeeded: word)
    }
}
