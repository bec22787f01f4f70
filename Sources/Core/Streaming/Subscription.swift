public import EventFilter
public import EventFormats
public import EventLog

/// How a body's bytes are coded on their way (RFC 9110, section 8.4.1).
public enum ContentCoding: Hashable, Sendable {
    case identity
    case gzip
}

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
    /// The condition that an event must meet to be sent; nil: the server sends every event.
    public var filter: EventFilter?
    /// Which members of an event are sent; nil: all.
    public var projection: Projection?
    /// The part of the streams' records that is sent; nil: all.
    public var share: Share?
    /// Whether the bytes come in HTTP/1.1 chunks. The framing is part of the shared bytes.
    public var isChunked: Bool
    public var encoding: ContentCoding

    public init(
        topics: [String], only: [TopicPartition]? = nil, format: StreamFormat = .sse, ids: IDForm = .json,
        includesCanaries: Bool = false, filter: EventFilter? = nil, projection: Projection? = nil, share: Share? = nil,
        isChunked: Bool = true, encoding: ContentCoding = .identity
    ) {
        self.topics = topics
        self.only = only
        self.format = format
        self.ids = ids
        self.includesCanaries = includesCanaries
        self.filter = filter
        self.projection = projection
        self.share = share
        self.isChunked = isChunked
        self.encoding = encoding
    }

    public func includes(_ partition: TopicPartition) -> Bool {
        only?.contains(partition) ?? topics.contains(partition.topic)
    }

    /// The first bytes of a body. A caller sends them together with the head, in one system call. Empty where bodies are compressed:
    /// there the compressor writes the first bytes.
    public var preamble: [UInt8] {
        var preamble: [UInt8] = []
        if encoding == .identity { FrameEncoder.appendPreamble(of: format, isChunked: isChunked, to: &preamble) }
        return preamble
    }

    /// Writes frames before they are compressed, where they are: then the chunks are around what was compressed.
    func encoder(for partitions: [TopicPartition]) -> FrameEncoder {
        FrameEncoder(
            format: format, ids: ids, isChunked: isChunked && encoding == .identity,
            cursor: CursorEncoder(partitions, topics: topics, isWhole: only == nil))
    }

    /// Whether clients may see an entry by its kind and its share: an event must pass the filter too. Gaps are shown to all.
    public func shows(_ entry: Block.Entry) -> Bool {
        shows(entry.kind) && (entry.kind == .gap || share?.has(entry) ?? true)
    }

    /// Whether clients may see an entry of this kind.
    public func shows(_ kind: Block.Entry.Kind) -> Bool {
        switch kind {
        case .event, .gap: true
        case .canary: includesCanaries
        case .skipped: false
        }
    }

    /// Whether most events may pass that its clients are not shown.
    var isSelective: Bool { filter != nil || share != nil }
}
