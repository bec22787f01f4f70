/// The feeds of one event loop, each with a number while it has users.
struct FeedTable {
    private var feeds: ContiguousArray<Feed> = []
    private var free: [Int] = []
    private var numbers: [Key: Int32] = [:]
    /// Which feeds without a filter read which partitions.
    private var readers = ReaderIndex()
    /// Feeds whose topics got more partitions than an id can name.
    private var outgrown: Set<Int> = []

    /// A subscription where its feed has it: there may be as many as clients.
    private struct Key: Hashable {
        let selector: EntrySelector

        static func == (one: Key, other: Key) -> Bool { one.selector.subscription == other.selector.subscription }
        func hash(into hasher: inout Hasher) { selector.subscription.hash(into: &hasher) }
    }

    /// Of some there may be no users: they are free.
    var indices: Range<Int> { feeds.indices }

    subscript(number: Int) -> Feed {
        _read { yield feeds[number] }
        _modify { yield &feeds[number] }
    }

    func number(of subscription: Subscription) -> Int? {
        numbers[Key(selector: EntrySelector(subscription))].map(Int.init)
    }

    /// Adds a feed; one without a filter reads its partitions from now on.
    mutating func add(_ feed: Feed) -> Int {
        let number = free.popLast() ?? feeds.count
        if number < feeds.count { feeds[number] = feed } else { feeds.append(feed) }
        numbers[Key(selector: feed.selector)] = Int32(number)
        if feed.subscription.filter == nil { readers.add(number, partitions: feed.partitions) }
        return number
    }

    /// Lets go of a feed and what it holds.
    mutating func remove(_ number: Int) {
        numbers[Key(selector: feeds[number].selector)] = nil
        if feeds[number].subscription.filter == nil { readers.remove(number, partitions: feeds[number].partitions) }
        outgrown.remove(number)
        feeds[number] = .none
        free.append(number)
    }

    // MARK: Partitions

    /// A partition has come into being.
    ///
    /// - Returns: the feeds that read it from now on, each with its place among the feed's partitions.
    mutating func add(partition number: Int, of tail: borrowing Tail) -> [Int: Int] {
        let partition = tail.partitions[number]
        var ordinals: [Int: Int] = [:]
        for feed in feeds.indices
        where feeds[feed].users > 0 && feeds[feed].subscription.includes(partition.topicPartition) {
            guard feeds[feed].partitions.count < Subscription.partitionLimit else {
                outgrown.insert(feed)
                continue
            }
            guard let ordinal = feeds[feed].add(number, at: partition.origin, tail: tail) else { continue }
            ordinals[feed] = ordinal
            if feeds[feed].subscription.filter == nil { readers.add(feed, partitions: [number]) }
        }
        return ordinals
    }

    /// Feeds whose topics got more partitions than an id can name, each once. Their clients are to be ended; their return is
    /// refused with the reason.
    mutating func takeOutgrown() -> Set<Int> {
        defer { outgrown = [] }
        return outgrown
    }

    // MARK: News

    /// There is something new in a partition.
    mutating func mark(partition: Int) { readers.mark(partition: partition) }

    /// The next feed that has news, each once.
    mutating func popFresh() -> Int? {
        while let number = readers.popFresh() { if feeds[number].users > 0 { return number } }
        return nil
    }
}
