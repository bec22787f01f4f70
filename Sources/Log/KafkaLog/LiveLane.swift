internal import CRdKafka
internal import EventLog

/// Where a live reader stands in one partition. No I/O: what comes in goes through it, and it says what to do.
struct LiveLane {
    /// What keeps a partition from being read as usual.
    enum Trouble: Equatable {
        /// It could not be started.
        case notStarted
        /// The next offset is not there.
        case outOfRange
        /// The broker does not know the partition.
        case unknown
        /// The batch at the next offset can't be read.
        case damaged(String)
        /// The cluster does not let this server read it. librdkafka tries on, so records come as soon as it does.
        case refused(String)
        /// It was away, and is there again.
        case returned
    }

    private enum Condition: Equatable {
        case reading
        case troubled(Trouble)
        /// The partition is not there: it may come back.
        case gone
    }

    /// The offset of the next record.
    private(set) var next: Offset
    /// The timestamp of the last record read.
    private(set) var last: Timestamp?
    /// The largest timestamp of all records read.
    private(set) var newest = Timestamp.min
    private(set) var hasRead = false
    private var condition = Condition.reading

    /// - Parameter next: the offset of the first record to read.
    init(next: Offset) { self.next = next }

    var trouble: Trouble? { if case .troubled(let trouble) = condition { trouble } else { nil } }
    var isGone: Bool { condition == .gone }
    var isRefused: Bool { if case .troubled(.refused) = condition { true } else { false } }

    /// Whether librdkafka was asked to read it.
    var isStarted: Bool {
        switch condition {
        case .reading, .troubled(.outOfRange), .troubled(.unknown), .troubled(.damaged), .troubled(.refused): true
        case .troubled(.notStarted), .troubled(.returned), .gone: false
        }
    }

    /// Whether what comes in is the next of the partition: not while it is stopped, or to be started elsewhere.
    private var accepts: Bool {
        switch condition {
        case .reading, .troubled(.refused): true
        case .troubled, .gone: false
        }
    }

    /// A record came in.
    ///
    /// - Returns: whether it is the next one, and `isOver` where it shows that a trouble is over.
    mutating func take(_ record: Record) -> (isNext: Bool, isOver: Bool) {
        guard accepts, record.offset >= next else { return (false, false) }
        let isOver = condition != .reading
        condition = .reading
        next = record.offset + 1
        last = record.timestamp
        newest = max(newest, record.timestamp)
        hasRead = true
        return (true, isOver)
    }

    /// The partition's end was reached. It may be behind a hole, which transactions and compaction leave.
    ///
    /// - Returns: whether the place moved, and whether it shows that a trouble is over.
    mutating func reach(_ end: Offset) -> (moves: Bool, isOver: Bool) {
        guard accepts else { return (false, false) }
        let isOver = condition != .reading
        condition = .reading
        guard end > next else { return (false, isOver) }
        next = end
        return (true, isOver)
    }

    /// librdkafka says that it can't read the partition.
    ///
    /// - Returns: the trouble that has to be looked after from now on; nil where there is none, or it is known.
    mutating func fail(_ code: rd_kafka_resp_err_t, _ text: String) -> Trouble? {
        guard case .reading = condition else { return nil }
        let trouble: Trouble
        if code.isOutOfRange {
            trouble = .outOfRange
        } else if code.isUnknownTopic {
            trouble = .unknown
        } else if code.isDamage {
            trouble = .damaged(text)
        } else if code.isRefusal {
            trouble = .refused(code.text)
        } else {
            // What librdkafka tries again by itself needs no help.
            return nil
        }
        condition = .troubled(trouble)
        return trouble
    }

    /// It is in this trouble from now on.
    mutating func fall(into trouble: Trouble) { condition = .troubled(trouble) }

    /// The partition is not there any more.
    mutating func vanish() { condition = .gone }

    /// All is well again, at the place where it stood.
    mutating func recover() { condition = .reading }

    /// It goes on at another place, of whose records before nothing is known.
    mutating func move(to offset: Offset) {
        condition = .reading
        guard offset != next else { return }
        (next, last, newest) = (offset, nil, .min)
    }
}
