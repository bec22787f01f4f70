/// One record of a partition, as the log keeps it.
public struct Record: Hashable, Sendable {
    public var offset: Offset
    public var timestamp: Timestamp
    public var key: [UInt8]?
    /// The event's bytes, exactly as they were appended.
    public var value: [UInt8]

    public init(offset: Offset, timestamp: Timestamp, key: [UInt8]? = nil, value: [UInt8]) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
    }
}

/// A record to append. The log chooses its partition by its key, as Kafka's default partitioner does
/// (murmur2 of the key, modulo the partitions; without a key, partitions in turn), and gives it an offset.
public struct NewRecord: Hashable, Sendable {
    public var topic: String
    public var timestamp: Timestamp
    public var key: [UInt8]?
    public var value: [UInt8]

    public init(topic: String, timestamp: Timestamp, key: [UInt8]? = nil, value: [UInt8]) {
        self.topic = topic
        self.timestamp = timestamp
        self.key = key
        self.value = value
    }
}

/// Where an appended record is.
public struct Appended: Hashable, Sendable {
    public var topicPartition: TopicPartition
    public var offset: Offset

    public init(topicPartition: TopicPartition, offset: Offset) {
        self.topicPartition = topicPartition
        self.offset = offset
    }
}
