/// What the names of an object's members were in the last event, in their order: events of one kind have them in the same order,
/// so most names are known without being looked up.
struct NameTrails {
    /// A name of up to 15 bytes, with the quote behind it, and its field; -1 where it is none's.
    private struct Step {
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
    }

    private static let length = 32
    /// The most objects that have a trail.
    private static let most = 64

    private var steps: ContiguousArray<Step> = []
    /// The objects that have one.
    private var owners: [Int32] = []

    init() {}

    /// Where the trail of an object begins, which is made where it has none yet. -1: there is no room.
    mutating func make(for owner: Int32) -> Int32 {
        guard owners.count < Self.most else { return -1 }
        let start = Int32(steps.count)
        owners.append(owner)
        steps.append(contentsOf: repeatElement(Step(firstMask: 0, second: 1), count: Self.length))
        return start
    }

    /// Forgets all. Returns the objects that had one.
    mutating func removeAll() -> [Int32] {
        defer { owners = [] }
        steps.removeAll(keepingCapacity: true)
        return owners
    }

    func begin(_ start: Int32) -> Cursor {
        start < 0 ? Cursor(place: 0, end: 0) : Cursor(place: Int(start), end: Int(start) + Self.length)
    }

    /// The field of the name that begins at `place`, where it is the one that stood here last; nil where it has to be looked
    /// up. There are 16 bytes at least from `place` on.
    @inline(__always)
    func field(_ cursor: inout Cursor, _ bytes: RawSpan, at place: Int) -> Int32? {
        guard cursor.place < cursor.end else { return nil }
        let step = steps[cursor.place]
        // The caller has seen that there are so many bytes.
        let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
        let second = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self)
        guard first & step.firstMask == step.first, second & step.secondMask == step.second else { return nil }
        cursor.place &+= 1
        return step.field
    }

    /// Notes the name that was looked up.
    mutating func note(_ field: Int32, _ cursor: inout Cursor, _ bytes: RawSpan, at place: Int, length: Int) {
        guard cursor.place < cursor.end else { return }
        defer { cursor.place += 1 }
        guard length < 16, bytes.byteCount - place >= 16 else {
            // Known as nothing: it is looked up each time.
            steps[cursor.place] = Step(firstMask: 0, second: 1)
            return
        }
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
