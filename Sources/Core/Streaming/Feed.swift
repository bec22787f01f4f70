internal import Bytes
internal import EventFilter
internal import EventFormats
internal import EventLog

/// One subscription on one event loop: encodes each record once for all its subscribers.
///
/// The frames stand back to back in a ring; a subscriber is a place in it. Who falls out of the ring replays.
struct Feed {
    /// By number in the tail, sorted by `TopicPartition`: the order of an id's entries.
    private(set) var partitions: ContiguousArray<Int> = []
    /// The feed's cursor: behind the last record looked at. In the order of `partitions`.
    private(set) var positions: ContiguousArray<Position> = []
    /// The incarnations of the partitions that the positions are of.
    private(set) var incarnations: ContiguousArray<Int> = []
    private(set) var encoder: FrameEncoder
    /// Has the subscription; decides what of the partitions replays send, and which fields all send.
    let selector: EntrySelector
    private(set) var ring = ByteRing()
    /// Where its bytes are in gzip.
    let gzip: GzipFeed?
    /// The frames in the ring, oldest first.
    private var frames: ContiguousArray<Frame> = []
    private var firstFrame = 0
    /// How many frames were ever made.
    private(set) var frameCount = 0
    /// How often the cursor moved without a frame. A subscriber that joins without an id counts as one.
    private(set) var moves: Int32 = 0
    /// What `moves` was when the newest frame was made, and when that was (monotonic milliseconds).
    private(set) var movesAtFrame: Int32 = 0
    private(set) var frameTime = Int64.min
    /// Where its filter is held against new records, as which number; nil without a filter.
    private(set) var place: (board: FilterBoard, id: FilterSet.ID)?
    /// The board's `moves` when this feed last took over its positions.
    private var boardMoves = 0
    /// The entries that the board has found for this feed, oldest first; those before `firstFound` are encoded.
    var found: ContiguousArray<Found> = []
    private var firstFound = 0
    /// The subscribers who stand in the ring.
    var members: ContiguousArray<Int32> = []
    /// Members, and all others whose subscription it is.
    var users = 0
    /// Those who replay and will join.
    var arriving = 0
    /// What of the ring is counted among what all rings hold. Bytes.
    var countedBytes = 0
    /// Whether the ring's buffer is the loop's.
    private var hasBorrowed = false

    /// Whether frames that it makes are of use to anybody. One who replays alone needs no ring to meet others in.
    var isRead: Bool { !members.isEmpty || arriving > 1 }

    /// An entry that passes the filter.
    struct Found {
        var block: Block
        var entry: Int32
        var ordinal: Int32
    }

    fileprivate struct Frame {
        /// The place after its last byte. Frames that are compressed together have the same.
        var end: Int
        /// Its partition's number.
        var partition: Int
        /// Where one who has not had it goes on in the partition: nothing that was passed before it is left out there.
        var before: Position
    }

    /// The values that a block must have for the filter to match; nil: the filter may match any block.
    let needs: FilterNeeds?

    /// - Parameter summaryFields: the fields whose values are summed up for blocks of the log.
    init(_ subscription: Subscription, tail: borrowing Tail, summaryFields: SummaryFields = .none) {
        needs = subscription.filter.flatMap { FilterNeeds($0, summaryFields) }
        selector = EntrySelector(subscription)
        gzip = subscription.encoding == .gzip ? GzipFeed(isChunked: subscription.isChunked) : nil
        let numbers = tail.partitions.indices.filter { subscription.includes(tail.partitions[$0].topicPartition) }
        partitions = ContiguousArray(
            numbers.sorted { tail.partitions[$0].topicPartition < tail.partitions[$1].topicPartition })
        positions = ContiguousArray(partitions.map { tail.partitions[$0].end })
        incarnations = ContiguousArray(partitions.map { tail.partitions[$0].incarnation })
        encoder = subscription.encoder(for: partitions.map { tail.partitions[$0].topicPartition })
    }

    var subscription: Subscription { selector.subscription }

    /// What stands where a feed was let go of.
    static var none: Feed { Feed(Subscription(topics: []), tail: Tail(maximumBytes: 0)) }

    // MARK: Partitions

    /// The place of a partition in `partitions`.
    func ordinal(of number: Int) -> Int? { partitions.firstIndex(of: number) }

    /// Adds a partition that has come into being, to be read from `position` on.
    /// Returns its ordinal; nil where it was there already.
    mutating func add(_ number: Int, at position: Position, tail: borrowing Tail) -> Int? {
        guard ordinal(of: number) == nil else { return nil }
        let name = tail.partitions[number].topicPartition
        let ordinal = partitions.firstIndex { tail.partitions[$0].topicPartition > name } ?? partitions.count
        partitions.insert(number, at: ordinal)
        positions.insert(position, at: ordinal)
        incarnations.insert(tail.partitions[number].incarnation, at: ordinal)
        encoder = subscription.encoder(for: partitions.map { tail.partitions[$0].topicPartition })
        return ordinal
    }

    // MARK: Encoding

    enum Advance { case upToDate, more, fellBehind }

    /// Encodes new records.
    ///
    /// - Parameters:
    ///   - limit: about how many bytes to make at most.
    ///   - pieceBytes: about how many bytes of frames are compressed together at most.
    ///   - now: monotonic milliseconds.
    /// - Returns: `fellBehind` when the tail has let go of a record before this feed saw it, or when a partition was made
    ///   anew: nothing that the ring holds of it leads to what comes.
    mutating func advance(_ tail: borrowing Tail, limit: Int, pieceBytes: Int, now: Int64) -> Advance {
        let before = frameCount
        defer {
            closePiece()
            if frameCount != before { frameTime = now }
        }
        let stop = ring.end + max(limit, 1)
        for ordinal in partitions.indices {
            let number = partitions[ordinal]
            guard incarnations[ordinal] == tail.partitions[number].incarnation else { return .fellBehind }
            while positions[ordinal].offset < tail.partitions[number].end.offset {
                guard let block = tail.partitions[number].block(at: positions[ordinal].offset) else {
                    return .fellBehind
                }
                for index in block.index(from: positions[ordinal].offset)..<block.entries.count {
                    if ring.end >= stop { return .more }
                    encode(block, index, ordinal: ordinal)
                    if let gzip, gzip.plain.count >= pieceBytes { closePiece() }
                }
                // Past what the block covers but has no entry for.
                if positions[ordinal].offset < block.range.upperBound {
                    positions[ordinal].offset = block.range.upperBound
                    moves &+= 1
                }
            }
            positions[ordinal] = tail.partitions[number].end
        }
        return .upToDate
    }

    private mutating func encode(_ block: Block, _ index: Int, ordinal: Int) {
        guard selector.mayShow(block.entries[index]) else {
            positions[ordinal] = block.entries[index].position
            moves &+= 1
            return
        }
        append(index, of: block, ordinal: ordinal)
    }

    /// Makes the frame of an entry. There is nothing for this feed between its partition's position and the entry.
    private mutating func append(_ index: Int, of block: Block, ordinal: Int) {
        let entry = block.entries[index]
        var before = positions[ordinal]
        if before.offset < entry.offset {
            before.offset = entry.offset
            if index > 0 {
                before.timestamp = block.entries[index - 1].position.timestamp
            } else if positions[ordinal].offset < block.range.lowerBound {
                // The record before it is in a block that was passed.
                before.timestamp = nil
            }
        }
        positions[ordinal] = entry.position
        movesAtFrame = moves
        if let gzip {
            encoder.append(entry, of: block, positions: positions, selector: selector, to: &gzip.plain)
        } else {
            encoder.append(entry, of: block, positions: positions, selector: selector, to: &ring.bytes)
        }
        frames.append(
            Frame(end: gzip == nil ? ring.end : .max, partition: partitions[ordinal], before: before))
        frameCount += 1
    }

    // MARK: With a filter

    mutating func stand(on board: FilterBoard, _ id: FilterSet.ID) {
        place = (board, id)
        selector.compact()
        catchUp()
        share()
    }

    /// Has what it is made of in common with the other feeds of its board.
    mutating func share() {
        guard let board = place?.board else { return }
        encoder = board.shared(encoder)
        if partitions == board.partitions { partitions = board.partitions }
        if incarnations == board.incarnations { incarnations = board.incarnations }
        if positions == board.positions { positions = board.positions }
    }

    /// Whether an entry that passes the filter is one that its clients see.
    func takes(_ found: Found) -> Bool { selector.mayShow(found.block.entries[Int(found.entry)]) }

    /// Encodes what the board has found.
    ///
    /// - Parameter limit: about how many bytes to make at most.
    /// - Returns: whether there is more.
    mutating func encodeFound(limit: Int, pieceBytes: Int, now: Int64) -> Bool {
        let before = frameCount
        defer {
            closePiece()
            if frameCount != before { frameTime = now }
        }
        let stop = ring.end + max(limit, 1)
        while firstFound < found.count {
            if ring.end >= stop { return true }
            let next = found[firstFound]
            firstFound += 1
            append(Int(next.entry), of: next.block, ordinal: Int(next.ordinal))
            if let gzip, gzip.plain.count >= pieceBytes { closePiece() }
        }
        found.removeAll(keepingCapacity: found.capacity <= 4)
        firstFound = 0
        return false
    }

    /// Takes over how far its board has come: there was nothing for this feed up to there but what it has encoded.
    mutating func catchUp() {
        guard let board = place?.board, boardMoves != board.moves, found.isEmpty else { return }
        boardMoves = board.moves
        guard positions != board.positions else { return }
        positions = board.positions
        moves &+= 1
    }

    /// Compresses the frames made since this was last done.
    private mutating func closePiece() {
        guard let gzip, !gzip.plain.isEmpty else { return }
        gzip.close(into: &ring, for: users)
        var index = frames.count
        while index > firstFrame, frames[index - 1].end == .max {
            index -= 1
            frames[index].end = ring.end
        }
    }

    /// Somebody joins who has not been given an id for where the ring ends.
    mutating func countMove() { moves &+= 1 }

    // MARK: Places

    /// Lets go of the oldest frames until no more than `limit` bytes are kept. Who stands before the new start must have
    /// left before.
    mutating func trim(to limit: Int) {
        while ring.count > limit, firstFrame < frames.count {
            ring.drop(before: frames[firstFrame].end)
            firstFrame += 1
        }
        gzip?.trim(before: ring.start)
        if firstFrame > 1024, firstFrame > frames.count / 2 {
            frames.removeFirst(firstFrame)
            firstFrame = 0
        }
    }

    /// What feeds make their frames in while their rings keep nothing: one of a loop, for all.
    struct Buffer {
        fileprivate var bytes: [UInt8] = []
        fileprivate var frames: ContiguousArray<Frame> = []
        /// What it may take while it is not in use. Bytes; a frame counts as 64.
        static let limit = 1 << 20
    }

    /// Before frames are made: a ring that keeps nothing has no memory of its own, and makes them in the loop's buffer.
    mutating func borrow(_ buffer: inout Buffer) {
        guard ring.count == 0, !hasBorrowed else { return }
        // Frames of one piece go together, and some of them may still be listed.
        empty()
        ring.exchange(&buffer.bytes)
        swap(&frames, &buffer.frames)
        hasBorrowed = true
    }

    /// After they were handed out: gives the buffer back.
    ///
    /// - Parameter isNeeded: whether anybody still has to get something of the ring. Then it keeps that in memory of its own.
    mutating func giveBack(_ buffer: inout Buffer, isNeeded: Bool) {
        if !isNeeded {
            empty()
            var used = Buffer()
            ring.exchange(&used.bytes)
            swap(&frames, &used.frames)
            if hasBorrowed, used.bytes.capacity + 64 * used.frames.capacity <= Buffer.limit { buffer = used }
        } else if hasBorrowed {
            ring.settle(&buffer.bytes)
            buffer.frames = ContiguousArray(frames[firstFrame...])
            firstFrame = 0
            swap(&frames, &buffer.frames)
            buffer.frames.removeAll(keepingCapacity: true)
            if buffer.bytes.capacity + 64 * buffer.frames.capacity > Buffer.limit { buffer = Buffer() }
        }
        hasBorrowed = false
    }

    /// The place at which the ring would start if it were trimmed to `limit` bytes.
    func startIfTrimmed(to limit: Int) -> Int {
        guard ring.count > limit else { return ring.start }
        let index = indexOfFrame(endingAtOrAfter: ring.end - limit)
        return index < frames.count ? frames[index].end : ring.end
    }

    /// One pass over the ring for several leaving subscribers, the one that stands last first, so frames are visited once.
    struct Walk {
        /// The cursor is right before this frame.
        fileprivate var index: Int
        fileprivate var cursor: ContiguousArray<Position>
    }

    /// Begins at the ring's end.
    mutating func walk() -> Walk {
        catchUp()
        return Walk(index: frames.count, cursor: positions)
    }

    /// Where a subscriber leaves the ring.
    struct Departure {
        /// The frame in which it stands, or those that are compressed together: indices of the ring's bytes. Empty: it stands
        /// between two frames.
        var frame = 0..<0
        /// The place after that.
        var place: Int
        /// The cursor after that: in each partition right before the next frame, or where the feed is. What the feed has passed
        /// without a frame lies behind it: the client is not to get that, so it is no loss where retention takes it.
        var positions: ContiguousArray<Position>
        var unseenFrames: Int
        /// Whether the cursor may be beyond the id that the client has then. False at the ring's end, where
        /// `FanOut.hasUntoldProgress` tells.
        var hasUntoldProgress: Bool
    }

    /// Where a subscriber at `place` leaves the ring.
    ///
    /// - Parameters:
    ///   - walk: has not gone before `place`.
    func departure(from place: Int, _ walk: inout Walk) -> Departure {
        if place >= ring.end {
            return Departure(place: place, positions: positions, unseenFrames: 0, hasUntoldProgress: false)
        }
        var next = indexOfFrame(endingAtOrAfter: place + 1)
        let begin = next > firstFrame ? frames[next - 1].end : ring.start
        var (part, end) = (0..<0, place)
        if place > begin {
            end = frames[next].end
            part = ring.index(of: begin)..<ring.index(of: end)
            next = indexOfFrame(endingAtOrAfter: end + 1)
        }
        while walk.index > next {
            walk.index -= 1
            let frame = frames[walk.index]
            if let ordinal = ordinal(of: frame.partition) { walk.cursor[ordinal] = frame.before }
        }
        let unseen = frames.count - next
        return Departure(
            frame: part, place: end, positions: walk.cursor, unseenFrames: unseen,
            hasUntoldProgress: unseen > 0 || moves > movesAtFrame)
    }

    /// Starts anew at the tail's end, with an empty ring. Nobody may stand in it.
    mutating func restart(at tail: borrowing Tail) {
        clear()
        for ordinal in partitions.indices {
            positions[ordinal] = tail.partitions[partitions[ordinal]].end
            incarnations[ordinal] = tail.partitions[partitions[ordinal]].incarnation
        }
    }

    /// Lets go of all frames, which everybody has had.
    mutating func empty() {
        ring.empty()
        gzip?.trim(before: ring.start)
        frames.removeAll(keepingCapacity: true)
        firstFrame = 0
    }

    /// Nobody reads what it would make of the tail's new records.
    mutating func skip(to tail: borrowing Tail) {
        let isNew = partitions.indices.contains { ordinal in
            let partition = tail.partitions[partitions[ordinal]]
            return positions[ordinal].offset != partition.end.offset || incarnations[ordinal] != partition.incarnation
        }
        if isNew { restart(at: tail) }
    }

    /// Nobody reads what it would make of what its board has found.
    mutating func skipFound() {
        clear()
        found = []
        firstFound = 0
        catchUp()
    }

    /// Empties the ring. It goes on at a place where nobody has been on the way to.
    private mutating func clear() {
        ring.restart()
        gzip?.restart()
        frames = []
        firstFrame = 0
        hasBorrowed = false
    }

    /// Whether a subscriber that had other bytes before may go on at this place: it is still in the ring, and in gzip the
    /// piece that begins there refers to nothing before it, or is still to be made.
    func canJoin(at place: Int) -> Bool {
        guard place >= ring.start else { return false }
        guard let gzip else { return true }
        return place == ring.end || gzip.startsAnew(at: place)
    }

    /// How many frames were made up to a place between two frames.
    func frameCount(at place: Int) -> Int {
        frameCount - (frames.count - indexOfFrame(endingAtOrAfter: place + 1))
    }

    /// Its index; the number of frames where there is none.
    private func indexOfFrame(endingAtOrAfter place: Int) -> Int {
        (firstFrame..<frames.count).firstIndex(thatHasReached: { frames[$0].end >= place })
    }
}
