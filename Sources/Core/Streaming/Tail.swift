internal import Bytes
public import EventLog

/// The newest records of every partition, in memory, bounded in bytes.
///
/// A partition gets a number when it is added and keeps it; everything in this module names partitions by that number.
public struct Tail: Sendable {
    public private(set) var partitions: ContiguousArray<TailPartition> = []
    private var numbers: [TopicPartition: Int] = [:]
    /// What all blocks may cost together; each partition keeps its newest block even so.
    public let maximumBytes: Int
    public private(set) var bytes = 0
    /// The version of what is published that every block here was prepared under, at the least.
    public private(set) var version = Int.min

    public init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    public func number(of partition: TopicPartition) -> Int? { numbers[partition] }

    /// Adds a partition, of which nothing is in memory yet and whose next record will be at `position`.
    ///
    /// - Parameter origin: where subscriptions that are there already and include it begin to read it.
    @discardableResult
    public mutating func add(_ topicPartition: TopicPartition, at position: Position, origin: Position? = nil) -> Int {
        if let known = numbers[topicPartition] { return known }
        numbers[topicPartition] = partitions.count
        partitions.append(TailPartition(topicPartition, at: position, origin: origin ?? position))
        return partitions.count - 1
    }

    /// Appends a block that begins where the partition ends. One that begins behind the end (its reader lost its place)
    /// takes the place of all that was there; one that begins before it does too, and says that the partition was made
    /// anew: everybody goes on at its beginning.
    ///
    /// - Returns: false where the block was prepared under an older version than `version`. It was not appended: its
    ///   records have to be prepared anew.
    @discardableResult
    public mutating func append(_ block: Block, to number: Int) -> Bool {
        guard partitions.indices.contains(number) else { return true }
        guard block.version >= version else { return false }
        bytes += partitions[number].append(block)
        while bytes > maximumBytes {
            guard let largest = largestThatCanShrink(), let freed = partitions[largest].dropOldest() else { break }
            bytes -= freed
        }
        return true
    }

    /// Drops every block that was prepared under an older version than this, and takes none from now on. The partitions'
    /// ends stay: whoever stands there goes on, and whoever stands before reads the log.
    ///
    /// Each loop drops what it made of such blocks when it next pulls from this tail. To be called once the new rules
    /// are those that blocks are prepared under, and before anybody is told that they are in force.
    public mutating func purge(olderThan version: Int) {
        guard version > self.version else { return }
        self.version = version
        for number in partitions.indices { bytes -= partitions[number].purge(olderThan: version) }
    }

    /// Drops every record of a partition at once, because its topic was deleted, or made anew: its offsets mean nothing
    /// any more. Everybody who reads it is told (`topic_recreated`) and goes on at `position`.
    ///
    /// - Parameter position: where the partition goes on.
    public mutating func forget(_ number: Int, restartingAt position: Position = Position(offset: 0)) {
        guard partitions.indices.contains(number) else { return }
        bytes -= partitions[number].forget(restartingAt: position)
    }

    /// Drops every record of a partition from memory. Its end stays: whoever stands before it reads the log.
    public mutating func drop(_ number: Int) {
        guard partitions.indices.contains(number) else { return }
        while let freed = partitions[number].dropOldest(keeping: 0) { bytes -= freed }
    }

    private func largestThatCanShrink() -> Int? {
        partitions.indices.lazy.filter { partitions[$0].count > 1 }.max { partitions[$0].bytes < partitions[$1].bytes }
    }

    /// What another tail has had since it was last mirrored.
    struct Changes: OptionSet {
        let rawValue: Int
        /// Records or partitions came, or went.
        static let records = Changes(rawValue: 1)
        /// A partition was made anew.
        static let anew = Changes(rawValue: 2)
        /// Blocks of an older version went.
        static let purged = Changes(rawValue: 4)
    }

    /// Takes over what `other` has got since the last time, and lets go of what it let go of.
    ///
    /// - Parameter changed: is called with the number of each partition that changed.
    @discardableResult
    mutating func mirror(_ other: borrowing Tail, changed: (Int) -> Void = { _ in }) -> Changes {
        var changes: Changes = []
        if version != other.version { changes.insert(.purged) }
        version = other.version
        for number in other.partitions.indices {
            if number == partitions.count {
                let theirs = other.partitions[number]
                numbers[theirs.topicPartition] = number
                partitions.append(theirs)
                bytes += theirs.bytes
                changes.insert(.records)
                changed(number)
            } else if partitions[number].appended != other.partitions[number].appended
                || partitions[number].dropped != other.partitions[number].dropped
                || partitions[number].incarnation != other.partitions[number].incarnation
            {
                if partitions[number].incarnation != other.partitions[number].incarnation { changes.insert(.anew) }
                changes.insert(.records)
                bytes += partitions[number].mirror(other.partitions[number])
                changed(number)
            }
        }
        return changes
    }
}

/// The newest records of one partition.
public struct TailPartition: Sendable {
    public let topicPartition: TopicPartition
    /// Where subscriptions that were there before the partition, or before it was made anew, begin to read it.
    public private(set) var origin: Position
    private var blocks: ContiguousArray<Block> = []
    private var first = 0
    /// After the last record. Known even while the partition is idle, so that nobody is ever placed "at the end".
    public private(set) var end: Position
    public private(set) var bytes = 0
    /// How often the partition was made anew while it was watched. Offsets of two incarnations have nothing in common.
    public private(set) var incarnation = 0
    /// How many blocks ever came in, and went out.
    fileprivate var appended = 0
    fileprivate var dropped = 0

    init(_ topicPartition: TopicPartition, at position: Position, origin: Position) {
        self.topicPartition = topicPartition
        self.origin = origin
        end = position
    }

    /// The first offset that can be had from memory.
    public var start: Offset { first < blocks.count ? blocks[first].range.lowerBound : end.offset }

    /// The blocks in memory, oldest first.
    public var newestBlocks: ArraySlice<Block> { ArraySlice(blocks[first...]) }

    /// The number of blocks that can be had from memory.
    public var count: Int { blocks.count - first }

    /// The block that holds `offset`, or nil where it isn't in memory.
    public func block(at offset: Offset) -> Block? {
        guard offset >= start, offset < end.offset else { return nil }
        let index = (first..<blocks.count).firstIndex(thatHasReached: { blocks[$0].range.upperBound > offset })
        return index < blocks.count ? blocks[index] : nil
    }

    /// The position before `offset`, where the record before it is in memory (or `offset` is the end).
    public func position(at offset: Offset) -> Position? {
        if offset == end.offset { return end }
        // There is no record before the first one of all.
        guard offset > 0 else { return offset == 0 && start == 0 ? Position(offset: 0) : nil }
        guard let block = block(at: offset - 1) else { return nil }
        let index = block.index(from: offset)
        guard index > 0, block.entries[index - 1].kind != .gap else { return nil }
        return Position(offset: offset, timestamp: block.entries[index - 1].timestamp)
    }

    /// Returns by how much the cost grew.
    fileprivate mutating func append(_ block: Block) -> Int {
        let before = bytes
        if block.range.lowerBound != end.offset { while dropOldest(keeping: 0) != nil {} }
        if block.range.lowerBound < end.offset {
            incarnation += 1
            origin = Position(offset: block.range.lowerBound)
            end.timestamp = nil
        }
        blocks.append(block)
        bytes += block.cost
        appended += 1
        end.offset = block.range.upperBound
        // After a gap nothing is known of the record before; a hole leaves it as it was.
        if let last = block.entries.last { end.timestamp = last.position.timestamp }
        return bytes - before
    }

    /// Drops the oldest block and returns what it cost; nil where no more than `keeping` are left.
    fileprivate mutating func dropOldest(keeping: Int = 1) -> Int? {
        guard count > keeping else { return nil }
        let cost = blocks[first].cost
        // The place is tidied away later, its memory now.
        blocks[first] = .none
        first += 1
        dropped += 1
        bytes -= cost
        if first > 64, first > blocks.count / 2 {
            blocks.removeFirst(first)
            first = 0
        }
        return cost
    }

    /// Returns what the dropped blocks cost.
    fileprivate mutating func purge(olderThan version: Int) -> Int {
        let before = bytes
        guard let last = blocks[first...].lastIndex(where: { $0.version < version }) else { return 0 }
        for _ in first...last { _ = dropOldest(keeping: 0) }
        return before - bytes
    }

    /// Returns what the dropped blocks cost.
    fileprivate mutating func forget(restartingAt position: Position) -> Int {
        let before = bytes
        while dropOldest(keeping: 0) != nil {}
        incarnation += 1
        origin = position
        end = position
        return before - bytes
    }

    fileprivate mutating func mirror(_ other: borrowing TailPartition) -> Int {
        let before = bytes
        let fresh = min(other.appended - appended, other.count)
        if other.appended - appended > other.count { while dropOldest(keeping: 0) != nil {} }
        for index in (other.blocks.count - fresh)..<other.blocks.count {
            blocks.append(other.blocks[index])
            bytes += other.blocks[index].cost
        }
        while count > other.count { _ = dropOldest(keeping: 0) }
        appended = other.appended
        dropped = other.dropped
        end = other.end
        incarnation = other.incarnation
        origin = other.origin
        return bytes - before
    }
}
