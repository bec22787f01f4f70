package import Catalogue
package import Endpoints
package import EventLog
internal import HTTP
internal import HTTPServer
package import Intake
package import Live
internal import Reactor
internal import Streaming

/// The service: a log, the loops that serve its topics as streams, and the intake that feeds it.
package final class EventService: Sendable {
    /// Where the listeners are, with real ports: streams, intake, admin.
    package let ports: Ports
    private let state: ServiceState
    private let server: HTTPServer<LoopHandler>
    /// What is done again and again while it runs.
    private let tasks: [Task<Void, Never>]

    package struct Address: Hashable, Sendable {
        package var host: String
        package var port: UInt16
        /// A descriptor that listens already and takes the place of host and port.
        package var inherited: Int32?

        package init(host: String, port: UInt16, inherited: Int32? = nil) {
            self.host = host
            self.port = port
            self.inherited = inherited
        }
    }

    package struct Addresses: Hashable, Sendable {
        package var streams: Address
        package var intake: Address
        package var admin: Address

        package init(streams: Address, intake: Address, admin: Address) {
            self.streams = streams
            self.intake = intake
            self.admin = admin
        }
    }

    package struct Ports: Hashable, Sendable {
        package var streams: UInt16
        package var intake: UInt16
        package var admin: UInt16
    }

    private init(ports: Ports, state: ServiceState, server: HTTPServer<LoopHandler>, tasks: [Task<Void, Never>]) {
        self.ports = ports
        self.state = state
        self.server = server
        self.tasks = tasks
    }

    /// Creates the topics, fills the tail and listens. When it returns, the service is ready, or will be in a moment.
    ///
    /// - Throws: `LogError` and `ListenError`, sentences that say what to change.
    package static func start(
        _ addresses: Addresses, http: HTTPOptions, options: ServiceOptions, info: ServiceInfo, log: any EventLog,
        policy: EventPreparer.Policy
    ) async throws -> EventService {
        let waker = Waker()
        let state = ServiceState(
            info: info, options: options, log: log, policy: PolicyBox(policy), wake: { waker.wake() })
        let maker = try await makeTopics(state)
        try await state.ingest.follow(Array(policy.catalogue.topics.keys))
        await state.ingest.start(lookingEvery: options.topicRefresh)
        var listeners = [
            try listener("streams", addresses.streams, body: http.maximumStreamRequestBytes),
            try listener("intake", addresses.intake, body: options.intakeLimits.body),
            try listener("admin", addresses.admin, body: 0),
        ]
        listeners[0].maximumAllBodyBytes = http.allStreamRequestBytes
        listeners[1].maximumAllBodyBytes = max(http.allIntakeRequestBytes, options.intakeLimits.body)
        listeners[0].limits = http.streamLimits
        listeners[1].limits = http.intakeLimits
        listeners[2].limits = http.adminLimits
        // Whether the server is ready must be answered also while it stops.
        listeners[2].staysOpen = true
        // What everybody waits for must not wait for those who come and go.
        listeners[1].isPrompt = true
        listeners[2].isPrompt = true
        // The kernel doubles it, to count what it needs itself.
        listeners[0].socket.sendBufferBytes = http.maximumUnsentBytes / 2
        // One that takes nothing is cut off by the stall timeout; one that is not there at all by the kernel, later.
        listeners[0].socket.unacknowledgedMilliseconds = 2 * Int(min(max(options.fanOut.stallTimeout, 5_000), 1 << 30))
        var serverOptions = HTTPServerOptions(listeners: listeners)
        http.apply(to: &serverOptions)
        serverOptions.refusalAnswer = { $0.answer }
        if let proxies = options.trustedProxies {
            serverOptions.speaksForMany = { peer in IPAddress(peer.address).map(proxies.isTrusted) ?? false }
        }
        let clock = serverOptions.clock
        let server = try await HTTPServer.start(serverOptions) { connections, loop in
            LoopHandler(state, connections, loop, now: clock.now())
        }
        waker.set { server.wakeAll() }
        server.wakeAll()
        let ticker = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                state.activity.tick()
            }
        }
        let ports = server.addresses.map(\.port)
        return EventService(
            ports: Ports(streams: ports[0], intake: ports[1], admin: ports[2]), state: state, server: server,
            tasks: [ticker, maker])
    }

    private static func listener(_ name: String, _ address: Address, body: Int) throws -> ListenerOptions {
        if let descriptor = address.inherited {
            return ListenerOptions(name: name, place: .inherited(descriptor), maximumBodyBytes: body)
        }
        guard let socket = SocketAddress(address.host, port: address.port) else {
            throw LogError.invalid("\(name): \"\(address.host)\" is no IP address; write 0.0.0.0, 127.0.0.1 or ::")
        }
        return ListenerOptions(name: name, place: .address(socket), maximumBodyBytes: body)
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

    /// Takes over a changed configuration: new topics are created and followed, streams that are gone get no new clients.
    package func reload(_ policy: EventPreparer.Policy) async throws(LogError) {
        try await Self.createTopics(policy.catalogue, state)
        state.replace(policy)
        try await state.ingest.follow(Array(policy.catalogue.topics.keys))
    }

    package var catalogue: StreamCatalogue { state.catalogue }

    /// Takes events in, as `POST /v1/events` does.
    package var intake: Intake { state.intake }

    /// Returns when the newest events were read, and streams are served.
    package func untilReady() async { await state.ingest.filled() }

    package var isReady: Bool { state.ingest.isReady && !state.isLeaving }

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
        await state.log.close()
    }

    /// Numbers for metrics.
    package func numbers() async -> ServiceNumbers {
        let listeners = zip(["streams", "intake", "admin"], server.connectionsByListener).map { ($0, $1) }
        return await ServiceNumbers(
            state, server.counters(), connectionsByLoop: server.connectionCounts, connectionsByListener: listeners)
    }
}
