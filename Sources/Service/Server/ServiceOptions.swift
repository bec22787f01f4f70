public import EventLog
public import HTTP
public import History
public import Streaming

/// What a service is made with, apart from its addresses.
public struct ServiceOptions: Sendable {
    public var fanOut = FanOutOptions()
    /// Of the newest records, in memory. Bytes.
    public var tailBytes = 64 << 20
    /// About the size of a block read from the log. Bytes.
    public var replayBlockBytes = 1 << 20
    /// Of the blocks that are kept. Bytes.
    public var blockCacheBytes = 64 << 20
    /// How many starts of streams are looked up at once.
    public var lookups = LookupLimits()
    /// What a search for the newest events may look through.
    public var search = SearchLimits()
    /// Whether topics that the log lacks are created; else they are empty until they are there.
    public var createsTopics = true
    /// How often new topics and partitions are looked for.
    public var topicRefresh: Duration = .seconds(5)
    public var intakeLimits = IntakeLimits()
    /// What the intake asks before it stores events; nil: nothing.
    public var eventCheck: (any EventCheck)?
    /// Streams open at once. Nil: no limit.
    public var maximumStreams: Int?
    /// Streams open at once for one client address. Nil: no limit.
    public var maximumStreamsPerAddress: Int?
    public var gzip = GzipPolicy.auto
    /// Milliseconds; for clients that don't say.
    public var heartbeat: Int64 = 15_000
    public var trustedProxies: TrustedProxies?
    public var files = StaticFiles()
    /// The text of the admin port's `/metrics`.
    public var metrics: @Sendable () -> [UInt8] = { [] }
    /// Is told of each record that is no event.
    public var reportSkipped: @Sendable (TopicPartition, Offset, String) -> Void = { _, _, _ in }
    /// Takes what the operator should know about reading live records.
    package var reportIngest: @Sendable (IngestNews) -> Void = { _ in }
    /// Is told of each failure to read the log.
    public var reportLogError: @Sendable (LogError) -> Void = { _ in }
    /// Takes why the log did not store events, once for each request.
    public var reportStoreError: @Sendable (LogError) -> Void = { _ in }

    public init() {}
}
