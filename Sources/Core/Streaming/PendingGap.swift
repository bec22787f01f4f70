public import EventFormats
public import EventLog

/// A gap that is still to be told to one client. Until then the client's cursor stands before it, so that one who leaves
/// in between is told when it comes back.
public struct PendingGap: Hashable, Sendable {
    public var gap: Gap
    /// Where the partition goes on once the gap was told; nil where it concerns no partition of the subscription.
    public var after: After?

    public struct After: Hashable, Sendable {
        public var partition: TopicPartition
        public var position: Position

        public init(_ partition: TopicPartition, _ position: Position) {
            self.partition = partition
            self.position = position
        }
    }

    public init(_ gap: Gap, after: After? = nil) {
        self.gap = gap
        self.after = after
    }
}
