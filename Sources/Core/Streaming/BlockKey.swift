public import EventFormats
public import EventLog

/// Names a block of the log: the one of this partition that holds this offset.
public struct BlockKey: Hashable, Sendable {
    /// The partition's number in the tail.
    public var partition: Int
    public var offset: Offset
    /// Of which of the partition's incarnations: a block of the old one that is still on its way must not be taken for one of
    /// the new one.
    public var incarnation: Int

    public init(partition: Int, offset: Offset, incarnation: Int = 0) {
        self.partition = partition
        self.offset = offset
        self.incarnation = incarnation
    }
}

/// What became of a request for a block.
public enum BlockResult: Sendable {
    /// It covers the offset asked for.
    case block(Block)
    /// Those before `next` can't be had and never will be.
    case missing(next: Offset, Gap.Reason, detail: String)
    /// Not now: worth another try.
    case unavailable
}
