/// When to look at which subscriber again: a ring of slots, each a tenth of a second.
///
/// An entry is a subscriber's index. Moving a deadline forward adds another entry. The caller ignores old entries and entries of
/// subscribers that are gone: each subscriber stores the slot that is valid for it.
struct DeadlineWheel {
    typealias Entry = Int32

    /// How long a slot is. Milliseconds.
    static let slotLength: Int64 = 100

    /// A deadline further away than the ring is long is looked at once around.
    private var slots: [ContiguousArray<Entry>]
    /// The slot up to which all entries were taken, counted from the clock's zero.
    private(set) var slot: Int64

    /// - Parameters:
    ///   - now: monotonic milliseconds.
    ///   - slots: the ring's length: 64 s unless something else is asked for.
    init(now: Int64, slots: Int = 640) {
        self.slots = Array(repeating: [], count: slots)
        slot = now / Self.slotLength
    }

    /// Adds an entry: `index` is to be looked at at `time` (monotonic milliseconds) or up to a slot's length later, and never
    /// before the next slot.
    ///
    /// - Returns: the slot in which it stands.
    @discardableResult
    mutating func add(_ index: Int, at time: Int64) -> Int64 {
        let due = slot(of: time)
        slots[Int(due % Int64(slots.count))].append(Entry(index))
        return due
    }

    /// The slot in which an entry for `time` would stand.
    func slot(of time: Int64) -> Int64 {
        let exact = time / Self.slotLength + (time % Self.slotLength > 0 ? 1 : 0)
        return min(max(exact, slot + 1), slot + Int64(slots.count) - 1)
    }

    /// Takes the entries that are due.
    mutating func take(now: Int64) -> ContiguousArray<Entry> {
        var due: ContiguousArray<Entry> = []
        let last = min(now / Self.slotLength, slot + Int64(slots.count))
        while slot < last {
            slot += 1
            let index = Int(slot % Int64(slots.count))
            guard !slots[index].isEmpty else { continue }
            due.append(contentsOf: slots[index])
            // If slots kept their memory, each would soon have room for all clients.
            slots[index] = []
        }
        slot = max(slot, now / Self.slotLength)
        return due
    }
}
