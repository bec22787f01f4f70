/// The next offset to read in one partition, with the timestamp of the record before it.
///
/// The pair is a fingerprint: a log in which the record before `offset` has another timestamp is not the log this
/// position was made from.
public struct Position: Hashable, Sendable {
    /// At least 0.
    public var offset: Offset
    /// Of the nearest record before `offset`; nil where there is none.
    public var timestamp: Timestamp?

    /// - Parameter timestamp: milliseconds; nil where there is no record before `offset`, or its time is not known.
    public init(offset: Offset, timestamp: Timestamp? = nil) {
        self.offset = offset
        self.timestamp = timestamp
    }
}

/// A client's positions, one for each partition of its subscription, in the order of `TopicPartition`.
public struct Cursor: Hashable, Sendable {
    /// A position and whose it is.
    public struct Entry: Hashable, Sendable {
        /// The partition.
        public var topicPartition: TopicPartition
        /// Where to read on in it.
        public var position: Position

        /// `position` in `topicPartition`.
        public init(_ topicPartition: TopicPartition, _ position: Position) {
            self.topicPartition = topicPartition
            self.position = position
        }
    }

    /// Sorted, each partition once.
    public private(set) var entries: [Entry]

    /// Of entries that name a partition twice, the last counts.
    public init(_ entries: some Sequence<Entry> = []) {
        var positions: [TopicPartition: Position] = [:]
        for entry in entries { positions[entry.topicPartition] = entry.position }
        self.entries = positions.map { Entry($0.key, $0.value) }.sorted { $0.topicPartition < $1.topicPartition }
    }

    /// The position in a partition; nil where the cursor does not name it.
    public subscript(_ topicPartition: TopicPartition) -> Position? {
        entries.first { $0.topicPartition == topicPartition }?.position
    }
}
