/// One record of a partition, as the log keeps it.
public struct Record: Hashable, Sendable {
    public var offset: Offset
    public var timestamp: Timestamp
    public var key: [UInt8]?
    /// The event's bytes, exactly as they were appended.
    public var value: [UInt8]
    /// Of the value, where the record comes from this process.
    public var index: RecordIndex

    public init(
        offset: Offset, timestamp: Timestamp, key: [UInt8]? = nil, value: [UInt8], index: RecordIndex = .none
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.index = index
    }
}

/// A record to append. The log chooses its partition by its key, as Kafka's default partitioner does
/// (murmur2 of the key, modulo the partitions; without a key, partitions in turn), and gives it an offset.
public struct NewRecord: Hashable, Sendable {
    public var topic: String
    public var timestamp: Timestamp
    public var key: [UInt8]?
    public var value: [UInt8]
    /// Of the value, where it was made already.
    public var index: RecordIndex

    public init(
        topic: String, timestamp: Timestamp, key: [UInt8]? = nil, value: [UInt8], index: RecordIndex = .none
    ) {
        self.topic = topic
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.index = index
    }
}

/// What is known of the structure of a record's value: an index as `JSONIndex` describes it, made by whoever appended the
/// record, for whoever reads it in the same process. A log that has it at hand gives it on, and does not keep it: so it is no
/// part of what a record is, and two of them are always equal.
public struct RecordIndex: Hashable, Sendable {
    /// Nothing is known.
    public static let none = RecordIndex(words: [])

    /// May hold the indices of many records.
    public var words: [UInt16]
    /// Where in `words` this record's begins.
    public var start: Int

    public var isEmpty: Bool { words.isEmpty }

    public init(words: [UInt16], start: Int = 0) {
        self.words = words
        self.start = start
    }

    public static func == (a: RecordIndex, b: RecordIndex) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
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
