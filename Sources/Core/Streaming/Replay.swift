internal import EventFilter
internal import EventFormats
internal import EventLog

/// Serves one subscriber from the tail and the log, until it reaches its feed; or to its end, where it has one of its own.
///
/// Partitions are merged by timestamp. Records come as blocks: from the tail where it has them, else they are asked for.
final class Replay {
    /// The partitions' numbers in the tail, in the order of the feed's.
    private(set) var partitions: ContiguousArray<Int>
    /// The subscriber's cursor.
    private(set) var positions: ContiguousArray<Position>
    /// Where to begin in partitions that the loop has yet to hear of.
    private(set) var later: [TopicPartition: Position]
    private var lanes: ContiguousArray<Lane>
    /// Gaps to be told before anything else, the last one first.
    private var gaps: [PendingGap]
    /// How many events are still to be sent, where there is a limit.
    private(set) var remaining: Int?
    /// What ends the stream, where it has an end.
    let until: Until?
    /// The place in the feed's ring that the bounds were taken at; -1 until there are bounds.
    var target = -1
    /// How often the feed's cursor had moved without a frame then.
    private(set) var movesAtTarget: Int32 = 0
    /// Blocks without which it can't go on.
    private(set) var missing: [BlockKey] = []
    /// Blocks that were asked for in its name and have not come yet.
    var asked: Set<BlockKey> = []
    /// Whether it stands in the queue of those that can go on.
    var isQueued = false
    /// Whether it waits for new records at the tail's end.
    var isAtEnd = false
    /// Whether a second allows it only so much. One that left its ring because no ring is kept for one is as good as live.
    var isLimited = true
    /// Whether it waits for the next second, having had what this one allows.
    var isResting = false
    /// What it may still be sent in the second that began at `allowanceTime`. Bytes.
    private var allowance = 0
    private var allowanceTime = Int64.min
    /// The values that a block must have for the filter to match; nil: the filter may match any block.
    let needs: FilterNeeds?
    /// Whether the positions have moved since the client was last given an id. One that has had none yet is to get one.
    var hasUntoldProgress = true
    /// Whether anything was sent of a partition: from then on what it loses it loses by being slow.
    private var hasRead = false

    /// A time that ends the stream. Records of it or later are passed and not sent, wherever they stand: times may go back.
    struct Until {
        let time: Timestamp
        /// When the stream began, by the wall clock.
        let began: Timestamp
        /// Whether it had passed then: the stream ends where its partitions ended.
        var hasPassed: Bool { time <= began }
        /// When nothing more is waited for: of the time itself, or of what the log had when the stream began.
        var latest: Timestamp { max(time, began) }
        /// Where the partitions ended when the stream began, by ordinal.
        fileprivate let ends: ContiguousArray<Offset>

        init(time: Timestamp, began: Timestamp, ends: ContiguousArray<Offset>) {
            self.time = time
            self.began = began
            self.ends = ends
        }
    }

    /// What is known of one partition on the way.
    private struct Lane {
        /// Records from here on come from the feed.
        var bound: Offset = 0
        /// Records from here on are not for this subscriber; nil: it has no such end.
        var stop: Offset?
        var block: Block?
        /// The next entry of the block.
        var index = 0
        /// Which of the partition's incarnations the position is of.
        var incarnation: Int
    }

    /// - Parameters:
    ///   - incarnations: of the partitions, that the positions are of.
    ///   - later: where to begin in partitions that are not among `partitions` yet.
    ///   - hasRead: whether the client has had anything before.
    ///   - needs: what its filter needs of blocks.
    init(
        partitions: ContiguousArray<Int>, positions: ContiguousArray<Position>, incarnations: ContiguousArray<Int>,
        gaps: [PendingGap] = [], limit: Int? = nil, until: Until? = nil, later: [TopicPartition: Position] = [:],
        hasRead: Bool = false, needs: FilterNeeds? = nil
    ) {
        self.needs = needs
        self.partitions = partitions
        self.positions = positions
        self.later = later
        lanes = ContiguousArray(
            incarnations.enumerated().map { ordinal, incarnation in
                Lane(stop: until.flatMap { $0.hasPassed ? $0.ends[ordinal] : nil }, incarnation: incarnation)
            })
        self.gaps = gaps.reversed()
        remaining = limit.map { max($0, 0) }
        self.until = until
        self.hasRead = hasRead
    }

    /// Whether it ends by joining the feed. One with an end of its own is served on its own to that end.
    var joins: Bool { remaining == nil && until == nil }

    // MARK: Bounds

    /// Adds a partition that has come into being, where the feed added it.
    func add(_ number: Int, ordinal: Int, _ partition: TailPartition) {
        partitions.insert(number, at: ordinal)
        positions.insert(later.removeValue(forKey: partition.topicPartition) ?? partition.origin, at: ordinal)
        lanes.insert(
            Lane(bound: partition.origin.offset, stop: stopOfWhatCameLater, incarnation: partition.incarnation),
            at: ordinal)
    }

    /// What came after the stream began is not for one that ends where its partitions ended then.
    private var stopOfWhatCameLater: Offset? { until?.hasPassed == true ? 0 : nil }

    /// Where a partition was made anew, tells of it and goes on at its beginning.
    ///
    /// - Returns: whether there was any: then the bounds mean nothing any more.
    func noticeIncarnations(_ tail: borrowing Tail) -> Bool {
        var hasNoticed = false
        for ordinal in lanes.indices
        where lanes[ordinal].incarnation != tail.partitions[partitions[ordinal]].incarnation {
            let partition = tail.partitions[partitions[ordinal]]
            hasNoticed = true
            lanes[ordinal].incarnation = partition.incarnation
            lanes[ordinal].block = nil
            lanes[ordinal].stop = stopOfWhatCameLater
            asked = asked.filter { $0.partition != partitions[ordinal] }
            let name = partition.topicPartition
            // What was still to be told of the old one doesn't hold for the new one.
            gaps.removeAll { $0.after?.partition == name }
            let gap = Gap(
                name, from: positions[ordinal].offset, to: partition.origin.offset, reason: .topicRecreated,
                detail: "the partition was made anew")
            gaps.append(PendingGap(gap, after: .init(name, partition.origin)))
        }
        return hasNoticed
    }

    /// Replays up to these positions, the feed's at the place `target`.
    ///
    /// - Parameter moves: of the feed, then.
    func setBounds(_ bounds: ContiguousArray<Position>, target: Int, moves: Int32) {
        for ordinal in lanes.indices { lanes[ordinal].bound = bounds[ordinal].offset }
        self.target = target
        movesAtTarget = moves
    }

    /// Whether these are the positions it replays up to.
    func hasBounds(_ bounds: ContiguousArray<Position>) -> Bool {
        for ordinal in lanes.indices where lanes[ordinal].bound != bounds[ordinal].offset { return false }
        return true
    }

    /// Replays up to the tail's end.
    func setBounds(toEndOf tail: borrowing Tail) {
        for ordinal in lanes.indices {
            let end = tail.partitions[partitions[ordinal]].end.offset
            lanes[ordinal].bound = min(end, lanes[ordinal].stop ?? end)
        }
    }

    /// Whether the feed's next record is this subscriber's next one, in every partition.
    var isExactlyAtBounds: Bool {
        for ordinal in lanes.indices where positions[ordinal].offset != lanes[ordinal].bound { return false }
        return true
    }

    /// Whether every partition has come to where it ended when the stream began, for an `until` that had passed then.
    var isOver: Bool {
        until?.hasPassed == true && lanes.indices.allSatisfy { positions[$0].offset >= lanes[$0].stop ?? .max }
    }

    private func isDone(_ ordinal: Int) -> Bool { positions[ordinal].offset >= lanes[ordinal].bound }

    // MARK: Rate

    /// What it may be sent now, where a second allows `rate` bytes. None: it must wait for the next second.
    func allowed(_ rate: Int, _ now: Moment) -> Int {
        if now.monotonic.clampedSubtracting(allowanceTime) >= 1_000 {
            // What was sent beyond it, for frames are sent whole, is paid for now.
            allowance = min(allowance, 0) + rate
            allowanceTime = now.monotonic
        }
        return max(allowance, 0)
    }

    func spend(_ bytes: Int) { allowance -= bytes }

    // MARK: Filling

    enum Outcome {
        /// The buffer is full, or as much was looked at as this turn allows.
        case full
        /// All partitions have reached their bounds.
        case atBounds
        /// Blocks must come from the log first: `missing`.
        case missing
        /// This gap is next.
        case gap(ordinal: Int, Block, Block.Entry)
        /// The limit of events is reached.
        case limitReached
    }

    /// One frame that was encoded, and what takes it back.
    struct Mark {
        /// The place after it in the buffer.
        var end: Int
        var ordinal: Int
        /// The partition's position before its record.
        var before: Position
    }

    /// What looking at an entry costs, beside its bytes: as much as so many bytes do.
    private static let entryWork = 64

    /// Encodes frames into `bytes` until there are `limit` bytes, or something else must be done first.
    ///
    /// - Parameter work: what may be looked at, in bytes, whether it is shown or hidden; reduced by what was.
    func fill(
        _ bytes: inout [UInt8], _ marks: inout ContiguousArray<Mark>, limit: Int, work: inout Int,
        feed: borrowing Feed, tail: borrowing Tail
    ) -> Outcome {
        while bytes.count < limit, work > 0 {
            if remaining == 0 { return .limitReached }
            guard let ordinal = next(tail) else { return missing.isEmpty ? .atBounds : .missing }
            guard let block = lanes[ordinal].block else { continue }
            let entry = block.entries[lanes[ordinal].index]
            if entry.kind == .gap { return .gap(ordinal: ordinal, block, entry) }
            work -= entry.end - entry.start + Self.entryWork
            let before = positions[ordinal]
            lanes[ordinal].index += 1
            positions[ordinal] = entry.position
            hasRead = true
            let isPastEnd = until.map { entry.timestamp >= $0.time } ?? false
            guard !isPastEnd, feed.selector.shows(entry, of: block) else {
                hasUntoldProgress = true
                continue
            }
            hasUntoldProgress = false
            feed.encoder.append(entry, of: block, positions: positions, selector: feed.selector, to: &bytes)
            if let left = remaining { remaining = left - 1 }
            marks.append(Mark(end: bytes.count, ordinal: ordinal, before: before))
        }
        return .full
    }

    /// The partition whose next record is the oldest. Where one has its next record still to come from the log, none: all
    /// such are named in `missing` then.
    private func next(_ tail: borrowing Tail) -> Int? {
        missing.removeAll(keepingCapacity: true)
        var best: (ordinal: Int, timestamp: Timestamp)?
        for ordinal in lanes.indices {
            guard let timestamp = head(ordinal, tail) else { continue }
            if timestamp < best?.timestamp ?? .max || best == nil { best = (ordinal, timestamp) }
        }
        return missing.isEmpty ? best?.ordinal : nil
    }

    /// The timestamp of a partition's next record; nil at the bound, or where it has to come from the log.
    private func head(_ ordinal: Int, _ tail: borrowing Tail) -> Timestamp? {
        while !isDone(ordinal) {
            let offset = positions[ordinal].offset
            if let block = lanes[ordinal].block, block.range.contains(offset) {
                guard lanes[ordinal].index < block.entries.count else {
                    // Past what the block covers but has no entry for.
                    positions[ordinal].offset = min(block.range.upperBound, lanes[ordinal].bound)
                    hasUntoldProgress = true
                    continue
                }
                let entry = block.entries[lanes[ordinal].index]
                if entry.offset >= lanes[ordinal].bound {
                    positions[ordinal].offset = lanes[ordinal].bound
                    hasUntoldProgress = true
                    continue
                }
                return entry.timestamp
            }
            if let block = tail.partitions[partitions[ordinal]].block(at: offset) {
                hold(block, ordinal)
                continue
            }
            lanes[ordinal].block = nil
            missing.append(
                BlockKey(
                    partition: partitions[ordinal], offset: offset, incarnation: lanes[ordinal].incarnation,
                    search: needs.map { BlockSearch($0, before: lanes[ordinal].bound) }))
            return nil
        }
        lanes[ordinal].block = nil
        return nil
    }

    private func hold(_ block: Block, _ ordinal: Int) {
        lanes[ordinal].block = block
        lanes[ordinal].index = block.index(from: positions[ordinal].offset)
    }

    /// Takes back all frames after the first `count`.
    func rewind(_ marks: ContiguousArray<Mark>, keeping count: Int) {
        for mark in marks[count...].reversed() {
            positions[mark.ordinal] = mark.before
            if let left = remaining { remaining = left + 1 }
        }
        if count < marks.count { hasUntoldProgress = true }
        missing = []
        letGo()
    }

    /// Holds no block while it can't go on: what waits must not cost memory.
    func letGo() {
        for ordinal in lanes.indices { lanes[ordinal].block = nil }
    }

    /// Finds out anew what it has to wait for.
    func forgetMissing() { missing = [] }

    /// The gap to be told next; from now on the cursor stands behind it.
    func takeGap(_ tail: borrowing Tail) -> Gap? {
        guard let gap = gaps.popLast() else { return nil }
        if let after = gap.after, let number = tail.number(of: after.partition),
            let ordinal = partitions.firstIndex(of: number)
        {
            pass(ordinal, to: after.position)
        }
        return gap.gap
    }

    /// Goes on behind a gap.
    func pass(_ ordinal: Int, to position: Position) {
        positions[ordinal] = position
        lanes[ordinal].block = nil
    }

    // MARK: Blocks from the log

    /// A block that was asked for. Gaps are put in front of what comes next.
    func take(_ result: BlockResult, for key: BlockKey, topicPartition: TopicPartition) {
        asked.remove(key)
        guard let waiting = missing.firstIndex(of: key) else { return }
        missing.remove(at: waiting)
        guard let ordinal = partitions.firstIndex(of: key.partition) else { return }
        switch result {
        case .block(let block): if block.range.contains(positions[ordinal].offset) { hold(block, ordinal) }
        case .unavailable: break
        case .missing(var next, let reason, let detail):
            let from = positions[ordinal].offset
            // Nothing of the partition can be had: what the feed gets may be had all the same.
            // So too where the log knows of a new partition before the tail does, which still holds the old one: once it
            // does, all go on at the new one's beginning.
            if reason == .topicUnavailable || reason == .topicRecreated { next = max(from, lanes[ordinal].bound) }
            guard next > from else { return }
            let cause = reason == .retention && hasRead ? .slow : reason
            let gap = Gap(topicPartition, from: from, to: next, reason: cause, detail: detail)
            gaps.append(PendingGap(gap, after: .init(topicPartition, Position(offset: next))))
        }
    }
}
