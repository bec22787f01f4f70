public import EventLog

/// The log in numbers, as of one moment (but for the sizes of files).
public struct LogStatistics: Sendable {
    public struct Partition: Hashable, Sendable {
        public var first: Offset
        public var next: Offset
        /// Bytes of keys and values.
        public var bytes: Int64

        public var records: Int64 { next - first }
    }

    public var partitions: [TopicPartition: Partition] = [:]
    /// Bytes of the database file and of its write-ahead log.
    public var fileBytes: Int64 = 0
    public var writeAheadBytes: Int64 = 0
    /// Bytes of records that wait for the disk now.
    public var waitingBytes: Int = 0
    /// Since the log was opened.
    public var commits: Int64 = 0
    public var failedCommits: Int64 = 0
    public var appendedRecords: Int64 = 0
    public var removedRecords: Int64 = 0
    /// Why the last pass of retention failed; nil if it did not.
    public var retentionError: LogError?

    public var records: Int64 { partitions.values.reduce(0) { $0 + $1.records } }
    public var bytes: Int64 { partitions.values.reduce(0) { $0 + $1.bytes } }
}
