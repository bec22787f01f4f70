internal import EventFilter
internal import EventLog
internal import Streaming

/// Which values some fields have in each block that was seen: a reader with a filter passes over the blocks that can't have
/// what it looks for. Bounded in bytes; what was seen first is forgotten first.
///
/// A block is found by where its reading begins, as the loader finds it. What is known holds as long as the block would.
struct SummaryIndex: ~Copyable {
    private struct Key: Hashable {
        var partition: TopicPartition
        var start: Offset
    }

    /// What is known of one block.
    private struct Entry {
        var range: Range<Offset>
        var version: Int
        var values: ValueSummary
        /// The last record's entry: whoever passes the block stands behind it.
        var last: Block.Entry
    }

    /// What of a window of a partition has come in live so far.
    private struct Pending {
        var range: Range<Offset>
        var version: Int
        var values: ValueSummary
        var last: Block.Entry?
        /// Whether all of it could be read.
        var isWhole = true
    }

    private let fields: SummaryFields
    private let alignment: Offset
    private let maximumBytes: Int
    private var maker: SummaryMaker
    private var entries: [Key: Entry] = [:]
    /// The keys in the order in which they came, from `first` on. Some are there no more.
    private var order: [Key] = []
    private var first = 0
    private var pending: [TopicPartition: Pending] = [:]
    private(set) var bytes = 0

    /// The most blocks that are passed over at once: others wait meanwhile.
    private static let mostAtOnce = 4096
    /// What an entry takes beside its values, with its key, in bytes.
    private static let entryBytes = 320

    init(_ fields: SummaryFields, alignment: Offset, maximumBytes: Int) {
        self.fields = fields
        self.alignment = alignment
        self.maximumBytes = fields.isEmpty ? 0 : maximumBytes
        maker = SummaryMaker(fields)
    }

    // MARK: Passing

    /// A block in the place of those that can't have what is looked for, from this offset on, and how many they are. Nil where
    /// the next one may have it, or is not known.
    func pass(over partition: TopicPartition, from offset: Offset, _ search: BlockSearch) -> (block: Block, count: Int)?
    {
        guard !entries.isEmpty else { return nil }
        var start = offset / alignment * alignment
        var end = offset
        var last: Entry?
        var count = 0
        while count < Self.mostAtOnce, let entry = entries[Key(partition: partition, start: start)] {
            if entry.range.upperBound <= end, entry.range.upperBound > start {
                start = entry.range.upperBound
                continue
            }
            guard entry.range.contains(end), entry.range.upperBound <= search.end, !entry.values.mayMeet(search.needs)
            else { break }
            start = entry.range.upperBound
            end = start
            last = entry
            count += 1
        }
        guard let last else { return nil }
        return (Block(range: offset..<end, entries: [last.last], bytes: [], version: last.version), count)
    }

    // MARK: Learning

    /// Sums up a block that was read from `start` on.
    mutating func note(_ block: Block, of partition: TopicPartition, from start: Offset) {
        guard maximumBytes > 0, entries[Key(partition: partition, start: start)]?.range != block.range,
            let last = block.entries.last
        else { return }
        var values = maker.empty
        for entry in block.entries { guard add(entry, of: block, to: &values) else { return } }
        values.finish()
        keep(
            Entry(range: block.range, version: block.version, values: values, last: Self.passed(last)),
            Key(partition: partition, start: start))
    }

    /// Sums up live records: what is known of a window is kept when the next one begins.
    mutating func noteLive(_ block: Block, of partition: TopicPartition) {
        guard maximumBytes > 0 else { return }
        var open = pending.removeValue(forKey: partition)
        // What doesn't go on where the last block ended is the beginning of something else.
        if let known = open, known.range.upperBound != block.range.lowerBound || known.version != block.version {
            open = nil
        }
        var window = open ?? begin(at: block.range.lowerBound, block.version)
        for entry in block.entries {
            while entry.offset >= end(of: window) {
                close(&window, at: end(of: window), partition, next: block.version)
            }
            if !add(entry, of: block, to: &window.values) { window.isWhole = false }
            window.last = Self.passed(entry)
        }
        while block.range.upperBound >= end(of: window) {
            close(&window, at: end(of: window), partition, next: block.version)
        }
        window.range = window.range.lowerBound..<block.range.upperBound
        pending[partition] = window
    }

    private func begin(at start: Offset, _ version: Int) -> Pending {
        Pending(range: start..<start, version: version, values: maker.empty)
    }

    /// Where a window ends: at a multiple of the alignment, for there another reading begins.
    private func end(of window: Pending) -> Offset { (window.range.lowerBound / alignment + 1) * alignment }

    private mutating func close(_ window: inout Pending, at end: Offset, _ partition: TopicPartition, next version: Int)
    {
        let start = window.range.lowerBound
        if let last = window.last, window.isWhole, start % alignment == 0 {
            window.values.finish()
            keep(
                Entry(range: start..<end, version: window.version, values: window.values, last: last),
                Key(partition: partition, start: start))
        }
        window = begin(at: end, version)
    }

    /// Returns false where it can't be known what a client would get here: an event without an index, or a gap.
    private mutating func add(_ entry: Block.Entry, of block: Block, to values: inout ValueSummary) -> Bool {
        guard entry.kind != .skipped else { return true }
        guard let event = block.event(entry) else { return false }
        maker.add(event, to: &values)
        return true
    }

    /// The entry that stands for all that was passed.
    private static func passed(_ entry: Block.Entry) -> Block.Entry {
        Block.Entry(
            kind: .skipped, offset: entry.offset, next: entry.next, timestamp: entry.timestamp, start: 0, end: 0)
    }

    private mutating func keep(_ entry: Entry, _ key: Key) {
        if let old = entries.updateValue(entry, forKey: key) {
            bytes -= Self.cost(old)
        } else {
            order.append(key)
        }
        bytes += Self.cost(entry)
        while bytes > maximumBytes, first < order.count {
            remove(order[first])
            first += 1
        }
        if first > 1024, first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
    }

    private static func cost(_ entry: Entry) -> Int { entry.values.cost + entryBytes }

    private mutating func remove(_ key: Key) {
        if let old = entries.removeValue(forKey: key) { bytes -= Self.cost(old) }
    }

    // MARK: Forgetting

    /// Forgets what was prepared under an older version of the rules.
    mutating func purge(olderThan version: Int) {
        for (key, entry) in entries where entry.version < version { remove(key) }
        pending = pending.filter { $0.value.version >= version }
        tidy()
    }

    /// Forgets all of a topic.
    mutating func forget(_ topic: String) {
        for key in entries.keys where key.partition.topic == topic { remove(key) }
        pending = pending.filter { $0.key.topic != topic }
        tidy()
    }

    /// A key that comes back must not be taken for the one that went.
    private mutating func tidy() {
        order = order[first...].filter { entries[$0] != nil }
        first = 0
    }
}
