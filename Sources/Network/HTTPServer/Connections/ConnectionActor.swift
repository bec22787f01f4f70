internal import HTTP
internal import Reactor
internal import Synchronization
internal import Time

/// The actor that owns one loop's connections and handler. Its executor is the loop.
actor ConnectionActor<Handler: HTTPHandler>: EventLoopClient {
    nonisolated static var handlerReason: WakeReasons { WakeReasons(rawValue: 1) }
    private nonisolated static var handoffReason: WakeReasons { WakeReasons(rawValue: 2) }
    private nonisolated static var shedReason: WakeReasons { WakeReasons(rawValue: 4) }

    nonisolated let loop: EventLoop
    nonisolated let index: Int
    nonisolated let load = LoopLoad()
    // Unowned is enough: this actor holds on to the loop.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    /// Connections that another loop accepted for this one.
    private nonisolated let handoffs = Mutex<[AcceptedConnection]>([])

    private let connections: HTTPExchanges
    private let makeHandler: @Sendable (HTTPExchanges, HTTPLoop<Handler>) -> Handler
    private lazy var handler = makeHandler(connections, HTTPLoop(self))
    private var acceptor: Acceptor?
    private var others: [ConnectionActor<Handler>] = []
    private var drainWaiter: CheckedContinuation<Void, Never>?
    private var drainDeadline = Int64.max
    /// Every connection is closed: what is left to tell is told in this turn, the last perhaps.
    private var isClosing = false
    /// Listeners at which nothing was idle when it was looked for last; for as long as the present tick lasts.
    private var busyListeners: Set<Int> = []

    init(
        index: Int, loop: EventLoop, options: HTTPServerOptions, admissions: [Admission], bodies: [BodyBudget],
        gates: [HandshakeGate?],
        makeHandler: @escaping @Sendable (HTTPExchanges, HTTPLoop<Handler>) -> Handler
    ) {
        self.index = index
        self.loop = loop
        self.makeHandler = makeHandler
        connections = HTTPExchanges(
            loop: loop, options: options, load: load, admissions: admissions, bodies: bodies, gates: gates)
    }

    // MARK: The event loop's calls

    nonisolated func ready(_ events: ReadyEvents, now: Int64) {
        // The loop's thread is this actor's executor: the events do not leave the thread they are on.
        nonisolated(unsafe) let events = events
        assumeIsolated { unsafe $0.takeEvents(events) }
    }

    nonisolated func woken(_ reasons: WakeReasons) { assumeIsolated { $0.takeWake(reasons) } }
    nonisolated func tick(now: Int64) { assumeIsolated { $0.takeTick(now) } }
    nonisolated func endTurn(now: Int64) -> TurnOutcome { assumeIsolated { $0.finishTurn(now) } }

    private func takeEvents(_ events: ReadyEvents) {
        for index in 0..<events.count {
            let (key, readiness) = events[index]
            if key.generation == SlabKey.reservedGeneration {
                accept(Int(key.index))
            } else {
                connections.ready(key, readiness)
            }
        }
    }

    private func takeWake(_ reasons: WakeReasons) {
        if reasons.contains(Self.handoffReason) {
            let arrived = handoffs.withLock { handoffs in
                defer { handoffs = [] }
                return handoffs
            }
            for arrival in arrived { connections.adopt(arrival) }
        }
        if reasons.contains(Self.shedReason) {
            for listener in connections.admissions.indices { connections.shedIdle(listener) }
        }
        if reasons.contains(Self.handlerReason) { handler.woken() }
    }

    private func takeTick(_ now: Int64) {
        connections.expire(now: now)
        connections.handshakes.tick()
        busyListeners = []
        acceptor?.tick(loop)
        resumeAccepting()
        handler.tick(now: now)
        if now >= drainDeadline { endDrain() }
    }

    private func finishTurn(_ now: Int64) -> TurnOutcome {
        let clock = connections.options.clock
        let deadline = clock.now() + connections.options.limits.turnMilliseconds
        connections.goOn(until: deadline)
        deliveries: while let delivery = connections.nextDelivery() {
            switch delivery {
            case .request(let request, let connection):
                handler.handle(request, on: connection)
                // Everything else on this loop waits as long as this goes on.
                if clock.now() >= deadline, !isClosing { break deliveries }
            case .noted(let facts): handler.note(facts)
            case .writable(let connection): handler.streamIsWritable(connection)
            case .peerEnded(let connection): handler.streamPeerEnded(connection)
            case .closed(let connection, let reason): handler.exchangeDidEnd(connection, reason: reason)
            }
        }
        connections.sendQueued()
        connections.advanceHandshakes()
        // A descriptor may have become free in this turn. For memory the next tick is soon enough.
        if acceptor?.lacksReserve == true { resumeAccepting() }
        if connections.count == 0 { endDrain() }
        return TurnOutcome(
            hasMoreWork: !connections.queued.isEmpty || connections.hasDeliveries || connections.hasQueuedOutput
                || connections.handshakes.first != nil,
            needsTick: connections.count > 0 || acceptor?.needsTick == true || drainWaiter != nil)
    }

    // MARK: Accepting

    private func accept(_ place: Int) {
        guard var acceptor = acceptor.take() else { return }
        let options = connections.options
        let failure = acceptor.accept(
            place, on: loop, most: options.limits.acceptsPerTurn, now: options.clock.now()
        ) { self.place($0, $1) }
        connections.counters.acceptWaits = acceptor.waits
        if let failure {
            connections.counters.acceptFailures += 1
            options.report(.acceptingPaused(failure))
        }
        self.acceptor = consume acceptor
    }

    private func resumeAccepting() {
        if acceptor?.resume(loop) == true { connections.options.report(.acceptingResumed) }
    }

    private func place(_ arrival: Acceptor.Arrival, _ listener: Int) {
        let options = connections.options
        let admission = connections.admissions[listener]
        makeRoom(listener)
        var connection = AcceptedConnection(descriptor: arrival.descriptor, listener: listener)
        if let peer = arrival.peer {
            connection.peer = AddressKey(peer)
            connection.isCounted = !options.speaksForMany(peer)
            connection.hasProxyHeader = !connection.isCounted && options.listeners[listener].hasProxyHeaders
        }
        let verdict = admission.admit(
            connection.share.peer, refusing: arrival.isLast ? .outOfDescriptors : nil, now: options.clock.now())
        switch verdict {
        case .admitted:
            if let other = others.min(by: { $0.load.count < $1.load.count }), other.load.count < load.count {
                other.take(connection)
            } else {
                load.add()
                connections.adopt(connection)
            }
        case .refused(let refusal):
            connection.refusal = refusal
            load.add()
            connections.adopt(connection)
        case .dropped:
            connections.counters.dropped += 1
            Socket.close(arrival.descriptor)
        }
    }

    /// Has idle connections closed when there is little room left.
    private func makeRoom(_ listener: Int) {
        guard connections.admissions[listener].excess > 0, !busyListeners.contains(listener) else { return }
        if !connections.shedIdle(listener) { busyListeners.insert(listener) }
        for other in others { other.loop.wake(Self.shedReason) }
    }

    private nonisolated func take(_ connection: AcceptedConnection) {
        load.add()
        handoffs.withLock { $0.append(connection) }
        loop.wake(Self.handoffReason)
    }

    // MARK: The control plane's calls

    /// Makes the handler, and on the loop that accepts begins to do so.
    func begin(listeners: [[ListeningSocket]], others: [ConnectionActor<Handler>]) throws(SystemError) {
        _ = handler
        self.others = others
        guard !listeners.isEmpty else { return }
        let options = connections.options
        acceptor = try Acceptor(
            zip(listeners, options.listeners).map { ($0, $1.limits.newPerSecond) }, loop, now: options.clock.now())
    }

    func run<Result: Sendable>(_ body: @Sendable (Handler) -> Result) -> Result { body(handler) }

    /// To be called on the loop. The task begins and ends there: it has no thread woken but for the work.
    nonisolated func perform<Result: Sendable>(
        _ work: nonisolated(nonsending) @escaping @Sendable () async -> Result,
        then goOn: @escaping @Sendable (Handler, Result) -> Void
    ) -> Task<Void, Never> {
        assumeIsolated { owner in
            Task.immediate {
                let result = await work()
                goOn(owner.handler, result)
            }
        }
    }

    func counters() -> HTTPCounters {
        var counters = connections.counters
        counters.tls.byKernel = connections.tlsMemory?.handedToKernel ?? 0
        return counters
    }

    func stopAccepting() {
        let listeners = connections.options.listeners
        acceptor?.close(keeping: Set(listeners.indices.filter { listeners[$0].staysOpen }))
        connections.drain()
    }

    /// Returns when there is no connection left, or it is `deadline`.
    func drained(deadline: Int64) async {
        await withCheckedContinuation { continuation in
            // Looked at here, in one step with what it decides: the loop may have turned before this.
            guard connections.count > 0, drainWaiter == nil else {
                continuation.resume()
                return
            }
            drainDeadline = deadline
            drainWaiter = continuation
        }
    }

    private func endDrain() {
        drainDeadline = .max
        drainWaiter.take()?.resume()
    }

    /// Ends every connection; the handler hears of each before this loop's turn is over.
    func closeAll() {
        acceptor?.close()
        acceptor = nil
        isClosing = true
        let arrived = handoffs.withLock { handoffs in
            defer { handoffs = [] }
            return handoffs
        }
        for connection in arrived {
            Socket.close(connection.descriptor)
            load.remove()
            connections.admissions[connection.listener].giveBack(connection.share)
        }
        connections.closeAll()
        others = []
    }
}
