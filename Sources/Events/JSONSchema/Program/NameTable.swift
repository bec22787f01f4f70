/// The names that schemas of objects know, found by their bytes: a hash table for each such schema, one behind the other.
///
/// The names of events are looked for, those of the schema are fixed, so nobody can make a search long.
struct NameTable: Sendable {
    /// One schema's table.
    struct Part: Sendable {
        var first: Int32 = 0
        /// The number of its slots less one; -1 for a table without names.
        var mask: Int32 = -1
    }

    private struct Slot {
        var hash: UInt64 = 0
        var start: Int32 = 0
        var end: Int32 = 0
        /// Free where it is -1.
        var value: Int32 = -1
    }

    private var slots: ContiguousArray<Slot> = []
    private var bytes: ContiguousArray<UInt8> = []
    private var names: ContiguousArray<Range<Int32>> = []

    /// Adds a name to the list of names.
    mutating func add(_ name: String) -> Int32 {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: name.utf8)
        names.append(start..<Int32(bytes.count))
        return Int32(names.count - 1)
    }

    func name(_ number: Int32) -> String {
        let range = names[Int(number)]
        return String(decoding: bytes[Int(range.lowerBound)..<Int(range.upperBound)], as: UTF8.self)
    }

    /// Makes a table of names, each of which is found with its value.
    mutating func makePart(_ entries: [(name: Int32, value: Int32)]) -> Part {
        guard !entries.isEmpty else { return Part() }
        var size = 2
        while size < entries.count * 2 { size *= 2 }
        let part = Part(first: Int32(slots.count), mask: Int32(size - 1))
        slots.append(contentsOf: repeatElement(Slot(), count: size))
        for entry in entries {
            let range = names[Int(entry.name)]
            let hash = Self.hash(bytes.span, from: Int(range.lowerBound), to: Int(range.upperBound))
            var place = Int(truncatingIfNeeded: hash) & Int(part.mask)
            while slots[Int(part.first) + place].value >= 0 { place = (place + 1) & Int(part.mask) }
            slots[Int(part.first) + place] = Slot(
                hash: hash, start: range.lowerBound, end: range.upperBound, value: entry.value)
        }
        return part
    }

    /// The value of the name that is these bytes of a text, or -1.
    @inline(__always)
    func find(_ text: Span<UInt8>, from start: Int, to end: Int, in part: Part) -> Int32 {
        guard part.mask >= 0 else { return -1 }
        let hash = Self.hash(text, from: start, to: end)
        let mask = Int(part.mask)
        var place = Int(truncatingIfNeeded: hash) & mask
        let slots = slots.span
        while true {
            let slot = slots[Int(part.first) &+ place]
            if slot.value < 0 { return -1 }
            if slot.hash == hash, Int(slot.end &- slot.start) == end &- start,
                isEqual(text, from: start, to: end, Int(slot.start))
            {
                return slot.value
            }
            place = (place &+ 1) & mask
        }
    }

    /// The hash of less than eight bytes tells them apart where their number is the same: each of its steps can be undone.
    @inline(__always)
    private func isEqual(_ text: Span<UInt8>, from start: Int, to end: Int, _ other: Int) -> Bool {
        let count = end &- start
        guard count >= 8 else { return true }
        let own = bytes.span
        var place = 0
        while count &- place >= 8 {
            if Self.load(text, start &+ place) != Self.load(own, other &+ place) { return false }
            place &+= 8
        }
        return Self.load(text, end &- 8) == Self.load(own, other &+ count &- 8)
    }

    /// Of a text's first and last eight bytes, which are all there are where it has less.
    @inline(__always)
    private static func hash(_ text: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
        let count = end &- start
        var first: UInt64 = 0
        var last: UInt64 = 0
        if count >= 8 {
            first = load(text, start)
            last = load(text, end &- 8)
        } else {
            for place in start..<end { first = first << 8 | UInt64(text[place]) }
        }
        return mix(first, last, UInt64(truncatingIfNeeded: count))
    }

    @inline(__always)
    private static func load(_ text: Span<UInt8>, _ place: Int) -> UInt64 {
        let raw = unsafe text.bytes
        // Bytes are initialized memory of any value, and the load is checked against the span's bounds.
        return unsafe raw.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64, _ count: UInt64) -> UInt64 {
        var hash = (a ^ count) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        hash = (hash ^ b) &* 0xD6E8_FEB8_6659_FD93
        return hash ^ hash >> 32
    }
}
