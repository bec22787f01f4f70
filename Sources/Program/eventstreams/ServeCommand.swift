internal import Configuration
internal import Demo
internal import EventLog
internal import Glibc
internal import HTTP
internal import JSON
internal import Reactor
internal import Service
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
            return 1
        }
    }

    private func serve(_ settings: ServerSettings) async throws {
        let logger = Logger(
            level: LogLevel(rawValue: settings.logging.level) ?? .info,
            format: Logger.Format(rawValue: settings.logging.format) ?? .text)
        try Signals.ignoreBrokenPipes()
        let signals = try Signals.arriving()
        let source = StreamSource(settings: settings)
        let policy = try await source.policy()
        for warning in policy.catalogue.warnings { logger.warning(warning) }
        var options = try ServiceOptions(settings, logger)
        let log = try await ServedLog.open(settings, logger)
        let metrics = MetricsSnapshot()
        options.metrics = { metrics.text }
        let service: EventService
        do {
            service = try await EventService.start(
                Self.addresses(settings), http: HTTPOptions(settings), options: options, info: Self.info,
                log: log.log, policy: policy)
        } catch {
            await log.log.close()
            throw error
        }
        let tasks = [
            Task {
                await service.untilReady()
                if service.isReady { announce(service, settings, logger) }
            },
            Task { await metrics.refresh(service, log) },
            Task { await Self.reload(service, source, policy, every: settings.streams.timeToLive, logger) },
            Task { if settings.demo.isEnabled { await Self.demonstrate(service, rate: settings.demo.rate, logger) } },
        ]
        await waitForTheEnd(signals, service, source, settings, logger)
        for task in tasks { task.cancel() }
        await service.stop(over: settings.http.drainTime)
        logger.info("stopped")
    }

    // MARK: Settings

    private static let info = ServiceInfo(
        name: "eventstreams", version: Version.number,
        description: "Streams of events over HTTP, by Server-Sent Events.",
        home: "/v2/ui/")

    private static func addresses(_ settings: ServerSettings) -> EventService.Addresses {
        .init(
            streams: .init(host: settings.http.host, port: UInt16(settings.http.port)),
            intake: .init(host: settings.intake.host, port: UInt16(settings.intake.port)),
            admin: .init(host: settings.admin.host, port: UInt16(settings.admin.port)))
    }

    // MARK: While it runs

    /// Tells where everything is: for a person, and for a program that started this one with ports 0.
    private func announce(_ service: EventService, _ settings: ServerSettings, _ logger: Logger) {
        func url(_ host: String, _ port: UInt16) -> String {
            let name = host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
            return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)"
        }
        let streams = url(settings.http.host, service.ports.streams)
        Terminal.print(
            """
            streams \(streams)/
            intake  \(url(settings.intake.host, service.ports.intake))/v1/events
            admin   \(url(settings.admin.host, service.ports.admin))/metrics
            page    \(streams)/v2/ui/

            """)
        logger.info(
            "ready", ("version", Version.number), ("streams", "\(service.catalogue.streams.count)"),
            ("address", "\(settings.http.host):\(service.ports.streams)"),
            settings.kafka.brokers.isEmpty
                ? ("data", settings.storage.dataDirectory)
                : ("kafka", settings.kafka.brokers.joined(separator: ",")))
    }

    private static func reload(
        _ service: EventService, _ source: StreamSource, _ policy: EventPreparer.Policy, every milliseconds: Int64,
        _ logger: Logger
    ) async {
        guard milliseconds > 0 else { return }
        while !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
            await reloadOnce(service, source, logger)
        }
    }

    /// Reads the configuration again. One that is wrong leaves the old one in force.
    private static func reloadOnce(_ service: EventService, _ source: StreamSource, _ logger: Logger) async {
        do {
            let policy = try await source.policy()
            guard policy.catalogue != service.catalogue else { return }
            try await service.reload(policy)
            logger.info("stream configuration changed", ("streams", "\(policy.catalogue.streams.count)"))
        } catch {
            logger.warning("the stream configuration could not be reloaded; the old one stays", ("error", "\(error)"))
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

    /// Returns at the first request to stop; a second one ends the process at once.
    private func waitForTheEnd(
        _ signals: AsyncStream<Signal>, _ service: EventService, _ source: StreamSource, _ settings: ServerSettings,
        _ logger: Logger
    ) async {
        var iterator = signals.makeAsyncIterator()
        while let signal = await iterator.next() {
            if signal == .hangUp {
                await Self.reloadOnce(service, source, logger)
                continue
            }
            logger.info(
                "stopping; once more to stop at once", ("signal", "\(signal)"),
                ("seconds", "\(settings.http.drainTime / 1000)"))
            break
        }
        let rest = iterator
        Task {
            var rest = rest
            while let signal = await rest.next() { if signal != .hangUp { _exit(1) } }
        }
    }
}
