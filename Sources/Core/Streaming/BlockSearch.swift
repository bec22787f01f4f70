public import EventFilter
public import EventLog

/// What a reader with a filter looks for: blocks that can't have it may be passed over. In their place it gets a block of one
/// skipped entry, the last record of them.
public struct BlockSearch: Hashable, Sendable {
    public var needs: FilterNeeds
    /// Nothing from here on is passed over: the reader must learn what stands right before it.
    public var end: Offset

    public init(_ needs: FilterNeeds, before end: Offset) {
        self.needs = needs
        self.end = end
    }
}
