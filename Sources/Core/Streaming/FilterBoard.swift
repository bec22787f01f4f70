internal import EventFilter
internal import EventFormats
internal import EventLog
internal import Events

/// The filters of all feeds of a loop that read the same partitions. Each new record is held against all of them at once, and
/// costs what may hold for it, not how many there are; feeds that it does not concern are not touched. They take over how far
/// the board has come when somebody asks (`Feed.catchUp`).
final class FilterBoard {
    /// The topics or partitions that all feeds of a board read.
    struct Key: Hashable {
        var topics: [String]
        var only: [TopicPartition]?

        init(_ subscription: Subscription) {
            topics = subscription.topics
            only = subscription.only
        }
    }

    /// An entry that concerns a feed.
    struct Hit {
        var feed: Int32
        var found: Feed.Found
    }

    let key: Key
    /// Its place among the boards of its loop.
    let number: Int
    /// As in each of the feeds.
    private(set) var partitions: ContiguousArray<Int>
    private(set) var positions: ContiguousArray<Position>
    private(set) var incarnations: ContiguousArray<Int>
    /// How often `positions` have changed.
    private(set) var moves = 0
    private(set) var hits: ContiguousArray<Hit> = []
    private var filters = FilterSet()
    /// The number of the feed whose filter has this number; -1 where none has.
    private var feeds: ContiguousArray<Int32> = []
    private var matched: [FilterSet.ID] = []
    /// What its feeds write frames with: one for those whose frames have the same form.
    private var encoders: [Form: FrameEncoder] = [:]

    private struct Form: Hashable {
        var format: StreamFormat
        var ids: IDForm
        var isChunked: Bool
    }

    /// - Parameter feed: the first of its feeds.
    init(_ feed: borrowing Feed, number: Int) {
        self.number = number
        key = Key(feed.subscription)
        partitions = feed.partitions
        positions = feed.positions
        incarnations = feed.incarnations
    }

    // MARK: Feeds

    var isEmpty: Bool { filters.count == 0 }

    /// The numbers of its feeds.
    var members: [Int] { feeds.compactMap { $0 < 0 ? nil : Int($0) } }

    func add(_ feed: Int, _ filter: EventFilter) -> FilterSet.ID {
        let id = filters.add(filter)
        while feeds.count <= Int(id) { feeds.append(-1) }
        feeds[Int(id)] = Int32(feed)
        return id
    }

    /// The encoder that all feeds share whose frames have this one's form.
    func shared(_ encoder: FrameEncoder) -> FrameEncoder {
        let form = Form(format: encoder.format, ids: encoder.ids, isChunked: encoder.isChunked)
        if let known = encoders[form] { return known }
        encoders[form] = encoder
        return encoder
    }

    func remove(_ id: FilterSet.ID) {
        filters.remove(id)
        feeds[Int(id)] = -1
    }

    /// A partition has come into being, at this place in each feed.
    func add(_ number: Int, ordinal: Int, at position: Position, incarnation: Int) {
        partitions.insert(number, at: ordinal)
        positions.insert(position, at: ordinal)
        incarnations.insert(incarnation, at: ordinal)
        encoders = [:]
        moves += 1
    }

    /// Starts anew at the tail's end.
    func restart(at tail: borrowing Tail) {
        for ordinal in partitions.indices {
            positions[ordinal] = tail.partitions[partitions[ordinal]].end
            incarnations[ordinal] = tail.partitions[partitions[ordinal]].incarnation
        }
        moves += 1
    }

    func takeHits() -> ContiguousArray<Hit> {
        defer { hits.removeAll(keepingCapacity: true) }
        return hits
    }

    // MARK: Looking

    /// Looks at new records, until it has found about `most` for all feeds together. What `hits` names is then to be encoded
    /// before it goes on.
    ///
    /// - Returns: `fellBehind` when the tail has let go of a record before this board saw it, or when a partition was made
    ///   anew.
    func look(_ tail: borrowing Tail, most: Int) -> Feed.Advance {
        moves += 1
        for ordinal in partitions.indices {
            let number = partitions[ordinal]
            guard incarnations[ordinal] == tail.partitions[number].incarnation else { return .fellBehind }
            while positions[ordinal].offset < tail.partitions[number].end.offset {
                guard let block = tail.partitions[number].block(at: positions[ordinal].offset) else {
                    return .fellBehind
                }
                for index in block.index(from: positions[ordinal].offset)..<block.entries.count {
                    if hits.count >= most { return .more }
                    look(at: block, index, ordinal)
                    positions[ordinal] = block.entries[index].position
                }
                // Past what the block covers but has no entry for.
                positions[ordinal].offset = max(positions[ordinal].offset, block.range.upperBound)
            }
            positions[ordinal] = tail.partitions[number].end
        }
        return .upToDate
    }

    private func look(at block: Block, _ index: Int, _ ordinal: Int) {
        let found = Feed.Found(block: block, entry: Int32(index), ordinal: Int32(ordinal))
        switch block.entries[index].kind {
        case .skipped: return
        case .gap: for feed in feeds where feed >= 0 { hits.append(Hit(feed: feed, found: found)) }
        case .event, .canary:
            guard let event = block.readEvent(block.entries[index]) else {
                // Nobody can tell whom it concerns.
                for feed in feeds where feed >= 0 { hits.append(Hit(feed: feed, found: found)) }
                return
            }
            matched.removeAll(keepingCapacity: true)
            filters.match(event, into: &matched)
            for id in matched { hits.append(Hit(feed: feeds[Int(id)], found: found)) }
        }
    }
}
