/// Which feeds read which partition, and which of them have news: so that a wake costs nothing for the others.
struct FeedIndex {
    /// The numbers of the feeds that read a partition, by the partition's number.
    private var readers: ContiguousArray<ContiguousArray<Int>> = []
    private var isFresh: ContiguousArray<Bool> = []
    private var fresh: ContiguousArray<Int> = []

    /// Adds a feed that reads these partitions, or more of them than before.
    mutating func add(_ feed: Int, partitions: some Sequence<Int>) {
        while isFresh.count <= feed { isFresh.append(false) }
        for partition in partitions {
            while readers.count <= partition { readers.append([]) }
            readers[partition].append(feed)
        }
    }

    /// Takes a feed out of the partitions that it read.
    mutating func remove(_ feed: Int, partitions: some Sequence<Int>) {
        for partition in partitions where readers.indices.contains(partition) {
            if let place = readers[partition].firstIndex(of: feed) { readers[partition].remove(at: place) }
        }
    }

    /// Marks every feed that reads a partition: there is something new in it.
    mutating func mark(partition: Int) {
        guard readers.indices.contains(partition) else { return }
        for feed in readers[partition] where !isFresh[feed] {
            isFresh[feed] = true
            fresh.append(feed)
        }
    }

    /// The next feed that has news, each once. It may have been freed meanwhile.
    mutating func popFresh() -> Int? {
        guard let feed = fresh.popLast() else { return nil }
        isFresh[feed] = false
        return feed
    }
}
