public import EventLog

/// The log in numbers, as of one moment (but for the sizes of files).
public struct LogStatistics: Sendable {
    public struct Partition: Hashable, Sendable {
        public var first: Offset
        public var next: Offset
        /// Bytes of keys and values.
        public var bytes: Int64

        public var records: Int64 { next - first }

        public init(first: Offset, next: Offset, bytes: Int64) {
            self.first = first
            self.next = next
            self.bytes = bytes
        }
    }

    public var partitions: [TopicPartition: Partition] = [:]
    /// Bytes of the database file and of its write-ahead log.
    public var fileBytes: Int64 = 0
    public var writeAheadBytes: Int64 = 0
    /// Bytes free on the file system, for users without privileges.
    public var freeBytes: Int64 = 0
    /// Bytes of records that wait for the disk now.
    public var waitingBytes: Int = 0
    /// Since the log was opened.
    public var commits: Int64 = 0
    public var failedCommits: Int64 = 0
    public var appendedRecords: Int64 = 0
    public var removedRecords: Int64 = 0
    /// How far the time of day is ahead of what it should be, in milliseconds; 0 while it is believed. Meanwhile retention
    /// goes by the earlier of the two.
    public var clockDistance: Int64 = 0
    /// Why the last pass of retention failed; nil if it did not.
    public var retentionError: LogError?

    public init() {}

    public var records: Int64 { partitions.values.reduce(0) { $0 + $1.records } }
    public var bytes: Int64 { partitions.values.reduce(0) { $0 + $1.bytes } }
}
