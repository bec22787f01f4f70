public import EventLog

/// A `Last-Event-ID` as it was read: where a client asks to go on (contract, section 4).
public struct RequestedCursor: Hashable, Sendable {
    /// In the order of the text, each partition at most once. Empty only where `time` says all that is known.
    public var entries: [RequestedPosition]
    /// Whether the entries are all partitions that the stream had when a server made the id: a partition that is not
    /// named was added later. Otherwise only the named ones are meant.
    public var isWhole: Bool
    /// Whether the stream that ended with this id had sent all it was asked for: its `limit`, or a past `until`.
    public var isFinal: Bool
    /// When a whole compact id was made, whose list of topics is another than the request's: its entries can't be read.
    public var time: Timestamp?

    public init(
        _ entries: [RequestedPosition], isWhole: Bool = false, isFinal: Bool = false, time: Timestamp? = nil
    ) {
        self.entries = entries
        self.isWhole = isWhole
        self.isFinal = isFinal
        self.time = time
    }
}
