/// The events of the last while by their keys, and where each is: a ring in the order in which they came, with a hash table over it.
/// It grows up to a number of events, and then forgets the oldest for each new one. An event takes 40 bytes.
///
/// A request claims its events before it stores them; each is then stored, or given up.
struct RecentEventTable {
    /// A place in the log: a partition's number by its owner's count, and the offset.
    struct Place: Hashable {
        var partition: Int32
        var offset: Int64
    }

    enum Found: Equatable {
        case none
        case claimed(by: Int, sequence: Int)
        case stored(Place)
    }

    private struct Entry {
        var key: EventKey
        /// The offset, or the number of the claim.
        var value: Int64 = 0
        /// The partition's number, or below 0 what else the entry is.
        var partition: Int32 = Self.void
        var second: UInt32 = 0

        static let claimed: Int32 = -1
        /// Nobody finds it any more.
        static let void: Int32 = -2
    }

    /// Bytes of memory for each event.
    static let eventBytes = 40
    /// Events that there is room for at first.
    private static let firstRoom = 1024

    /// The most events; a power of two.
    let capacity: Int
    /// Seconds.
    let window: UInt32
    private var ring: [Entry] = []
    /// One more than the place in the ring; 0: nothing. Never more than half full.
    private var slots: [UInt32] = []
    /// The number of the oldest entry; its place in the ring is that modulo the ring's size.
    private var first = 0
    private(set) var count = 0
    /// Events forgotten before their time, for want of room.
    private(set) var forgotten = 0

    /// - Parameter bytes: of memory, at most; so many that there is room for some events at the least.
    init(bytes: Int, window: UInt32) {
        let most = max(Self.firstRoom, bytes / Self.eventBytes)
        capacity = 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
        self.window = window
    }

    var bytes: Int { ring.count * MemoryLayout<Entry>.stride + slots.count * MemoryLayout<UInt32>.stride }

    // MARK: Events

    func find(_ key: EventKey) -> Found {
        guard let place = place(of: key) else { return .none }
        let entry = ring[place]
        guard entry.partition == Entry.claimed else {
            return .stored(Place(partition: entry.partition, offset: entry.value))
        }
        let sequence = first + (place - first) & (ring.count - 1)
        return .claimed(by: Int(entry.value), sequence: sequence)
    }

    /// Notes that an event is being stored. It must not be known.
    ///
    /// - Returns: the number that it is settled by. Each claim gets the next one.
    mutating func claim(_ key: EventKey, by claim: Int, at second: UInt32) -> Int {
        add(Entry(key: key, value: Int64(claim), partition: Entry.claimed, second: second))
    }

    /// Notes what became of an event that was claimed. Nil: it was not stored, and may come again.
    ///
    /// - Returns: where it is all the same: somebody has read it from the log meanwhile.
    mutating func settle(_ sequence: Int, claim: Int, at place: Place?) -> Place? {
        guard sequence >= first, sequence < first + count else { return nil }
        let slot = sequence & (ring.count - 1)
        let entry = ring[slot]
        guard entry.partition != Entry.void else { return nil }
        guard entry.partition == Entry.claimed, entry.value == Int64(claim) else {
            return Place(partition: entry.partition, offset: entry.value)
        }
        if let place {
            ring[slot].partition = place.partition
            ring[slot].value = place.offset
        } else {
            unlink(slot)
        }
        return nil
    }

    /// Notes an event that was read from the log.
    mutating func learn(_ key: EventKey, at place: Place, _ second: UInt32) {
        guard let known = self.place(of: key) else {
            _ = add(Entry(key: key, value: place.offset, partition: place.partition, second: second))
            return
        }
        // Of two records the first counts.
        guard ring[known].partition == Entry.claimed else { return }
        ring[known].partition = place.partition
        ring[known].value = place.offset
    }

    /// Forgets the events of a partition whose records are gone.
    mutating func forget(partition: Int32) {
        for sequence in first..<first + count where ring[sequence & (ring.count - 1)].partition == partition {
            unlink(sequence & (ring.count - 1))
        }
    }

    /// Forgets what is older than the window.
    mutating func expire(now second: UInt32) {
        while count > 0, second &- ring[first & (ring.count - 1)].second > window { forgetFirst() }
    }

    // MARK: The ring

    private mutating func add(_ entry: Entry) -> Int {
        expire(now: entry.second)
        if count == ring.count {
            if ring.count < capacity {
                grow()
            } else {
                forgotten += 1
                forgetFirst()
            }
        }
        let sequence = first + count
        count += 1
        ring[sequence & (ring.count - 1)] = entry
        link(sequence & (ring.count - 1))
        return sequence
    }

    private mutating func grow() {
        let (old, size) = (ring, max(Self.firstRoom, 2 * ring.count))
        ring = Array(repeating: Entry(key: EventKey(stream: "", id: "")), count: size)
        slots = Array(repeating: 0, count: 2 * size)
        for sequence in first..<first + count {
            let place = sequence & (size - 1)
            ring[place] = old[sequence & (old.count - 1)]
            if ring[place].partition != Entry.void { link(place) }
        }
    }

    private mutating func forgetFirst() {
        let place = first & (ring.count - 1)
        if ring[place].partition != Entry.void { unlink(place) }
        first += 1
        count -= 1
    }

    // MARK: The hash table: linear probing

    private func place(of key: EventKey) -> Int? {
        guard !slots.isEmpty else { return nil }
        var slot = key.hash & (slots.count - 1)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if ring[place].key == key { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func link(_ place: Int) {
        var slot = ring[place].key.hash & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(place + 1)
    }

    /// Takes an entry out of the hash table. Those behind it move up, so that no search ends too early.
    private mutating func unlink(_ place: Int) {
        let mask = slots.count - 1
        var hole = ring[place].key.hash & mask
        while slots[hole] != UInt32(place + 1) { hole = (hole + 1) & mask }
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let home = ring[Int(slots[next]) - 1].key.hash & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
        ring[place].partition = Entry.void
    }
}
