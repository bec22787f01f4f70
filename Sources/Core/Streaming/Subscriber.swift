public import EventFormats
public import EventLog

/// Names a subscriber of one `FanOut`. A name is never given twice.
public struct SubscriberID: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

/// What a client wants, with everything that had to be looked up for it.
public struct SubscriptionRequest: Sendable {
    public enum Start: Hashable, Sendable {
        /// With the next record that comes.
        case live
        /// At these positions. A partition of the subscription that isn't named came into being after they were looked
        /// up: it starts where everybody else got it.
        case at([TopicPartition: Position])
    }

    public var subscription: Subscription
    public var start: Start
    /// What must be told first, in this order.
    public var gaps: [PendingGap]
    /// End after so many events.
    public var limit: Int?
    /// Send nothing of this time or later. One that has passed ends the stream where the partitions ended when it began; one
    /// that is to come ends it when the wall clock has passed it.
    public var until: Timestamp?
    /// For an `until` that has passed, where the log ended: the loop may not have heard of all of it yet.
    public var ends: [TopicPartition: Offset]?
    /// To be told before anything else.
    public var notice: Notice?
    /// Milliseconds without a byte after which a heartbeat is sent.
    public var heartbeat: Int64
    /// The number of bytes of the body that were sent with the head: the preamble's length, or 0.
    public var bytesSent = 0

    public init(
        _ subscription: Subscription, start: Start = .live, gaps: [PendingGap] = [], notice: Notice? = nil,
        limit: Int? = nil, until: Timestamp? = nil, ends: [TopicPartition: Offset]? = nil, heartbeat: Int64 = 15_000
    ) {
        self.subscription = subscription
        self.start = start
        self.gaps = gaps
        self.limit = limit
        self.until = until
        self.ends = ends
        self.notice = notice
        self.heartbeat = heartbeat
    }
}

/// One connected client: a place in its feed's ring, or a replay. There are tens of thousands: the small members stand
/// together, times are kept as coarse as they may be, and what only some have is beside them, in tables of the `FanOut`.
struct Subscriber<SinkID: Hashable & Sendable> {
    enum State {
        case free
        /// Stands in its feed's ring; the next byte to send is at this place.
        case following(place: Int)
        /// Behind its feed, or on its own.
        case replaying(Replay)
        /// Everything but its rest and what is pending was sent; then its sink is finished.
        case ending
    }

    // In the order that leaves no padding between them.
    var state = State.free
    /// Whether its sink takes no bytes now.
    var isBlocked = false
    /// Milliseconds.
    var heartbeat: UInt16 = 15_000
    var generation: UInt32 = 0
    var feed: Int32 = -1
    /// Its index among the feed's members, while following.
    var member: Int32 = -1
    private var dueTenth = Int32.max
    private var progressTenth: Int32 = 0
    private var frameNumber: UInt32 = 0
    private var idTenth = Int32.min
    /// Events sent to it; it stays at the largest number that it can hold.
    private(set) var events: UInt32 = 0
    /// Its feed's `moves` when its cursor was last told to it, while following.
    var knownMoves: Int32 = 0
    /// While it is free, that of the one before.
    var sink: SinkID

    init(sink: SinkID) { self.sink = sink }

    var isFree: Bool { if case .free = state { true } else { false } }
    var isFollowing: Bool { if case .following = state { true } else { false } }
    var isEnding: Bool { if case .ending = state { true } else { false } }

    /// The next byte of the ring to send; -1 unless it follows.
    var place: Int { if case .following(let place) = state { place } else { -1 } }

    var replay: Replay? { if case .replaying(let replay) = state { replay } else { nil } }

    /// The slot of the wheel in which it is looked at next.
    var due: Int64 {
        get { dueTenth == .max ? .max : Int64(dueTenth) }
        set { dueTenth = Int32(clamping: newValue) }
    }

    /// When it last got an id by an id-only event or while replaying, or came. Monotonic milliseconds, in tenths of a
    /// second.
    var idTime: Int64 {
        get { Int64(idTenth) * 100 }
        set { idTenth = Int32(clamping: newValue / 100) }
    }

    /// When its sink last took a byte, or was seen to move. Monotonic milliseconds, rounded down to tenths of a second.
    var lastProgress: Int64 {
        get { Int64(progressTenth) * 100 }
        set { progressTenth = Int32(clamping: newValue / 100) }
    }

    /// Takes the number of frames its feed had made at `place`.
    ///
    /// - Returns: how many that are since the last time.
    mutating func passFrames(upTo count: Int) -> Int {
        let number = UInt32(truncatingIfNeeded: count)
        defer { frameNumber = number }
        let passed = Int(Int32(bitPattern: number &- frameNumber))
        countEvents(passed)
        return passed
    }

    mutating func countEvents(_ count: Int) { events = UInt32(clamping: Int(events) + count) }
}
