internal import EventFilter
internal import Events

/// Decides which entries of blocks a subscription's clients see, by their kind, its share and its filter, and which fields of
/// them.
///
/// It has what the filter needs while it looks at an event, so it is made once for a feed or a search and then asked again and
/// again, by one thread.
public final class EntrySelector {
    /// But for its filter. A constant: what is read for each entry costs no check of who else has it.
    private let base: Subscription
    private let isFiltered: Bool
    private var wanted: EventFilter?
    /// Made when it is first needed: a feed whose filter stands on a board needs none.
    private var filter: CompiledFilter?
    /// The fields of the event that is being written.
    private var kept: [UInt8] = []

    public init(_ subscription: Subscription) {
        var base = subscription
        base.filter = nil
        self.base = base
        wanted = subscription.filter
        isFiltered = wanted != nil
    }

    var subscription: Subscription {
        guard isFiltered else { return base }
        var subscription = base
        subscription.filter = wanted
        return subscription
    }

    /// Keeps less of the filter, which something else holds against new entries: it is read anew where a client replays.
    func compact() { wanted = wanted?.compact }

    /// Whether clients may see an entry by its kind and its share.
    func mayShow(_ entry: Block.Entry) -> Bool { base.shows(entry) }

    /// Whether clients see an entry of this block. Gaps are shown to everybody.
    public func shows(_ entry: Block.Entry, of block: Block) -> Bool {
        guard base.shows(entry) else { return false }
        guard isFiltered, let wanted, entry.kind != .gap, let event = block.readEvent(entry) else {
            return true
        }
        if filter == nil { filter = CompiledFilter(wanted) }
        return filter?.matches(event) ?? true
    }

    /// The members of an event that the subscription asks for; nil: all of them.
    func fields(_ entry: Block.Entry, of block: Block) -> [UInt8]? {
        guard let projection = base.projection, let event = block.readEvent(entry) else { return nil }
        kept.removeAll(keepingCapacity: true)
        projection.append(event, to: &kept)
        return kept
    }
}
