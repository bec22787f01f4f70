package import Canaries
package import Catalogue
package import Endpoints
package import EventLog
internal import HTTP
package import HTTPServer
package import Intake
package import Live
internal import Reactor
internal import Status
internal import Streaming
internal import TLS
internal import Time

/// The service: a log, the loops that serve its topics as streams, and the intake that feeds it.
package final class EventService: Sendable {
    /// Where the listeners are, with real ports: streams, intake, admin.
    package let ports: Ports
    private let state: ServiceState
    private let server: HTTPServer<LoopHandler>
    /// What is done again and again while it runs.
    private let tasks: [Task<Void, Never>]
    private let kept: KeptSummaries?

    /// The places of each listener, of which all that are there are taken.
    package struct Addresses: Sendable {
        package var streams: [ListenerOptions.Place]
        package var intake: [ListenerOptions.Place]
        package var admin: [ListenerOptions.Place]
        /// Where streams are served over TLS.
        package var tls: [ListenerOptions.Place]

        package init(
            streams: [ListenerOptions.Place], intake: [ListenerOptions.Place], admin: [ListenerOptions.Place],
            tls: [ListenerOptions.Place] = []
        ) {
            self.tls = tls
            self.streams = streams
            self.intake = intake
            self.admin = admin
        }
    }

    package struct Ports: Hashable, Sendable {
        package var streams: UInt16
        package var intake: UInt16
        package var admin: UInt16
        /// Nil: TLS is not served.
        package var tls: UInt16?
    }

    private init(
        ports: Ports, state: ServiceState, server: HTTPServer<LoopHandler>, tasks: [Task<Void, Never>],
        kept: KeptSummaries?
    ) {
        self.ports = ports
        self.state = state
        self.server = server
        self.tasks = tasks
        self.kept = kept
    }

    /// Creates the topics, fills the tail and listens. When it returns, the service is ready, or will be in a moment.
    ///
    /// - Throws: `LogError` and `ListenError`, sentences that say what to change.
    package static func start(
        _ addresses: Addresses, http: HTTPOptions, options: ServiceOptions, info: ServiceInfo, log: any EventLog,
        policy: Policy
    ) async throws -> EventService {
        let waker = Waker()
        let state = ServiceState(
            info: info, options: options, log: log,
            published: PublishedBox(Published(version: 0, policy: policy)), wake: { waker.wake() })
        let maker = try await makeTopics(state)
        let kept = try options.summaryFile.map { path in
            try KeptSummaries(path, state.loader, rules: { state.summaryRules }, report: options.reportSummaries)
        }
        await kept?.load()
        try await state.ingest.follow(Array(policy.catalogue.topics.keys))
        await state.ingest.start(lookingEvery: options.topicRefresh)
        try await state.spool?.start()
        var listeners = [
            ListenerOptions(
                name: "streams", places: addresses.streams, maximumBodyBytes: http.maximumStreamRequestBytes),
            ListenerOptions(name: "intake", places: addresses.intake, maximumBodyBytes: options.intakeLimits.body),
            ListenerOptions(name: "admin", places: addresses.admin, maximumBodyBytes: 0),
        ]
        listeners[0].maximumAllBodyBytes = http.allStreamRequestBytes
        listeners[1].maximumAllBodyBytes = max(http.allIntakeRequestBytes, options.intakeLimits.body)
        listeners[0].limits = http.streamLimits
        listeners[1].limits = http.intakeLimits
        listeners[2].limits = http.adminLimits
        listeners[0].hasProxyHeaders = http.hasProxyHeaders
        // Whether the server is ready must be answered also while it stops.
        listeners[2].staysOpen = true
        // What everybody waits for must not wait for those who come and go.
        listeners[1].isPrompt = true
        listeners[2].isPrompt = true
        // The kernel doubles it, to count what it needs itself.
        listeners[0].socket.sendBufferBytes = http.maximumUnsentBytes / 2
        // One that takes nothing is cut off by the stall timeout; one that is not there at all by the kernel, later.
        listeners[0].socket.unacknowledgedMilliseconds = 2 * Int(min(max(options.fanOut.stallTimeout, 5_000), 1 << 30))
        if let context = http.tls { listeners.append(secure(listeners[0], at: addresses.tls, context, http)) }
        var serverOptions = HTTPServerOptions(listeners: listeners)
        http.apply(to: &serverOptions)
        serverOptions.refusalAnswer = { $0.answer }
        if let proxies = options.trustedProxies {
            serverOptions.speaksForMany = { proxies.isTrusted(IPAddress($0)) }
        }
        let clock = serverOptions.clock
        let server: HTTPServer<LoopHandler>
        do {
            server = try await HTTPServer.start(serverOptions) { connections, loop in
                LoopHandler(state, connections, loop, now: clock.now())
            }
        } catch {
            // Nobody will ever be served: what reads the log for them ends before the caller closes it.
            maker.cancel()
            await state.ingest.stop()
            await state.spool?.stop()
            throw error
        }
        waker.set { server.wakeAll() }
        server.wakeAll()
        state.status.take(await StatusReading(state, server.counters()), at: WallClock.now())
        let ticker = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                state.activity.tick()
                state.status.take(await StatusReading(state, server.counters()), at: WallClock.now())
            }
        }
        let filler = Task { await state.filled() }
        let saver = Task {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .milliseconds(KeptSummaries.interval)) } catch { return }
                await kept?.save()
            }
        }
        let ports = server.addresses.map(\.port)
        let tls = ports.count > 3 ? ports[3] : nil
        if let tls { state.tlsPort = tls }
        return EventService(
            ports: Ports(streams: ports[0], intake: ports[1], admin: ports[2], tls: tls), state: state, server: server,
            tasks: [ticker, maker, filler, saver, Task { await state.useExchange?.run() }], kept: kept)
    }

    /// The listener that serves over TLS what another serves in the clear, within the same limits.
    private static func secure(
        _ plain: ListenerOptions, at places: [ListenerOptions.Place], _ context: CurrentTLSContext, _ http: HTTPOptions
    ) -> ListenerOptions {
        var listener = plain
        listener.name = "tls"
        listener.places = places
        listener.sharesLimitsOf = 0
        listener.tls = TLSListenerOptions(context: context, handshakes: http.handshakes)
        if http.strictTransport > 0 {
            listener.tls?.fields.add("Strict-Transport-Security", "max-age=\(http.strictTransport / 1000)")
        }
        return listener
    }

    /// Creates the topics now, or as soon as the log can be reached.
    ///
    /// - Returns: the task that tries again.
    private static func makeTopics(_ state: ServiceState) async throws(LogError) -> Task<Void, Never> {
        do throws(LogError) {
            try await createTopics(state.catalogue, state)
            return Task {}
        } catch {
            guard error.isTransient else { throw error }
            state.options.reportLogError(error)
        }
        return Task {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                if (try? await createTopics(state.catalogue, state)) != nil { return }
            }
        }
    }

    private static func createTopics(_ catalogue: StreamCatalogue, _ state: ServiceState) async throws(LogError) {
        guard state.options.createsTopics else { return }
        let existing = try await state.log.topics()
        for (topic, partitions) in catalogue.topics.sorted(by: { $0.key < $1.key })
        where existing[topic] ?? 0 < partitions {
            try await state.log.createTopic(topic, partitions: partitions)
        }
    }

    // MARK: While it runs

    /// Takes over a changed policy: from now on nobody is sent what it forbids, clients of streams that were taken out are
    /// told and let go, those whose streams have other topics now come back for them, and new topics are created and
    /// followed. Not to be called again before it has returned.
    ///
    /// - Throws: where the log refuses what is new. What is old is out of force all the same.
    package func reload(_ policy: Policy) async throws(LogError) {
        let old = state.published
        await state.publish(Published(version: old.version + 1, policy: policy))
        server.wakeAll()
        for index in 0..<server.loopCount {
            await server.onLoop(index) { $0.letGo(old.catalogue, policy.catalogue) }
        }
        try await Self.createTopics(policy.catalogue, state)
        try await state.ingest.follow(Array(policy.catalogue.topics.keys))
    }

    package var catalogue: StreamCatalogue { state.catalogue }

    /// What became of each stream's canaries; `CanaryRound` writes it.
    package var canaries: CanaryBoard { state.canaries }

    /// Takes events in, as `POST /v1/events` does.
    package var intake: Intake { state.intake }

    /// Returns when the newest events were read, and streams are served.
    package func untilReady() async { await state.filled() }

    /// Returns when each event loop has done a turn.
    package func untilLoopsAnswer() async {
        for index in 0..<server.loopCount { await server.onLoop(index) { _ in } }
    }

    package var isReady: Bool { state.isFilled && !state.isLeaving }

    /// Stops in order: not ready any more; after `delay` no new clients, streams ended over `milliseconds` with a
    /// `retry:`, then all closed.
    ///
    /// - Parameter delay: milliseconds for which clients are still served though the service says it is not ready, so
    ///   that a load balancer can send them elsewhere first.
    package func stop(over milliseconds: Int64, after delay: Int64 = 0) async {
        state.beginLeaving()
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        state.beginDraining()
        await server.stopAccepting()
        for index in 0..<server.loopCount { await server.onLoop(index) { $0.drain(over: milliseconds) } }
        await server.stop(waitingAtMost: milliseconds + 3_000)
        for task in tasks { task.cancel() }
        await state.ingest.stop()
        await state.spool?.stop()
        // Before the log's directory is given up.
        state.status.save(hasEnded: true, at: WallClock.now())
        await kept?.save()
        await state.log.close()
    }

    /// Numbers for metrics.
    package func numbers() async -> ServiceNumbers {
        let listeners = zip(["streams", "intake", "admin"], server.connectionsByListener).map { ($0, $1) }
        return await ServiceNumbers(
            state, server.counters(), connectionsByLoop: server.connectionCounts, connectionsByListener: listeners)
    }
}
