internal import EventFilter
internal import Events
internal import JSON

/// Decides which entries of blocks a subscription's clients see: by their kind, and by its filter.
///
/// It has what the filter needs while it looks at an event, so it is made once for a feed or a search and then asked again and
/// again, by one thread.
public final class EntrySelector {
    private let subscription: Subscription
    private var filter: CompiledFilter?

    public init(_ subscription: Subscription) {
        self.subscription = subscription
        filter = subscription.filter.map { CompiledFilter($0) }
    }

    /// Whether clients see an entry of this block. Gaps are shown to everybody.
    public func shows(_ entry: Block.Entry, of block: Block) -> Bool {
        guard subscription.shows(entry.kind) else { return false }
        guard filter != nil, entry.kind != .gap else { return true }
        if let event = block.event(entry) { return filter?.matches(event) ?? true }
        // One too large for an index is read anew.
        guard let document = try? JSONDocument(Array(block.bytes[entry.start..<entry.end]), depth: Event.maximumDepth),
            let event = Event(document)
        else { return true }
        return filter?.matches(event) ?? true
    }
}
