internal import EventFilter
internal import EventLog
internal import Streaming

/// Summarises the values of some fields for each block that was read or came in live. A reader with a filter passes over the
/// blocks that can't match. The index is bounded in bytes and forgets its oldest entries first.
///
/// The key of a block is the offset from which the loader reads it. A summary holds until the rules change or the topic is made anew.
struct SummaryIndex: ~Copyable {
    private struct Key: Hashable {
        var partition: TopicPartition
        var start: Offset
    }

    /// The summary of one block.
    private struct Entry {
        var range: Range<Offset>
        var version: Int
        var values: ValueSummary
        /// Stands for the block's last record. A reader that passes over the block goes on after it.
        var last: Block.Entry
    }

    /// The live records of a partition's newest window so far. The window is not complete yet.
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
    /// The keys of `entries`, oldest first, from `first` on. Those before it were evicted.
    private var order: [Key] = []
    private var first = 0
    private var pending: [TopicPartition: Pending] = [:]
    private(set) var bytes = 0
    /// How often what is known has changed.
    private(set) var changes = 0

    /// The most blocks that are passed over at once: others wait meanwhile.
    private static let mostAtOnce = 4096
    /// The memory of one entry and its key, without the values. Bytes.
    private static let entryBytes = 320

    init(_ fields: SummaryFields, alignment: Offset, maximumBytes: Int) {
        self.fields = fields
        self.alignment = alignment
        self.maximumBytes = fields.isEmpty ? 0 : maximumBytes
        maker = SummaryMaker(fields)
    }

    // MARK: Passing

    /// One block that replaces all blocks from this offset on that can't match, and their number. Nil: the next block may match,
    /// or has no summary.
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

    /// Summarises a block that was read from `start` on.
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

    /// Summarises live records. A window's summary is kept when the next window begins.
    mutating func noteLive(_ block: Block, of partition: TopicPartition) {
        guard maximumBytes > 0 else { return }
        var open = pending.removeValue(forKey: partition)
        // A block that doesn't continue the open window begins a new one.
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
        changes += 1
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
        changes += 1
        if let old = entries.removeValue(forKey: key) { bytes -= Self.cost(old) }
    }

    // MARK: Keeping

    /// The summaries that were made under one version of the rules, oldest first.
    func summaries(version: Int) -> [KeptSummary] {
        order[first...].compactMap { key in
            guard let entry = entries[key], entry.version == version else { return nil }
            return KeptSummary(
                partition: key.partition, range: entry.range, last: entry.last.position, lastOffset: entry.last.offset,
                values: entry.values)
        }
    }

    /// Takes over what was kept of an earlier run. What was learned since stays as it is.
    mutating func add(_ kept: KeptSummary, version: Int) {
        let key = Key(partition: kept.partition, start: kept.range.lowerBound)
        guard maximumBytes > 0, entries[key] == nil else { return }
        let last = Block.Entry(
            kind: .skipped, offset: kept.lastOffset, next: kept.last.offset, timestamp: kept.last.timestamp ?? .min,
            start: 0, end: 0)
        keep(Entry(range: kept.range, version: version, values: kept.values, last: last), key)
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
