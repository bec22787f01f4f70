/// Which readers (feeds, or boards of filters) read which partition, and which of them have news: so that a wake costs
/// nothing for the others.
struct ReaderIndex {
    /// The numbers of those that read a partition, by the partition's number.
    private var readers: ContiguousArray<ContiguousArray<Int>> = []
    private var isFresh: ContiguousArray<Bool> = []
    private var fresh: ContiguousArray<Int> = []

    /// Adds a reader of these partitions, or of more than before.
    mutating func add(_ reader: Int, partitions: some Sequence<Int>) {
        while isFresh.count <= reader { isFresh.append(false) }
        for partition in partitions {
            while readers.count <= partition { readers.append([]) }
            readers[partition].append(reader)
        }
    }

    /// Takes a reader out of the partitions that it read.
    mutating func remove(_ reader: Int, partitions: some Sequence<Int>) {
        for partition in partitions where readers.indices.contains(partition) {
            if let place = readers[partition].firstIndex(of: reader) { readers[partition].remove(at: place) }
        }
    }

    /// Marks all that read a partition: there is something new in it.
    mutating func mark(partition: Int) {
        guard readers.indices.contains(partition) else { return }
        for reader in readers[partition] where !isFresh[reader] {
            isFresh[reader] = true
            fresh.append(reader)
        }
    }

    /// The next reader that has news, each once. It may have been freed meanwhile.
    mutating func popFresh() -> Int? {
        guard let reader = fresh.popLast() else { return nil }
        isFresh[reader] = false
        return reader
    }
}
