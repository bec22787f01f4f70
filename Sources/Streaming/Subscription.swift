public import EventLog
public import ServerSentEvents

/// What decides the bytes a client gets. Equal subscriptions share a feed.
public struct Subscription: Hashable, Sendable {
    /// Of the streams that were asked for. Sorted, each once.
    public var topics: [String]
    /// Just these partitions, because the client's id named just these; nil: all of the topics, also those that are added
    /// later. Sorted, each once.
    public var only: [TopicPartition]?
    public var format: StreamFormat
    public var ids: IDForm
    public var includesCanaries: Bool
    /// Whether the bytes come in HTTP/1.1 chunks. The framing is part of the shared bytes.
    public var isChunked: Bool

    public init(
        topics: [String], only: [TopicPartition]? = nil, format: StreamFormat = .sse, ids: IDForm = .json,
        includesCanaries: Bool = false, isChunked: Bool = true
    ) {
        self.topics = topics
        self.only = only
        self.format = format
        self.ids = ids
        self.includesCanaries = includesCanaries
        self.isChunked = isChunked
    }

    public func includes(_ partition: TopicPartition) -> Bool {
        only?.contains(partition) ?? topics.contains(partition.topic)
    }

    func encoder(for partitions: [TopicPartition]) -> FrameEncoder {
        FrameEncoder(
            format: format, ids: ids, isChunked: isChunked, cursor: CursorEncoder(partitions, topics: topics))
    }

    /// Whether clients see an entry of this kind.
    public func shows(_ kind: Block.Entry.Kind) -> Bool {
        switch kind {
        case .event, .gap: true
        case .canary: includesCanaries
        case .skipped: false
        }
    }
}
