/// The names that an object's members had in the last events, in their order: events have the same names in the same
/// order, as a rule, though some lack a few. So most names are known without being looked up.
struct NameTrails: ~Copyable {
    /// A name of up to 15 bytes, with the quote behind it, and its field; -1 where it is none's.
    struct Step {
        var first: UInt64 = 0
        var firstMask: UInt64 = 0
        var second: UInt64 = 0
        var secondMask: UInt64 = 0
        var field: Int32 = -1
    }

    /// A place in a trail.
    struct Cursor {
        fileprivate var place: Int
        fileprivate let end: Int
        /// How many names more may be noted for this object.
        fileprivate var room = 4
    }

    private static let length = 32
    /// How many names of a trail an object may lack before one that it has.
    private static let lookahead = 4
    /// The most objects that have a trail.
    private static let most = 64

    private var steps = Row<Step>()
    /// The objects that have one.
    private var owners: [Int32] = []

    init() {}

    /// Where the trail of an object begins, which is made where it has none yet. -1: there is no room.
    mutating func make(for owner: Int32) -> Int32 {
        guard owners.count < Self.most else { return -1 }
        let start = Int32(steps.count)
        owners.append(owner)
        steps.append(Step(second: 1), count: Self.length)
        return start
    }

    /// Forgets all. Returns the objects that had one.
    mutating func removeAll() -> [Int32] {
        defer { owners = [] }
        steps.removeAll()
        return owners
    }

    func begin(_ start: Int32) -> Cursor {
        start < 0 ? Cursor(place: 0, end: 0) : Cursor(place: Int(start), end: Int(start) + Self.length)
    }

    /// The field of the name that begins at `place`, where it is the next of the trail, or one of a few behind it; nil where it
    /// has to be looked up. There are 16 bytes at least from `place` on.
    @inline(__always)
    func field(_ cursor: inout Cursor, _ bytes: RawSpan, at place: Int) -> Int32? {
        // The caller has seen that there are so many bytes.
        let first = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
        let second = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place &+ 8, as: UInt64.self)
        var own = cursor.place
        let end = min(cursor.end, own &+ Self.lookahead)
        while own < end {
            let step = steps[own]
            own &+= 1
            if first & step.firstMask == step.first, second & step.secondMask == step.second {
                cursor.place = own
                return step.field
            }
        }
        return nil
    }

    /// Puts the name that was looked up into the trail, before those that were expected here.
    mutating func note(_ field: Int32, _ cursor: inout Cursor, _ bytes: RawSpan, at place: Int, length: Int) {
        // A longer name is looked up each time.
        guard cursor.place < cursor.end, cursor.room > 0, length < 16, bytes.byteCount - place >= 16 else { return }
        cursor.room -= 1
        for place in stride(from: cursor.end - 1, to: cursor.place, by: -1) { steps[place] = steps[place - 1] }
        defer { cursor.place += 1 }
        // With the quote.
        let (firstMask, secondMask) = (Self.mask(length + 1), Self.mask(length + 1 - 8))
        let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
        let second = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        steps[cursor.place] = Step(
            first: first & firstMask, firstMask: firstMask, second: second & secondMask, secondMask: secondMask,
            field: field)
    }

    /// The first bytes of a word, in memory's order.
    private static func mask(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : count >= 8 ? .max : UInt64(littleEndian: 1 << UInt64(count * 8) &- 1)
    }
}
