internal import Compression
public import EventFormats
public import EventLog
internal import System

/// All feeds and subscribers of one event loop: events in, actions out, the clock a parameter. Does no I/O of its own but
/// the writes to its sinks.
///
/// The owner calls a method for each thing that happens. After any such call it carries out `takeActions()`, asks for the
/// blocks of `takeRequests()`, and calls `run` again soon while `hasWork`.
///
///     tail ──pull──▶ feed ──▶ followers ──▶ sinks
///                      ▲          │ falls out of the ring
///                      │ joins    ▼
///                      └────── replay ◀── tail, blocks of the log
public struct FanOut<Sinks: SinkTable> {
    let options: FanOutOptions
    let sinks: Sinks
    var tail = Tail(maximumBytes: .max)
    var subscribers = SubscriberTable<Sinks.ID>()
    /// The compressed bodies of subscribers with gzip.
    var gzipBodies = Column<GzipBody?>(absent: nil)
    /// The time at which each subscriber's stream is to end in order. Monotonic milliseconds.
    var ends = Column(absent: Int64.max)
    /// The bytes that each sink held when `measureUnsent` last asked it.
    var unsent = Column<Int32>(absent: 0)
    var feeds = FeedTable()
    var boards = BoardTable()
    var wheel: DeadlineWheel
    var lines = ReplayLines()
    var rests = RestTable()
    /// Frames for one subscriber alone, by its index; none is empty. They go before anything else but the rest of a frame.
    var pending: [Int: [UInt8]] = [:]
    var requests = BlockRequests()
    /// What changed in the tail since the last `run`.
    var changes: Tail.Changes = []
    /// Each with how many events the subscriber that it ends was sent.
    private var actions: [(action: SinkAction<Sinks.ID>, events: Int)] = []
    /// When those that have had what a second allows may go on. Monotonic milliseconds.
    var nextSecond = Int64.min
    var random: SeededGenerator
    public internal(set) var statistics = FanOutStatistics()
    /// Reused by every replay's turn.
    var scratch: [UInt8] = []
    var marks: ContiguousArray<Replay.Mark> = []
    /// What feeds make their frames in.
    var buffer = Feed.Buffer()
    /// The bytes of a replay's turn after compression, and the pieces that they consist of.
    var packed: [UInt8] = []
    var pieces: ContiguousArray<Piece> = []
    var replayDeflater: Deflater?

    public init(options: FanOutOptions = FanOutOptions(), sinks: Sinks, seed: UInt64, now: Moment) {
        self.options = options
        self.sinks = sinks
        wheel = DeadlineWheel(now: now.monotonic)
        random = SeededGenerator(seed: seed)
    }

    // MARK: What is to be done

    /// What is to be done with sinks, in this order, each with how many events the subscriber that it ends was sent. Each
    /// action is returned once.
    public mutating func takeActions() -> [(action: SinkAction<Sinks.ID>, events: Int)] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    mutating func end(_ index: Int, by action: SinkAction<Sinks.ID>) {
        actions.append((action, Int(subscribers[index].events)))
    }

    /// The blocks that replays wait for. Each is returned once until `blockDidArrive` has its result.
    public mutating func takeRequests() -> [BlockKey] {
        requests.take()
    }

    /// Whether `run` would do something.
    public var hasWork: Bool { !lines.isEmpty }

    // MARK: What happens

    /// Takes over what is new in the shared tail. Short, because the caller holds the tail's lock; `run` does the work.
    public mutating func pull(from shared: borrowing Tail) {
        let known = tail.partitions.count
        changes.formUnion(
            tail.mirror(shared) {
                feeds.mark(partition: $0)
                boards.mark(partition: $0)
            })
        for number in known..<tail.partitions.count {
            addToFeeds(number)
            feeds.mark(partition: number)
            boards.mark(partition: number)
        }
    }

    /// Sends what there is to send.
    public mutating func run(now: Moment) {
        endOutgrown(now)
        if changes.contains(.purged) { purge(now) }
        if changes.contains(.anew) { wakeThoseWaiting() }
        while let board = boards.popFresh() { advance(board, now) }
        while let feed = feeds.popFresh() { advance(feed, now) }
        // For news only: if they are more than a turn has time for, the rest of them must come before they come again.
        if changes.contains(.records) { wakeThoseAtEnd() }
        changes = []
        runReplays(now)
        relieve()
        if statistics.ringBytes > options.allRingsBytes { tidyRings() }
    }

    /// Begins the body of a new client, whose response head was sent.
    ///
    /// - Returns: its name, for all that happens to its sink later.
    public mutating func subscribe(_ request: SubscriptionRequest, sink: Sinks.ID, now: Moment) -> SubscriberID {
        let feed = feedNumber(for: request.subscription)
        let id = subscribers.add(sink)
        let index = Int(id.index)
        feeds[feed].users += 1
        subscribers[index].feed = Int32(feed)
        subscribers[index].heartbeat = UInt16(clamping: max(request.heartbeat, 1_000))
        subscribers[index].lastProgress = now.monotonic
        subscribers[index].idTime = now.monotonic
        if options.maximumAge > 0 {
            // Spread, so that clients that came together don't go together.
            let spread = Int64.random(in: 0...options.maximumAge / 10, using: &random)
            ends[index] = now.monotonic.clampedAdding(options.maximumAge - spread)
        }
        if request.subscription.encoding == .gzip {
            gzipBodies[index] = GzipBody(isChunked: request.subscription.isChunked)
        }
        if request.bytesSent == 0 { appendOwn(index) { $0.appendPreamble(to: &$1) } }
        statistics.bytesSent += request.bytesSent
        if let notice = request.notice { appendOwn(index) { $0.appendNotice(notice, to: &$1) } }
        begin(index, request, now)
        statistics.subscribers += 1
        flush(index, now)
        schedule(index, now)
        return id
    }

    /// The sink takes bytes again: sends what its subscriber missed meanwhile.
    public mutating func sinkIsWritable(_ id: SubscriberID, now: Moment) {
        guard let index = index(of: id), subscribers[index].isBlocked else { return }
        subscribers[index].isBlocked = false
        flush(index, now)
    }

    /// The sink is gone, with whatever was not sent. The name means nobody from now on.
    ///
    /// - Returns: how many events its subscriber was sent; 0 where an action has ended it before.
    @discardableResult
    public mutating func sinkDidClose(_ id: SubscriberID) -> Int {
        guard let index = index(of: id) else { return 0 }
        defer { release(index) }
        return Int(subscribers[index].events)
    }

    /// The partition of this number.
    public func topicPartition(_ number: Int) -> TopicPartition? {
        tail.partitions.indices.contains(number) ? tail.partitions[number].topicPartition : nil
    }

    /// The partitions of these topics that this loop knows, sorted.
    public func partitions(of topics: [String]) -> [TopicPartition] {
        tail.partitions.lazy.map(\.topicPartition).filter { topics.contains($0.topic) }.sorted()
    }

    /// Resolves an id from memory alone: it names every partition, each with a fingerprint that the tail confirms. So a storm
    /// of clients that come back costs the log nothing.
    ///
    /// - Returns: nil where the log has to be asked.
    public func quickStart(_ entries: [RequestedPosition], topics: [String]) -> [TopicPartition: Position]? {
        var positions: [TopicPartition: Position] = [:]
        for entry in entries {
            guard let partition = entry.partition.map({ TopicPartition(entry.topic, $0) }),
                case .at(let offset)? = entry.place,
                let number = tail.number(of: partition), topics.contains(entry.topic),
                let position = tail.partitions[number].position(at: offset), position.timestamp == entry.timestamp
            else { return nil }
            positions[partition] = position
        }
        let known = tail.partitions.lazy.count { topics.contains($0.topicPartition.topic) }
        return positions.count == known ? positions : nil
    }

    /// Whether this name still means a subscriber.
    public func isSubscribed(_ id: SubscriberID) -> Bool { index(of: id) != nil }

    // MARK: Slots

    func index(of id: SubscriberID) -> Int? { subscribers.index(of: id) }

    func id(of index: Int) -> SubscriberID { subscribers.id(of: index) }

    /// The one place where a subscriber's slot is given back.
    mutating func release(_ index: Int) {
        leaveRing(index)
        let feed = Int(subscribers[index].feed)
        setState(index, .free)
        statistics.unsentBytes -= Int(unsent[index])
        statistics.ownBytes -= pending.removeValue(forKey: index)?.count ?? 0
        forgetRest(index)
        gzipBodies.remove(index)
        ends.remove(index)
        unsent.remove(index)
        subscribers.remove(index)
        statistics.subscribers -= 1
        feeds[feed].users -= 1
        if feeds[feed].users == 0 { free(feed) }
    }

    // MARK: Feeds

    private mutating func endOutgrown(_ now: Moment) {
        let outgrown = feeds.takeOutgrown()
        guard !outgrown.isEmpty else { return }
        for index in subscribers.indices where outgrown.contains(Int(subscribers[index].feed)) { end(index, now) }
    }

    func hasFeed(for subscription: Subscription) -> Bool { feeds.number(of: subscription) != nil }

    private mutating func feedNumber(for subscription: Subscription) -> Int {
        if let number = feeds.number(of: subscription) { return number }
        let number = feeds.add(Feed(subscription, tail: tail, summaryFields: options.summaryFields))
        boards.add(number, &feeds[number])
        statistics.feeds += 1
        if subscription.encoding == .gzip { statistics.gzipFeeds += 1 }
        return number
    }

    private mutating func free(_ number: Int) {
        statistics.framesEncoded += feeds[number].frameCount
        statistics.feeds -= 1
        if feeds[number].gzip != nil { statistics.gzipFeeds -= 1 }
        feeds[number].empty()
        countRing(number)
        boards.remove(feeds[number])
        feeds.remove(number)
    }

    private mutating func addToFeeds(_ number: Int) {
        let partition = tail.partitions[number]
        let ordinals = feeds.add(partition: number, of: tail)
        for (feed, ordinal) in ordinals {
            boards.add(partition: number, partition, ordinal: ordinal, of: feeds[feed])
            feeds[feed].share()
        }
        guard !ordinals.isEmpty else { return }
        for index in subscribers.indices {
            guard let replay = subscribers[index].replay, let ordinal = ordinals[Int(subscribers[index].feed)] else {
                continue
            }
            replay.add(number, ordinal: ordinal, partition)
        }
    }
}
