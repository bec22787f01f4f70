/// Where records are kept: topics of partitions of records, each partition append-only and numbered by offset.
///
/// Offsets of a partition grow and are never given twice; there may be holes (compaction, transactions). Old records may
/// be removed at the front (retention) at any time. Timestamps usually grow but need not.
/// Every log must pass the suite in `EventLogTestKit`.
public protocol EventLog: Sendable {
    /// The topics that exist, with the number of their partitions (0 ..< n).
    func topics() async throws(LogError) -> [String: Int32]

    /// Creates a topic, or adds partitions to one that has fewer. Never removes any: a smaller number changes nothing.
    func createTopic(_ name: String, partitions: Int32) async throws(LogError)

    /// From where to where a partition can be read now.
    ///
    /// - Throws: `topicNotFound` or `partitionNotFound`; `unavailable` where the log can't be reached; `closed`.
    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds

    /// The records from `offset` on, in order: at most `limit.records`, and at most `limit.bytes` of values, but one record
    /// at the least where there is any. At the partition's end the block is empty.
    ///
    /// - Throws: `offsetOutOfRange` when `offset` is below the first one kept or beyond the next one to be given,
    ///   `unreadable` when the records there can't be read and never will be (the range says where to read on).
    func read(_ partition: TopicPartition, from offset: Offset, limit: ReadLimit) async throws(LogError) -> RecordBlock

    /// The place of the first record whose *running maximum* timestamp (the largest of its own and all before it) is at or
    /// after `time`; the end of the partition where there is none. Its timestamp is that of the record before.
    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position

    /// `offset` with the timestamp of the nearest record before it that is still kept (nil: none is).
    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position

    /// Appends records in the order given. When this returns, each that has `.success` is durable and survives a crash of
    /// the process and of the machine. One that fails does not keep others from being stored.
    ///
    /// It goes on where its caller is: one that is on a thread of its own has no other one woken.
    nonisolated(nonsending) func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>]

    /// Reads partitions from given offsets on and waits for more, for ever.
    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower

    /// Why the log has been out of reach for longer than a moment; nil while it is not.
    var failure: LogError? { get }

    /// Stops all work in an orderly way. Every call after it throws `closed`.
    func close() async
}

extension EventLog {
    /// A log that is part of the process is always in reach.
    public var failure: LogError? { nil }
}

/// What waits for appends. Used by one task at a time, but for `add` and `close`, which any task may call.
public protocol LogFollower: Sendable {
    /// Waits until there are records past those it gave last, then gives them: for each partition in order and without a
    /// gap, in no order between partitions. It gives none when it has got over something that kept it from reading. What it has to say about one partition it says once, and then goes on:
    ///
    /// - Throws: `closed` once it or its log was closed, or the task was cancelled (the follower itself lives on then).
    ///   `offsetOutOfRange` for a partition that lost (retention) what was to be read next; it goes on at the first record
    ///   kept (at the end, where it was to begin beyond it). `unreadable` for damaged records; it goes on behind them.
    ///   `topicNotFound` or `partitionNotFound` for a partition that was added without being there; it is forgotten.
    nonisolated(nonsending) func next() async throws(LogError) -> [FollowedRecords]
    /// Also follow this partition. Nothing changes if it is followed already.
    func add(_ partition: TopicPartition, from offset: Offset)
    /// Ends `next` with `closed`, now and from now on.
    func close()
    /// Where a task that waits in `next` is best run: there it goes on without another thread being woken. Nil: anywhere. It must be
    /// one that does no more than a little for each record.
    var executor: (any TaskExecutor)? { get }
}

extension LogFollower {
    public var executor: (any TaskExecutor)? { nil }
}

/// Records of one partition, as a follower gives them.
public struct FollowedRecords: Sendable {
    /// The partition they are of.
    public var topicPartition: TopicPartition
    /// In order. Empty where there is nothing new but a hole.
    public var records: [Record]
    /// Where to read on: after the last record, and after the hole behind it if there is one.
    public var next: Offset

    /// - Parameter next: nil: right after the last record.
    public init(topicPartition: TopicPartition, records: [Record], next: Offset? = nil) {
        self.topicPartition = topicPartition
        self.records = records
        self.next = next ?? records.last.map { $0.offset + 1 } ?? 0
    }
}

/// What is kept of a partition, and what was.
public struct PartitionBounds: Hashable, Sendable {
    /// The first offset that may be read. Equal to `next` in an empty partition.
    public var first: Offset
    /// The offset the next appended record will have.
    public var next: Offset
    /// Of the last record appended, kept or not any more, where the log knows; nil in a partition that never had one.
    public var lastTimestamp: Timestamp?
    /// The largest of all records ever appended, kept or not, where the log knows; else nil.
    public var maximumTimestamp: Timestamp?

    /// Offsets, and timestamps in milliseconds since 1970 where the log knows them.
    public init(
        first: Offset, next: Offset, lastTimestamp: Timestamp? = nil, maximumTimestamp: Timestamp? = nil
    ) {
        self.first = first
        self.next = next
        self.lastTimestamp = lastTimestamp
        self.maximumTimestamp = maximumTimestamp
    }

    /// The position at the partition's end.
    public var end: Position { Position(offset: next, timestamp: lastTimestamp) }
}

/// The most that one read gives.
public struct ReadLimit: Hashable, Sendable {
    /// Records; at least 1 counts.
    public var records: Int
    /// Bytes of values and keys.
    public var bytes: Int

    /// 1,000 records and 1 MiB, unless said otherwise.
    public init(records: Int = 1000, bytes: Int = 1 << 20) {
        self.records = records
        self.bytes = bytes
    }
}

/// What one read gives.
public struct RecordBlock: Sendable {
    /// In order. Empty at the partition's end, or where there is nothing but a hole.
    public var records: [Record]
    /// Where to read on: after the last record, and after the hole behind it if there is one.
    public var next: Offset

    /// `records`, and where to read on behind them.
    public init(records: [Record], next: Offset) {
        self.records = records
        self.next = next
    }
}
