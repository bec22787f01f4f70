/// Numbers found by a hash: open addressing with linear probing. What the numbers stand for, the caller compares.
struct IDTable: ~Copyable {
    struct Slot {
        /// The hash's half that tells where the slot belongs.
        var hash: UInt32
        /// Below 0 where the slot is empty.
        var id: Int32
    }

    private var slots: Row<Slot>
    private(set) var count = 0

    init() { slots = Row(repeating: Slot(hash: 0, id: -1), count: 16) }

    @inline(__always)
    private static func short(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) }

    /// The number with this hash that `isWanted`, or -1.
    @inline(__always)
    func find(_ hash: UInt64, _ isWanted: (Int32) -> Bool) -> Int32 {
        let mask = slots.count &- 1
        let short = Self.short(hash)
        var place = Int(short) & mask
        while true {
            let slot = slots[place]
            if slot.id < 0 { return -1 }
            if slot.hash == short, isWanted(slot.id) { return slot.id }
            place = (place &+ 1) & mask
        }
    }

    /// - Precondition: the number isn't there.
    mutating func insert(_ id: Int32, _ hash: UInt64) {
        if (count + 1) * 2 > slots.count {
            var old = Row(repeating: Slot(hash: 0, id: -1), count: slots.count * 2)
            swap(&old, &slots)
            for place in old.indices where old[place].id >= 0 { put(old[place]) }
        }
        put(Slot(hash: Self.short(hash), id: id))
        count += 1
    }

    private mutating func put(_ slot: Slot) {
        let mask = slots.count - 1
        var place = Int(slot.hash) & mask
        while slots[place].id >= 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    /// Takes a number out, if it is there, and moves those behind it up, so that no probing ends before what it looks
    /// for.
    mutating func remove(_ id: Int32, _ hash: UInt64) {
        let mask = slots.count - 1
        var hole = Int(Self.short(hash)) & mask
        while slots[hole].id != id {
            if slots[hole].id < 0 { return }
            hole = (hole + 1) & mask
        }
        var place = (hole + 1) & mask
        while slots[place].id >= 0 {
            let home = Int(slots[place].hash) & mask
            if (place - home) & mask >= (place - hole) & mask {
                slots[hole] = slots[place]
                hole = place
            }
            place = (place + 1) & mask
        }
        slots[hole].id = -1
        count -= 1
    }
}

/// Hashes that nobody outside can foresee, so that nobody can make names or values that collide.
struct KeyedHash: Sendable {
    private let keys: (UInt64, UInt64)

    init() { keys = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max) | 1) }

    @inline(__always)
    func start(_ number: Int) -> UInt64 { keys.0 &+ UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 }

    /// Takes in eight more bytes: both halves of a product (as wyhash and its kin do).
    @inline(__always)
    func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: keys.1 ^ (word &+ 0xD6E8_FEB8_6659_FD93))
        return product.high ^ product.low ^ state.byteSwapped
    }

    @inline(__always)
    func mix(_ state: UInt64, _ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
        let raw = unsafe bytes.bytes
        var (state, place) = (state, start)
        precondition(start >= 0 && end <= bytes.count)
        while end &- place >= 8 {
            // Eight bytes within the span, as was just seen.
            state = unsafe mix(state, raw.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
            place &+= 8
        }
        return mix(state, bytes.word(from: place, count: end &- place))
    }
}

extension Span<UInt8> {
    /// Up to seven bytes as a number, the first one lowest, and their count on top.
    @inline(__always)
    func word(from start: Int, count length: Int) -> UInt64 {
        let word = UInt64(truncatingIfNeeded: length) << 56
        if count &- start >= 8 {
            let raw = unsafe self.bytes
            // Eight bytes within the span, as was just seen.
            let eight = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
            return word | eight & ((1 << UInt64(truncatingIfNeeded: length &* 8)) &- 1)
        }
        guard length > 0 else { return word }
        precondition(start >= 0 && length < 8 && length <= count &- start)
        return word | few(from: start, count: length)
    }

    /// One to seven bytes where less than eight follow: with one load or two that overlap, not one for each byte.
    @inline(__always)
    private func few(from start: Int, count length: Int) -> UInt64 {
        let raw = unsafe self.bytes
        let end = start &+ length
        // The caller has seen that the bytes are within the span; each load is of these, or of some before them.
        if end >= 8 {
            let eight = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 8, as: UInt64.self))
            return eight &>> UInt64(truncatingIfNeeded: 64 &- length &* 8)
        }
        if length >= 4 {
            let first = unsafe UInt32(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt32.self))
            let last = unsafe UInt32(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 4, as: UInt32.self))
            return UInt64(first) | UInt64(last) &<< UInt64(truncatingIfNeeded: (length &- 4) &* 8)
        }
        let middle = length &>> 1
        return UInt64(self[start]) | UInt64(self[start &+ middle]) &<< UInt64(truncatingIfNeeded: middle &* 8)
            | UInt64(self[end &- 1]) &<< UInt64(truncatingIfNeeded: (length &- 1) &* 8)
    }
}
