/// The place of one record in one partition, counted from 0. As in Kafka.
public typealias Offset = Int64

/// Milliseconds since 1970-01-01T00:00:00Z.
public typealias Timestamp = Int64

/// One partition of one topic.
///
/// Ordered by topic (by Unicode scalar) and then by partition, which is the order of entries in an event's id.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The topic's name.
    public var topic: String
    /// Counted from 0; never negative in a value that this project made.
    public var partition: Int32

    /// Partition `partition` of `topic`, whether it exists or not.
    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// By topic, then by number.
    public static func < (a: Self, b: Self) -> Bool {
        a.topic == b.topic
            ? a.partition < b.partition : a.topic.unicodeScalars.lexicographicallyPrecedes(b.topic.unicodeScalars)
    }

    /// `topic/partition`.
    public var description: String { "\(topic)/\(partition)" }
}
