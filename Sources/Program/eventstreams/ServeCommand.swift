internal import Bytes
internal import Catalogue
internal import Configuration
internal import Demo
internal import EmbeddedLog
internal import Endpoints
internal import EventLog
internal import Glibc
internal import HTTP
internal import HTTPServer
internal import Intake
internal import JSON
internal import KafkaLog
internal import Live
internal import Reactor
internal import SchemaLibrary
internal import Server
internal import Streaming
internal import Telemetry
internal import Time

/// `eventstreams serve`: opens the log, starts the service, and stops it in order when asked to.
struct ServeCommand {
    let invocation: Invocation.Run

    init(_ invocation: Invocation.Run) { self.invocation = invocation }

    func run() async -> Int32 {
        do {
            let settings = try Environment.settings(invocation)
            try await serve(settings)
            return 0
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return Environment.exitStatus(of: error)
        }
    }

    private func serve(_ settings: ServerSettings) async throws {
        let logger = Logger(
            level: LogLevel(rawValue: settings.logging.level) ?? .info,
            format: Logger.Format(rawValue: settings.logging.format) ?? .text)
        try Signals.ignoreBrokenPipes()
        let signals = try StopSignals(logger)
        var plan = try await ServePlan(settings, logger)
        let configured = plan.policy
        for warning in configured.catalogue.warnings + (plan.certificates?.warnings() ?? []) { logger.warning(warning) }
        if let certificates = plan.certificates, settings.tls.isByKernel {
            logger.info(
                certificates.isByKernel
                    ? "the kernel encrypts what clients are sent over TLS"
                    : "the server encrypts what clients are sent over TLS: the kernel offers none (modprobe tls)")
        }
        plan.http.share(try DescriptorLimit.raise(), logger)
        plan.http.report = Self.report(to: logger)
        let log = try await ServedLog.open(settings, logger)
        let policy = await configured.including(topicsOf: log.log)
        let access = AccessLog(linesPerSecond: settings.logging.accessLines, logger)
        if let access { plan.options.reportAccess = { access.write($0) } }
        let certificates = plan.certificates
        let metrics = MetricsSnapshot(access, certificates)
        plan.options.metrics = { metrics.text }
        if settings.kafkaLog.brokers.isEmpty {
            // The records that it tells of stand beside it.
            plan.options.summaryFile = settings.embeddedLog.directory + "/block-summaries"
        }
        plan.options.reportSummaries = { logger.warning($0) }
        let service: EventService
        do {
            plan.options.spool = try await SpoolStorage.open(settings, logger)
            service = try await EventService.start(
                plan.addresses, http: plan.http, options: plan.options, info: Self.info, log: log.log, policy: policy)
        } catch {
            await plan.options.spool?.log.close()
            await log.log.close()
            throw error
        }
        signals.serverIsUp()
        let manager = ServiceManager()
        let reloader = PolicyReloader(
            policy,
            load: { [invocation, log] in
                // The file too: redaction rules stand in it.
                let settings = try Environment.settings(invocation)
                let policy = try await StreamSource(settings: settings).policy().including(topicsOf: log.log)
                return .init(policy, allowsShrinking: settings.streams.allowsShrinking)
            },
            apply: { try await service.reload($0) })
        let tasks = [
            Task {
                await service.untilReady()
                guard service.isReady else { return }
                announce(service, settings, logger)
                manager?.isReady()
            },
            Task { if let manager { await manager.watch(service) } },
            Task { await metrics.refresh(service, log) },
            Task { [schemas = plan.options.schemas] in
                await ServedSchemas.refresh(schemas, every: settings.schemas.refreshInterval, logger)
            },
            Task { await Self.every(settings.streams.timeToLive) { await Self.reload(reloader, service, logger) } },
            Task {
                guard let certificates else { return }
                await Self.every(settings.tls.lookInterval) { Self.note(certificates.reload(), logger) }
            },
            Task { [schemas = plan.options.schemas] in
                await Canaries.send(settings, service, schemas, logger)
            },
            Task { if settings.demo.isEnabled { await Self.demonstrate(service, rate: settings.demo.rate, logger) } },
        ]
        await waitForTheEnd(signals.requests, reloader, certificates, service, settings, logger)
        manager?.isStopping()
        for task in tasks { task.cancel() }
        await service.stop(over: settings.http.drainTime, after: settings.http.shutdownDelay)
        logger.info("stopped")
    }

    // MARK: Settings

    private static let info = ServiceInfo(
        name: "eventstreams", version: Version.number,
        description: "Streams of events over HTTP, by Server-Sent Events.",
        home: "/v2/ui/")

    // MARK: While it runs

    private static func report(to logger: Logger) -> @Sendable (ServerNotice) -> Void {
        let pauses = RateLimitedLog()
        return { notice in
            switch notice {
            case .acceptingPaused(let error):
                pauses("paused") { left in
                    logger.error(
                        "no connections are accepted until others end", ("error", "\(error)"), ("left_out", left))
                }
            case .acceptingResumed: pauses("resumed") { _ in logger.notice("connections are accepted again") }
            }
        }
    }

    /// Where a listener is reached from this machine.
    static func url(_ host: String, _ port: UInt16, scheme: String = "http") -> String {
        let name = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
        return "\(scheme)://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }

    /// Tells where everything is: for a person, and for a program that started this one with ports 0.
    private func announce(_ service: EventService, _ settings: ServerSettings, _ logger: Logger) {
        let streams = Self.url(settings.http.host, service.ports.streams)
        let tls = service.ports.tls.map { "tls     \(Self.url(settings.tlsHost, $0, scheme: "https"))/\n" }
        Terminal.print(
            """
            streams \(streams)/
            intake  \(Self.url(settings.intake.host, service.ports.intake))/v1/events
            admin   \(Self.url(settings.admin.host, service.ports.admin))/metrics
            page    \(streams)/v2/ui/
            \(tls ?? "")
            """)
        logger.info(
            "ready", ("version", Version.number), ("streams", service.catalogue.streams.count),
            ("address", "\(settings.http.host):\(service.ports.streams)"),
            settings.kafkaLog.brokers.isEmpty
                ? ("data", settings.embeddedLog.directory)
                : ("kafka", settings.kafkaLog.brokers.joined(separator: ",")))
    }

    /// Does something every so often until it is cancelled; 0: never.
    private static func every(_ milliseconds: Int64, _ body: () async -> Void) async {
        guard milliseconds > 0 else { return }
        while !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
            await body()
        }
    }

    /// Reads the configuration again. One that is wrong leaves the old one in force.
    private static func reload(_ reloader: PolicyReloader, _ service: EventService, _ logger: Logger) async {
        let before = await reloader.policy.catalogue.configuration
        switch await reloader.reload() {
        case .unchanged: break
        case .changed(let streams, let removed):
            let after = await reloader.policy.catalogue.configuration
            await tell(StreamConfigurationDifference.all(from: before, to: after), service, logger)
            for warning in await reloader.policy.catalogue.warnings { logger.warning(warning) }
            logger.info("the stream configuration has changed", ("streams", streams))
            if !removed.isEmpty {
                logger.warning("streams were taken out", ("streams", Excerpt.list(removed)))
            }
        case .failed(let why): logger.warning(why)
        }
    }

    private static func note(_ outcome: Certificates.Outcome, _ logger: Logger) {
        switch outcome {
        case .unchanged: break
        case .changed: logger.info("new certificates are used for new connections")
        case .failed(let why): logger.error("new certificates can't be used, and the old ones stay", ("why", why))
        }
    }

    /// Tells the changes in the stream that is for them, where it is configured.
    private static func tell(
        _ changes: [StreamConfigurationDifference], _ service: EventService, _ logger: Logger
    ) async {
        guard service.catalogue[StreamConfigurationDifference.stream] != nil else { return }
        for change in changes {
            do throws(IntakeError) {
                let outcome = try await service.intake.store(change.event(now: WallClock.now()).bytes)
                if let reason = outcome.refusals.first { throw reason }
            } catch {
                logger.warning(
                    "a change of the stream configuration could not be told", ("stream", change.stream),
                    ("reason", "\(error)"))
            }
        }
    }

    private static func demonstrate(_ service: EventService, rate: Int, _ logger: Logger) async {
        var demo = DemoEvents(seed: UInt64.random(in: .min ... .max))
        while !Task.isCancelled {
            let event = demo.next(now: WallClock.now())
            do throws(IntakeError) {
                let refusals = try await service.intake.store(event.bytes).refusals
                if let reason = refusals.first { throw reason }
            } catch {
                logger.warning("an invented event was refused", ("reason", "\(error)"))
            }
            do { try await Task.sleep(for: .milliseconds(demo.delay(rate: Double(rate)))) } catch { return }
        }
    }

    /// Returns at the first request to stop.
    private func waitForTheEnd(
        _ signals: AsyncStream<Signal>, _ reloader: PolicyReloader, _ certificates: Certificates?,
        _ service: EventService, _ settings: ServerSettings, _ logger: Logger
    ) async {
        for await signal in signals {
            if signal == .hangUp {
                await Self.reload(reloader, service, logger)
                // Settings that can't be read were told of by the reload of the streams.
                if let certificates, let settings = try? Environment.settings(invocation) {
                    Self.note(certificates.reload(settings.tls), logger)
                }
                continue
            }
            logger.info(
                "stopping; once more to stop at once", ("signal", "\(signal)"),
                ("seconds", settings.http.drainTime / 1000))
            return
        }
    }
}
