/// The subscribers of one event loop, each at an index while it is there.
struct SubscriberTable<SinkID: Hashable & Sendable> {
    private var slots: ContiguousArray<Subscriber<SinkID>> = []
    private var free: ContiguousArray<Int32> = []

    /// Some may be free.
    var indices: Range<Int> { slots.indices }

    subscript(index: Int) -> Subscriber<SinkID> {
        _read { yield slots[index] }
        _modify { yield &slots[index] }
    }

    /// Nil where the name means nobody any more.
    func index(of id: SubscriberID) -> Int? {
        let index = Int(id.index)
        guard slots.indices.contains(index), slots[index].generation == id.generation, !slots[index].isFree
        else { return nil }
        return index
    }

    func id(of index: Int) -> SubscriberID {
        SubscriberID(index: Int32(index), generation: slots[index].generation)
    }

    mutating func add(_ sink: SinkID) -> SubscriberID {
        if let index = free.popLast() {
            slots[Int(index)].sink = sink
            return id(of: Int(index))
        }
        slots.append(Subscriber(sink: sink))
        return id(of: slots.count - 1)
    }

    /// Its name means nobody from now on, and is never given again.
    mutating func remove(_ index: Int) {
        let generation = slots[index].generation &+ 1
        slots[index] = Subscriber(sink: slots[index].sink)
        slots[index].generation = generation
        free.append(Int32(index))
    }
}
