internal import Admission
internal import Canaries
internal import Catalogue
internal import Consumption
internal import Endpoints
internal import EventLog
internal import HTTP
internal import History
internal import Intake
internal import JSONSchema
internal import Live
internal import Reactor
internal import Redaction
internal import SchemaLibrary
internal import Streaming
internal import Synchronization
internal import Time

/// What all loops know together.
final class ServiceState: Sendable {
    let info: ServiceInfo
    let options: ServiceOptions
    let log: any EventLog
    let tail: SharedTail
    let loader: BlockLoader
    let preparer: EventPreparer
    let ingest: Ingest
    let intake: Intake
    let intakeMetrics: IntakeMetrics
    /// Nil: events are stored as often as they come.
    let recent: RecentEvents?
    /// Nil: hasty events wait in memory.
    let spool: HastySpool?
    private let recentReader: RecentEventReader?
    let activity: TopicActivity
    let limits: ConnectionLimits
    let streamQuotas: EventQuotas<String>
    let addressQuotas: EventQuotas<AddressKey>
    /// Nil: this server counts alone.
    let useExchange: UseExchange?
    let clients = StreamClients()
    let tierCounts = TierCounts()
    let listing = ListingRenderer()
    let trials = FilterTrials()
    let schemaPages = SchemaRenderer()
    let descriptions: DescriptionRenderer
    let consumers = ConsumerRegistry()
    let canaries = CanaryBoard()
    let status: ServiceStatus
    private let tlsPortBox = Atomic<UInt16>(0)
    private let publishedBox: PublishedBox
    private let leaving = Atomic(false)
    private let draining = Atomic(false)
    private let statisticsByLoop = Mutex<[Int: (fanOut: FanOutStatistics, lookups: LookupStatistics)]>([:])

    init(
        info: ServiceInfo, options: ServiceOptions, log: any EventLog, published: PublishedBox,
        wake: @escaping @Sendable () -> Void
    ) {
        self.info = info
        self.options = options
        self.log = log
        publishedBox = published
        tail = SharedTail(maximumBytes: options.tailBytes)
        activity = TopicActivity()
        descriptions = DescriptionRenderer(info)
        status = ServiceStatus(options, now: WallClock.now())
        let skipped = options.reportSkipped
        preparer = EventPreparer(
            rules: {
                let published = published.value
                return (published.version, published.policy)
            }, report: skipped)
        loader = BlockLoader(
            log: log, preparer: preparer, blockBytes: options.replayBlockBytes, maximumBytes: options.blockCacheBytes,
            summaryFields: options.fanOut.summaryFields, summaryBytes: options.summaryBytes,
            didForget: { [path = options.summaryFile] in if let path { KeptSummaries.remove(path) } })
        let recent = options.recentEvents.window > 0 ? RecentEvents(options.recentEvents) : nil
        self.recent = recent
        recentReader = recent.map {
            RecentEventReader($0, log: log, now: { WallClock.now() }, report: options.reportUnreadEvents)
        }
        var observer: RecentEventObserver?
        if let recent, let recentReader { observer = RecentEventObserver(recent: recent, reader: recentReader) }
        ingest = Ingest(
            log: log, tail: tail, loader: loader, preparer: preparer, activity: activity, observer: observer,
            now: { WallClock.now() }, wake: wake,
            report: { [status] news in
                status.note(news, at: WallClock.now())
                options.reportIngest(news)
            })
        intakeMetrics = IntakeMetrics()
        let streamQuotas = EventQuotas<String>(options.streamEvents)
        self.streamQuotas = streamQuotas
        addressQuotas = EventQuotas(options.addressEvents)
        let clock = MonotonicClock.system
        let quotaCheck: (any EventCheck)? =
            options.streamEvents.isUnlimited ? nil : StreamQuotas(quotas: streamQuotas, now: { clock.now() })
        let intakeMetrics = intakeMetrics
        let spool = options.spool.map { storage in
            HastySpool(
                storage, EventAppender(log: log, recent: recent, report: options.reportStoreError),
                metrics: intakeMetrics, report: options.reportSpoolError)
        }
        self.spool = spool
        let validation = options.schemas.map { library in
            EventValidation(
                CompiledSchemas(library, options: SchemaOptions(allowsInsecure: options.allowsInsecureSchemas)),
                requiresSchema: options.requiresSchemas)
        }
        intake = Intake(
            log: log, limits: options.intakeLimits, validation: validation,
            errorEvents: ErrorEvents(stream: options.validationErrorStream, emitter: info.name),
            check: options.eventCheck ?? quotaCheck, recent: recent, spool: spool,
            catalogue: { published.value.catalogue },
            now: { WallClock.now() },
            metrics: intakeMetrics, report: options.reportStoreError)
        let limits = ConnectionLimits(total: options.maximumStreams, perAddress: options.maximumStreamsPerAddress)
        self.limits = limits
        useExchange =
            options.limitsTopic.isEmpty
            ? nil
            : UseExchange(
                log: log, topic: options.limitsTopic, limits: limits, createsTopic: options.createsTopics,
                report: options.reportSharing)
    }

    /// The value that is published now.
    var published: Published { publishedBox.value }
    var catalogue: StreamCatalogue { published.catalogue }

    /// Serves this from now on: what is prepared from here on is prepared under it, and what was prepared under older
    /// rules is forgotten. The loops forget their part when they next look at the tail.
    func publish(_ published: Published) async {
        publishedBox.replace(published)
        tail.withLock { $0.purge(olderThan: published.version) }
        await loader.purge(olderThan: published.version)
    }

    /// Returns when the newest events were read, and streams and the intake are served.
    func filled() async {
        await ingest.filled()
        await recentReader?.finished()
        recent?.becomeReady()
    }

    /// Whether the newest events were read.
    var isFilled: Bool { ingest.isReady && recent?.isReady != false }

    /// The rules that are published now, as the summaries of blocks need them.
    var summaryRules: SummaryRules {
        let published = published
        return SummaryRules(version: published.version) { topic in
            published.policy.redactor.mark(streams: published.policy.catalogue.streams(ofTopic: topic))
        }
    }

    /// Where TLS is served; 0: not known yet.
    var tlsPort: UInt16 {
        get { tlsPortBox.load(ordering: .relaxed) }
        set { tlsPortBox.store(newValue, ordering: .relaxed) }
    }

    /// The server is to stop soon: not ready any more, but new clients are still served.
    var isLeaving: Bool { leaving.load(ordering: .relaxed) }
    func beginLeaving() { leaving.store(true, ordering: .relaxed) }

    /// The server stops: no new streams.
    var isDraining: Bool { draining.load(ordering: .relaxed) }
    func beginDraining() { draining.store(true, ordering: .relaxed) }

    func report(_ fanOut: FanOutStatistics, _ lookups: LookupStatistics, loop: Int) {
        statisticsByLoop.withLock { $0[loop] = (fanOut, lookups) }
    }

    /// Of all loops, as of the last second.
    var statistics: FanOutStatistics {
        statisticsByLoop.withLock { $0.values.reduce(FanOutStatistics()) { $0 + $1.fanOut } }
    }

    var lookupStatistics: LookupStatistics {
        statisticsByLoop.withLock { $0.values.reduce(LookupStatistics()) { $0 + $1.lookups } }
    }
}

/// Where what is published now stands, for all threads.
final class PublishedBox: Sendable {
    private let box: Mutex<Published>

    init(_ published: Published) { box = Mutex(published) }

    var value: Published { box.withLock { $0 } }
    func replace(_ published: Published) { box.withLock { $0 = published } }
}

/// Streams that clients of each tier were given and refused, since the start.
final class TierCounts: Sendable {
    private let counts = Mutex<[String: (served: Int, refused: Int)]>([:])

    func note(_ tier: ClientTier?, isServed: Bool) {
        guard let tier else { return }
        counts.withLock { counts in
            if isServed {
                counts[tier.name, default: (0, 0)].served += 1
            } else {
                counts[tier.name, default: (0, 0)].refused += 1
            }
        }
    }

    var all: [String: (served: Int, refused: Int)] { counts.withLock { $0 } }
}

/// How many clients are connected, by stream.
final class StreamClients: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func add(_ streams: [String], _ number: Int) {
        counts.withLock { counts in for stream in streams { counts[stream, default: 0] += number } }
    }

    var all: [String: Int] { counts.withLock { $0 } }
}
