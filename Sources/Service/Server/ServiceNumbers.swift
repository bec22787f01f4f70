package import Admission
package import Canaries
package import Consumption
internal import HTTPServer
package import History
package import Intake
package import Live
package import Streaming
internal import TLS

/// What the service has done and holds, at one moment.
package struct ServiceNumbers: Sendable {
    package var fanOut: FanOutStatistics
    package var lookups: LookupStatistics
    package var clients: [String: Int]
    /// Who consumes what, most bytes first, as of the last half minute.
    package var consumers: [ConsumerLine]
    package var topics: [String: TopicActivity.Entry]
    /// By stream; those that have had one.
    package var canaries: [String: CanaryBoard.Entry]
    package var limits: ConnectionLimits.Use
    /// Other servers whose counts are added to this one's.
    package var sharingServers: Int
    /// Streams that clients of each tier were given and refused.
    package var tiers: [String: (served: Int, refused: Int)]
    /// Refusals before a request was read, by reason.
    package var refused: [String: Int]
    package var connections: Int
    /// By event loop.
    package var connectionsByLoop: [Int]
    /// By the listener's name.
    package var connectionsByListener: [(String, Int)]
    /// Connections closed without a word, because too many were being refused.
    package var connectionsDropped: Int
    /// Connections of proxies that did not begin as the PROXY protocol demands.
    package var wrongProxyHeaders: Int
    /// Idle connections closed to make room.
    package var connectionsShed: Int
    /// Answers given up because too much was not taken of them.
    package var answersGivenUp: Int
    /// How often accepting stopped for want of descriptors or memory, and how often it waited for its rate.
    package var acceptFailures: Int
    package var acceptWaits: Int
    /// Connections that turned out to speak HTTP/2, and those that were ended because they wore the server out, by kind.
    package var http2Connections: Int
    package var http2Abuses: [String: Int]
    /// TLS handshakes by outcome; of the completed ones, those with a ticket, and by version.
    package var handshakes: [String: Int]
    package var handshakesResumed: Int
    package var tlsVersions: [String: Int]
    /// How often handshakes had to wait because there were too many in all.
    package var handshakeWaits: Int
    package var connectionsByKernel: Int
    package var requests: Int
    package var eventsStored: Int
    package var eventsRefused: Int
    package var eventsLost: Int
    /// Events that were stored before, and were not stored again.
    package var eventsDuplicate: Int
    package var recentEvents: RecentEvents.Use
    /// Hasty events that wait on the disk for the log; nil: there is no such place.
    package var spool: HastySpool.Use?
    /// Refusals because a stream, or an address, had too many events.
    package var streamsOverQuota: Int
    package var addressesOverQuota: Int
    /// Bytes and partitions of the tail.
    package var tailBytes: Int
    package var tailPartitions: Int
    /// Blocks of the log: bytes kept, read from the log, had from memory.
    package var blockBytes: Int
    package var blockReads: Int
    package var blockHits: Int
    /// Blocks that readers with filters passed over, and the bytes of what is known of blocks.
    package var blockPasses: Int
    package var summaryBytes: Int

    init(
        _ state: ServiceState, _ counters: HTTPCounters, connectionsByLoop: [Int],
        connectionsByListener: [(String, Int)]
    ) async {
        fanOut = state.statistics
        lookups = state.lookupStatistics
        clients = state.clients.all
        consumers = state.consumers.lines
        topics = state.activity.all
        canaries = state.canaries.all
        limits = state.limits.use
        sharingServers = state.useExchange?.servers ?? 0
        tiers = state.tierCounts.all
        // Also those that never came: whoever watches a sum must see it begin at 0.
        refused = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map { ($0.rawValue, counters.refused[$0] ?? 0) })
        connections = counters.connectionsOpened - counters.connectionsClosed
        self.connectionsByLoop = connectionsByLoop
        self.connectionsByListener = connectionsByListener
        connectionsDropped = counters.dropped
        wrongProxyHeaders = counters.wrongProxyHeaders
        connectionsShed = counters.shed
        answersGivenUp = counters.answersGivenUp
        acceptFailures = counters.acceptFailures
        acceptWaits = counters.acceptWaits
        http2Connections = counters.http2Connections
        http2Abuses = counters.abuses
        handshakes = Dictionary(
            uniqueKeysWithValues: HandshakeOutcome.allCases.map { ($0.rawValue, counters.tls.handshakes[$0] ?? 0) })
        handshakesResumed = counters.tls.resumed
        tlsVersions = Dictionary(
            uniqueKeysWithValues: TLSFacts.Version.allCases.map {
                ($0.rawValue, counters.tls.versions[$0.rawValue] ?? 0)
            })
        handshakeWaits = counters.tls.waits
        connectionsByKernel = counters.tls.byKernel
        requests = counters.requests
        eventsStored = state.intakeMetrics.stored
        eventsRefused = state.intakeMetrics.refused
        eventsLost = state.intakeMetrics.lost
        eventsDuplicate = state.intakeMetrics.duplicates
        streamsOverQuota = state.streamQuotas.refused
        addressesOverQuota = state.addressQuotas.refused
        spool = state.spool?.use
        recentEvents = state.recent?.use ?? RecentEvents.Use()
        (tailBytes, tailPartitions) = state.tail.withLock { ($0.bytes, $0.partitions.count) }
        (blockBytes, blockReads, blockHits) = await (state.loader.bytes, state.loader.reads, state.loader.hits)
        (blockPasses, summaryBytes) = await (state.loader.passes, state.loader.summaryBytes)
    }
}
