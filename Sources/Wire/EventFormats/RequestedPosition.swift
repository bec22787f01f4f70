public import EventLog

/// One entry of a `Last-Event-ID`: where a client asks to go on in one partition, or in all of a topic.
public struct RequestedPosition: Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        /// Behind the last record.
        case end
        /// At the first record that is kept.
        case beginning
        /// At this offset, which is not negative.
        case at(Offset)
    }

    public var topic: String
    /// nil: a bare topic name, all its partitions, at `since` or live. Such an entry has no place and no timestamp.
    public var partition: Int32?
    public var place: Place?
    /// Of the record before the offset, if there is an offset; else the time to go on at. Any number: a log may have records
    /// of any time.
    public var timestamp: Timestamp?

    public init(topic: String, partition: Int32? = nil, place: Place? = nil, timestamp: Timestamp? = nil) {
        self.topic = topic
        self.partition = partition
        self.place = place
        self.timestamp = timestamp
    }
}
