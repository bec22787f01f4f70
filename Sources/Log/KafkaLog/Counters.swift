internal import Synchronization

/// What the log counts. Any thread may add.
final class Counters: Sendable {
    let fetches = Atomic(0)
    /// Questions about history, each of which may take a request or several.
    let questions = Atomic(0)
    let historyRecords = Atomic(0)
    let liveRecords = Atomic(0)
    /// Bytes from the brokers by instance, as librdkafka says.
    let received = Mutex<[Int: Int]>([:])
}

/// What a `KafkaLog` has done, and how it is.
public struct KafkaStatistics: Hashable, Sendable {
    /// Whether the cluster answered when it was asked last.
    public var isReachable: Bool
    /// Bytes from the brokers, whatever they were for. A few seconds old.
    public var receivedBytes: Int
    /// Records read as they came in, and read again later.
    public var liveRecords: Int
    public var historyRecords: Int
    /// Fetches of old records.
    public var fetches: Int
    /// Partitions that are there and can't be read at the moment, for whatever reason.
    public var unreadPartitions: Int
}
