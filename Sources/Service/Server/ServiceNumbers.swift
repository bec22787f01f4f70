internal import HTTPServer
public import History
public import Streaming

/// What the service has done and holds, at one moment.
public struct ServiceNumbers: Sendable {
    public var fanOut: FanOutStatistics
    public var lookups: LookupStatistics
    public var clients: [String: Int]
    public var topics: [String: TopicActivity.Entry]
    public var limits: ConnectionLimits.Use
    /// Refusals before a request was read, by reason.
    public var refused: [String: Int]
    public var connections: Int
    /// By event loop.
    public var connectionsByLoop: [Int]
    /// By the listener's name.
    public var connectionsByListener: [(String, Int)]
    /// Connections closed without a word, because too many were being refused.
    public var connectionsDropped: Int
    /// Idle connections closed to make room.
    public var connectionsShed: Int
    /// Answers given up because too much was not taken of them.
    public var answersGivenUp: Int
    /// How often accepting stopped for want of descriptors or memory, and how often it waited for its rate.
    public var acceptFailures: Int
    public var acceptWaits: Int
    public var requests: Int
    public var eventsStored: Int
    public var eventsRefused: Int
    public var eventsLost: Int
    /// Bytes and partitions of the tail.
    public var tailBytes: Int
    public var tailPartitions: Int
    /// Blocks of the log: bytes kept, read from the log, had from memory.
    public var blockBytes: Int
    public var blockReads: Int
    public var blockHits: Int

    init(
        _ state: ServiceState, _ counters: HTTPCounters, connectionsByLoop: [Int],
        connectionsByListener: [(String, Int)]
    ) async {
        fanOut = state.statistics
        lookups = state.lookupStatistics
        clients = state.clients.all
        topics = state.activity.all
        limits = state.limits.use
        refused = Dictionary(uniqueKeysWithValues: counters.refused.map { ($0.key.rawValue, $0.value) })
        connections = counters.connectionsOpened - counters.connectionsClosed
        self.connectionsByLoop = connectionsByLoop
        self.connectionsByListener = connectionsByListener
        connectionsDropped = counters.dropped
        connectionsShed = counters.shed
        answersGivenUp = counters.answersGivenUp
        acceptFailures = counters.acceptFailures
        acceptWaits = counters.acceptWaits
        requests = counters.requests
        eventsStored = state.intakeMetrics.stored
        eventsRefused = state.intakeMetrics.refused
        eventsLost = state.intakeMetrics.lost
        (tailBytes, tailPartitions) = state.tail.withLock { ($0.bytes, $0.partitions.count) }
        (blockBytes, blockReads, blockHits) = await (state.loader.bytes, state.loader.reads, state.loader.hits)
    }
}
