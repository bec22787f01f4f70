/// Which element of a `Slab` is meant, and which of those that had the same place one after the other.
public struct SlabKey: Hashable, Sendable {
    public let index: UInt32
    public let generation: UInt32

    @inlinable
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The key as one word, for an epoll registration.
    @inlinable
    public var word: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    @inlinable
    public init(word: UInt64) {
        index = UInt32(truncatingIfNeeded: word)
        generation = UInt32(truncatingIfNeeded: word >> 32)
    }

    /// The generation no element of a slab ever has: keys with it are free for other use, such as listeners.
    @inlinable
    public static var reservedGeneration: UInt32 { .max }
}

/// Elements at stable places in one array. A place is used again, but under another generation, so that a key of an
/// element that is gone never reaches the one that came after it.
public struct Slab<Element> {
    @usableFromInline
    struct Place {
        @usableFromInline var element: Element
        /// Twice the generation, and one more while the place is taken: a flag of its own would take eight bytes.
        @usableFromInline var turns: UInt32

        @inlinable
        init(element: Element, turns: UInt32) {
            self.element = element
            self.turns = turns
        }

        @inlinable var isTaken: Bool { turns & 1 == 1 }
        @inlinable var generation: UInt32 { turns >> 1 }
    }

    @usableFromInline var places: ContiguousArray<Place> = []
    @usableFromInline var free: ContiguousArray<UInt32> = []
    @usableFromInline let vacant: Element

    /// An empty slab. `vacant` is what stands in places without an element, so that those hold on to nothing.
    @inlinable
    public init(vacant: Element) { self.vacant = vacant }

    /// How many elements there are.
    @inlinable
    public var count: Int { places.count - free.count }

    /// The places, taken or not.
    @inlinable
    public var indices: Range<Int> { 0..<places.count }

    @inlinable
    public mutating func insert(_ element: Element) -> SlabKey {
        if let index = free.popLast() {
            places[Int(index)].element = element
            places[Int(index)].turns |= 1
            return SlabKey(index: index, generation: places[Int(index)].generation)
        }
        places.append(Place(element: element, turns: 1))
        return SlabKey(index: UInt32(places.count - 1), generation: 0)
    }

    /// The place of the element `key` means, or nil when that element is gone.
    @inlinable
    public func index(of key: SlabKey) -> Int? {
        let index = Int(key.index)
        guard index < places.count, places[index].isTaken, places[index].generation == key.generation else {
            return nil
        }
        return index
    }

    /// The key of the element at `index`, or nil when none is there.
    @inlinable
    public func key(at index: Int) -> SlabKey? {
        guard places[index].isTaken else { return nil }
        return SlabKey(index: UInt32(index), generation: places[index].generation)
    }

    /// The element at a place that `index(of:)` or `indices` gave.
    @inlinable
    public subscript(index: Int) -> Element {
        get { places[index].element }
        _modify { yield &places[index].element }
    }

    @inlinable
    public mutating func remove(at index: Int) {
        guard places[index].isTaken else { return }
        places[index].element = vacant
        // From the last generation to the first: the one reserved is beyond them.
        places[index].turns &+= 1
        free.append(UInt32(index))
    }
}
