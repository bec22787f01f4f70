internal import Admission
internal import Configuration
internal import EmbeddedLog
internal import Endpoints
internal import EventFilter
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import History
internal import Intake
internal import JSON
internal import KafkaLog
internal import Live
internal import Reactor
internal import SchemaLibrary
internal import Server
internal import Streaming
internal import Telemetry
internal import YAML

extension ServiceOptions {
    /// - Throws: sentences about what can't be used.
    init(_ settings: ServerSettings, _ logger: Logger) throws {
        self = settings.service
        let loops = HTTPOptions.loops(settings)
        fanOut.allUnsentBytes /= loops
        fanOut.allOwnBytes /= loops
        createsTopics = settings.kafkaLog.brokers.isEmpty || settings.kafka.createsTopics
        topicRefresh = settings.kafkaLog.refreshInterval
        maximumStreams = settings.server.streamLimits.connections
        let headers = try settings.http.clientAddressHeaders.map { name in
            guard let header = TrustedProxies.Header(rawValue: name.lowercased()) else {
                let known = TrustedProxies.Header.allCases.map(\.rawValue).joined(separator: ", ")
                throw Environment.Failure("http.client_address_headers: \(name) is none of \(known)")
            }
            return header
        }
        do {
            trustedProxies = try TrustedProxies(settings.http.trustedProxies, headers: headers)
        } catch {
            throw Environment.Failure("http.trusted_proxies: \(error)")
        }
        guard let fields = SummaryFields(summaryFields) else {
            throw Environment.Failure(
                "streaming.summary_fields: must be \(SummaryFields.most) paths at most, such as wiki or meta.domain")
        }
        fanOut.summaryFields = fields
        guard limitsTopic.isEmpty || !settings.kafkaLog.brokers.isEmpty else {
            throw Environment.Failure(
                "kafka.limits_topic: is for the servers of one Kafka cluster; set kafka.brokers, or leave it empty")
        }
        files = StaticFiles(directory: Environment.publicDirectory(settings.http.publicDirectory))
        if files.isEmpty { logger.warning("the web page's files are not there; set http.public_dir") }
        canaryInterval = settings.schemas.repositories.isEmpty ? 0 : settings.canaryInterval
        if !settings.statusDirectory.isEmpty {
            statusDirectory = settings.statusDirectory
        } else if settings.kafkaLog.brokers.isEmpty {
            statusDirectory = settings.embeddedLog.directory
        }
        reportStatusFile = { logger.warning("the file of the last day's status can't be used", ("why", $0)) }
        let (skipped, failures) = (RateLimitedLog(), RateLimitedLog())
        reportSkipped = { partition, offset, why in
            skipped(partition.topic) { left in
                logger.warning(
                    "a record is no event and is skipped", ("partition", "\(partition)"), ("offset", offset),
                    ("why", why), ("left_out", left))
            }
        }
        reportIngest = { logger.log($0) }
        reportSpoolError = { error in
            failures("spool") { left in
                logger.error(
                    "the place where hasty events wait is in trouble", ("error", "\(error)"), ("left_out", left))
            }
        }
        reportUnreadEvents = { partition, error in
            logger.warning(
                "the newest events of a partition can't be read: they may be stored again",
                ("partition", "\(partition)"), ("error", "\(error)"))
        }
        reportLogError = { error in
            failures("log") { left in
                logger.error("the log can't be read", ("error", "\(error)"), ("left_out", left))
            }
        }
        reportSharing = { error in
            failures("sharing") { left in
                logger.warning(
                    "limits are not shared with other servers now", ("error", "\(error)"), ("left_out", left))
            }
        }
        reportStoreError = { error in
            failures("store") { left in
                logger.error("events can't be stored", ("error", "\(error)"), ("left_out", left))
            }
        }
    }
}

extension ServerSettings {
    /// - Throws: a sentence that says what to change.
    func tiers() throws -> ClientTiers { try TierDocument.tiers(clientTiers.map { JSONValue($0) }) }
}

extension HTTPOptions {
    /// - Parameter tiers: some of which may have more streams than others have.
    init(_ settings: ServerSettings, tiers: ClientTiers = ClientTiers()) {
        self = settings.server
        loops = Self.loops(settings)
        if settings.service.maximumStreamsPerAddress == nil {
            // Nothing is limited by address.
            streamLimits.connectionsPerAddress = nil
            streamLimits.newPerSecondPerAddress = nil
        } else if let streams = tiers.most(beside: settings.service.maximumStreamsPerAddress) {
            streamLimits.connectionsPerAddress =
                streamLimits.connectionsPerAddress ?? streams + Self.socketsBesideStreams
        }
        limits.heldAnswerBytes /= max(1, loops)
    }

    /// Connections that an address may have for other requests, or which are about to be closed.
    private static let socketsBesideStreams = 100
    /// Descriptors that are no clients': files, the log's, brokers', connections that are being refused.
    private static let keptDescriptors = 300

    /// Lowers what listeners may have to what there are descriptors for, and says so.
    mutating func share(_ descriptors: DescriptorLimit.Change, _ logger: Logger) {
        let plan = DescriptorPlan(
            limit: descriptors.now, kept: min(Self.keptDescriptors, descriptors.now / 3), wanted: connections)
        streamLimits.connections = plan.shares[0]
        intakeLimits.connections = plan.shares[1]
        adminLimits.connections = plan.shares[2]
        let fields: [Logger.Field] = [
            ("descriptors", descriptors.now), ("streams", plan.shares[0]), ("intake", plan.shares[1]),
            ("admin", plan.shares[2]),
        ]
        if !plan.isShort(beyond: HTTPOptions(ServerSettings()).connections) {
            logger.log(.info, "connections that can be served", fields)
        } else {
            logger.log(
                .warning,
                "fewer connections can be served than are set: raise the hard limit of descriptors (ulimit -Hn)", fields
            )
        }
    }

    /// Of each listener, as they are shared out.
    private var connections: [Int] { [streamLimits, intakeLimits, adminLimits].map { $0.connections ?? .max } }

    fileprivate static func loops(_ settings: ServerSettings) -> Int {
        settings.server.loops > 0 ? settings.server.loops : Environment.cores
    }
}

extension Logger {
    /// What became of reading live records, in a line.
    fileprivate func log(_ news: IngestNews) {
        switch news {
        case .unread(let partition, let error):
            self.error(
                "a partition can't be read: streams of its topic are refused until it can",
                ("partition", "\(partition)"), ("error", "\(error)"))
        case .read(let partition): log(.notice, "a partition can be read", [("partition", "\(partition)")])
        case .failed(let error): self.error("the log can't be read", ("error", "\(error)"))
        case .recovered: log(.notice, "the log can be read again", [])
        case .lost(let partition, let range, let why):
            self.error(
                "records can't be read: clients are told of a gap", ("partition", "\(partition)"),
                ("from", range.lowerBound), ("to", range.upperBound), ("why", why))
        case .gone(let partition):
            warning("a partition is gone: its records are forgotten", ("partition", "\(partition)"))
        case .recreated(let partition):
            warning("a partition was made anew: clients are told", ("partition", "\(partition)"))
        }
    }
}
