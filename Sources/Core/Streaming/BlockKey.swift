public import EventLog

/// Names a block of the log: the one of this partition that holds this offset.
public struct BlockKey: Hashable, Sendable {
    /// The partition's number in the tail.
    public var partition: Int
    public var offset: Offset
    /// Of which of the partition's incarnations: a block of the old one that is still on its way must not be taken for one of
    /// the new one.
    public var incarnation: Int
    /// What the reader looks for, where it doesn't need all blocks.
    public var search: BlockSearch?

    public init(partition: Int, offset: Offset, incarnation: Int = 0, search: BlockSearch? = nil) {
        self.partition = partition
        self.offset = offset
        self.incarnation = incarnation
        self.search = search
    }
}
