internal import EventLog

/// How an `EmbeddedLog` is kept.
public struct EmbeddedLogOptions: Sendable {
    /// Made if missing (readable by its owner and group). Belongs to one open log at a time.
    public var directory: String
    /// For every topic without an entry in `topicRetention`.
    public var retention: Retention
    public var topicRetention: [String: Retention]
    /// Time between two passes of retention.
    public var retentionInterval: Duration
    /// Bytes of key and value. Records above it are refused one by one.
    public var maximumRecordBytes: Int
    /// Bytes of records that may wait for the disk. Appends past it are refused (`unavailable`), so a slow disk costs
    /// bounded memory.
    public var maximumWaitingBytes: Int
    /// Records and bytes that one commit takes at most: the most a crash can undo at once, and the longest an append
    /// waits behind others.
    public var maximumCommitRecords: Int
    public var maximumCommitBytes: Int
    /// Bytes the database file may grow to (its write-ahead log, up to some 64 MiB, comes on top); nil: the disk's room.
    /// Past it appends are refused (`full`) until retention has made room.
    public var maximumFileBytes: Int?
    /// Bytes the log leaves free on its file system. With less, appends are refused (`full`): a disk that is full to the
    /// last byte would keep old records from being removed, too, since that is written before it takes effect. Nil: 128 MiB,
    /// which hold a write-ahead log of the usual size twice, or a tenth of a smaller file system.
    public var minimumFreeBytes: Int?
    /// Threads that read, each with a connection of its own.
    public var readers: Int
    public var durability: Durability
    public var clock: LogClock
    /// How long retention does not go by a time of day that has jumped (`ClockWatch`).
    public var clockWait: Duration
    /// Is given each sentence about the log for its operator. Called on the log's threads; it must not block.
    public var report: @Sendable (LogNotice) -> Void

    public init(
        directory: String, retention: Retention = Retention(), topicRetention: [String: Retention] = [:],
        retentionInterval: Duration = .seconds(60), maximumRecordBytes: Int = (1 << 20) + (64 << 10),
        maximumWaitingBytes: Int = 64 << 20, maximumCommitRecords: Int = 1000, maximumCommitBytes: Int = 4 << 20,
        maximumFileBytes: Int? = nil, minimumFreeBytes: Int? = nil, readers: Int = 2,
        durability: Durability = .full, clock: LogClock = .system, clockWait: Duration = .seconds(86_400),
        report: @escaping @Sendable (LogNotice) -> Void = { _ in }
    ) {
        self.directory = directory
        self.retention = retention
        self.topicRetention = topicRetention
        self.retentionInterval = retentionInterval
        self.maximumRecordBytes = maximumRecordBytes
        self.maximumWaitingBytes = maximumWaitingBytes
        self.maximumCommitRecords = maximumCommitRecords
        self.maximumCommitBytes = maximumCommitBytes
        self.maximumFileBytes = maximumFileBytes
        self.minimumFreeBytes = minimumFreeBytes
        self.readers = readers
        self.durability = durability
        self.clock = clock
        self.clockWait = clockWait
        self.report = report
    }
}

extension EmbeddedLogOptions {
    /// - Throws: `invalid` for a value that no log can be kept with.
    func validate() throws(LogError) {
        for (name, value, range) in [
            // A blob of SQLite's has 1,000,000,000 bytes at most.
            ("maximumRecordBytes", maximumRecordBytes, 1...512 << 20),
            ("maximumWaitingBytes", maximumWaitingBytes, 1...Int.max),
            ("maximumCommitRecords", maximumCommitRecords, 1...1_000_000),
            ("maximumCommitBytes", maximumCommitBytes, 1...1 << 30),
            // An empty log with a few topics has some 20 pages.
            ("maximumFileBytes", maximumFileBytes ?? .max, 1 << 18...Int.max),
            ("minimumFreeBytes", minimumFreeBytes ?? 0, 0...Int.max),
            ("readers", readers, 1...64),
        ] {
            guard !range.contains(value) else { continue }
            throw .invalid(
                "\(name) is \(value); give it at least \(range.lowerBound)"
                    + (range.upperBound == .max ? "" : " and at most \(range.upperBound)"))
        }
        guard clockWait >= .zero else { throw .invalid("clockWait is \(clockWait); give it zero or more") }
        guard retentionInterval >= .milliseconds(1) else {
            throw .invalid("retentionInterval is \(retentionInterval); give it at least a millisecond")
        }
    }
}
