package import Admission
package import Endpoints
package import EventLog
package import HTTP
package import History
package import Intake
package import Live
package import SchemaLibrary
package import Streaming

/// What a service is made with, apart from its addresses.
package struct ServiceOptions: Sendable {
    package var fanOut = FanOutOptions()
    /// Of the newest records, in memory. Bytes.
    package var tailBytes = 64 << 20
    /// About the size of a block read from the log. Bytes.
    package var replayBlockBytes = 1 << 20
    /// Of the blocks that are kept. Bytes.
    package var blockCacheBytes = 64 << 20
    /// The fields whose values are summed up for each block of the log (`FanOutOptions.summaryFields`), as paths.
    package var summaryFields = ["wiki", "meta.domain", "type"]
    /// Of what is known of blocks: how much of it is kept. Bytes.
    package var summaryBytes = 16 << 20
    /// Where the summaries are kept for the next run; nil: nowhere.
    package var summaryFile: String?
    /// Is told why they can't be kept.
    package var reportSummaries: @Sendable (String) -> Void = { _ in }
    /// How many starts of streams are looked up at once.
    package var lookups = LookupLimits()
    /// What a search for the newest events may look through.
    package var search = SearchLimits()
    /// Whether topics that the log lacks are created; else they are empty until they are there.
    package var createsTopics = true
    /// How often new topics and partitions are looked for.
    package var topicRefresh: Duration = .seconds(5)
    package var intakeLimits = IntakeLimits()
    /// How long, and in how much memory, events are known that were stored, so that none is stored twice.
    package var recentEvents = RecentEventLimits()
    /// Whether a stream without a `schema_title` takes no events, where there are schemas.
    package var requiresSchemas = false
    /// Whether schemas are taken by which validating may take long.
    package var allowsInsecureSchemas = false
    /// The stream that tells of events which don't follow their schema, where there is such a stream.
    package var validationErrorStream = "eventstreams.error.validation"
    /// Whether the intake answers with EventGate's statuses and nothing but its members.
    package var answersAsEventGate = false
    /// Whose pages may read the intake's answers (`Access-Control-Allow-Origin`); empty: none may.
    package var intakeOrigin = "*"
    /// The body that `/v1/_test/events` posts; nil: there is no such path.
    package var testEvents: [UInt8]?
    /// What may be posted to each stream, and by each address (IPv6: one /64).
    package var streamEvents = EventRate()
    package var addressEvents = EventRate()
    /// Where hasty events wait for the log; nil: in memory.
    package var spool: SpoolStorage?
    /// What the intake asks before it stores events; nil: nothing.
    package var eventCheck: (any EventCheck)?
    /// Streams open at once. Nil: no limit.
    package var maximumStreams: Int?
    /// Streams open at once for one client address. Nil: no limit.
    package var maximumStreamsPerAddress: Int?
    /// The topic by which servers of one log share what clients have (`UseExchange`). Empty: each counts alone.
    package var limitsTopic = ""
    /// Is told why that is not shared.
    package var reportSharing: @Sendable (LogError) -> Void = { _ in }
    /// Whether requests in the clear are sent to the TLS listener.
    package var redirectsToTLS = false
    /// The port to which they are sent; nil: the listener's own.
    package var redirectPort: Int?
    package var gzip = GzipPolicy.auto
    /// Milliseconds; for clients that don't say.
    package var heartbeat: Int64 = 15_000
    package var trustedProxies: TrustedProxies?
    package var files = StaticFiles()
    /// The schemas that are served, and that events are held against; nil: there are none.
    package var schemas: SchemaLibrary?
    /// When a stream counts as fresh. Milliseconds.
    package var freshFor: Int64 = 900_000
    /// Milliseconds between two canaries of a stream; 0: none are sent.
    package var canaryInterval: Int64 = 0
    /// The directory in which the status of the last day is kept; nil: in memory only.
    package var statusDirectory: String?
    /// Takes what is wrong with the file that is kept there.
    package var reportStatusFile: @Sendable (String) -> Void = { _ in }
    /// The text of the admin port's `/metrics`.
    package var metrics: @Sendable () -> [UInt8] = { [] }
    /// Is told of each record that is no event.
    package var reportSkipped: @Sendable (TopicPartition, Offset, String) -> Void = { _, _, _ in }
    /// Takes what the operator should know about reading live records.
    package var reportIngest: @Sendable (IngestNews) -> Void = { _ in }
    /// Is told of partitions whose newest events could not be read at the start, so that some may be stored twice.
    package var reportUnreadEvents: @Sendable (TopicPartition, LogError) -> Void = { _, _ in }
    /// Takes what is wrong with the place where hasty events wait.
    package var reportSpoolError: @Sendable (LogError) -> Void = { _ in }
    /// Is told of each failure to read the log.
    package var reportLogError: @Sendable (LogError) -> Void = { _ in }
    /// Takes why the log did not store events, once for each request.
    package var reportStoreError: @Sendable (LogError) -> Void = { _ in }

    /// Takes what the access log says, on a loop, so it must be quick; nil: there is none.
    package var reportAccess: (@Sendable (AccessRecord) -> Void)?

    package init() {}
}
