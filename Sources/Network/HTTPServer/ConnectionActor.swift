internal import Reactor
internal import Synchronization

/// The actor that owns one loop's connections and handler. Its executor is the loop.
actor ConnectionActor<Handler: HTTPHandler>: EventLoopClient {
    /// A connection that one loop accepted for another.
    struct Handoff: Sendable {
        var descriptor: Int32
        var listener: Int
    }

    nonisolated static var handlerReason: WakeReasons { WakeReasons(rawValue: 1) }
    private nonisolated static var handoffReason: WakeReasons { WakeReasons(rawValue: 2) }

    nonisolated let loop: EventLoop
    nonisolated let index: Int
    nonisolated let load = LoopLoad()
    // Unowned is enough: this actor holds on to the loop.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private nonisolated let handoffs = Mutex<[Handoff]>([])

    private let connections: HTTPExchanges
    private let makeHandler: @Sendable (HTTPExchanges, HTTPLoop<Handler>) -> Handler
    private lazy var handler = makeHandler(connections, HTTPLoop(self))
    private var acceptor: Acceptor?
    private var others: [ConnectionActor<Handler>] = []
    private var drainWaiter: CheckedContinuation<Void, Never>?
    private var drainDeadline = Int64.max

    init(
        index: Int, loop: EventLoop, options: HTTPServerOptions,
        makeHandler: @escaping @Sendable (HTTPExchanges, HTTPLoop<Handler>) -> Handler
    ) {
        self.index = index
        self.loop = loop
        self.makeHandler = makeHandler
        connections = HTTPExchanges(loop: loop, options: options, load: load)
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
            for handoff in arrived {
                connections.adopt(handoff.descriptor, listener: handoff.listener)
            }
        }
        if reasons.contains(Self.handlerReason) { handler.woken() }
    }

    private func takeTick(_ now: Int64) {
        connections.expire(now: now)
        acceptor?.resume(loop)
        handler.tick(now: now)
        if now >= drainDeadline { endDrain() }
    }

    private func finishTurn(_ now: Int64) -> TurnOutcome {
        connections.goOn()
        while let delivery = connections.nextDelivery() {
            switch delivery {
            case .request(let request, let connection): handler.handle(request, on: connection)
            case .writable(let connection): handler.streamIsWritable(connection)
            case .peerEnded(let connection): handler.streamPeerEnded(connection)
            case .closed(let connection, let reason): handler.exchangeDidEnd(connection, reason: reason)
            }
        }
        // A descriptor may have become free in this turn. For memory the next tick is soon enough.
        if acceptor?.lacksReserve == true { acceptor?.resume(loop) }
        if connections.count == 0 { endDrain() }
        return TurnOutcome(
            hasMoreWork: !connections.queued.isEmpty,
            needsTick: connections.count > 0 || acceptor?.isPaused == true || drainWaiter != nil)
    }

    // MARK: Accepting

    private func accept(_ listener: Int) {
        guard var acceptor = acceptor.take() else { return }
        let isWell = acceptor.accept(listener, on: loop, most: connections.options.limits.acceptsPerTurn) {
            descriptor, isLast in
            place(descriptor, listener, refusing: isLast ? .outOfDescriptors : nil)
        }
        if !isWell { connections.counters.acceptFailures += 1 }
        self.acceptor = consume acceptor
    }

    private func place(_ descriptor: Int32, _ listener: Int, refusing: Refusal?) {
        var refusal = refusing
        let total = others.reduce(load.count) { $0 + $1.load.count }
        if refusal == nil, total >= connections.options.limits.connections { refusal = .tooManyConnections }
        if refusal != nil {
            // Each refused client holds a descriptor until it has read the answer: only so many at a time.
            guard connections.refusedNow < 64 else {
                connections.counters.dropped += 1
                Socket.close(descriptor)
                return
            }
            load.add()
            connections.adopt(descriptor, listener: listener, refusing: refusal)
        } else if let other = others.min(by: { $0.load.count < $1.load.count }), other.load.count < load.count {
            other.take(Handoff(descriptor: descriptor, listener: listener))
        } else {
            load.add()
            connections.adopt(descriptor, listener: listener)
        }
    }

    private nonisolated func take(_ handoff: Handoff) {
        load.add()
        handoffs.withLock { $0.append(handoff) }
        loop.wake(Self.handoffReason)
    }

    // MARK: The control plane's calls

    /// Makes the handler, and on the loop that accepts begins to do so.
    func begin(listeners: [ListeningSocket], others: [ConnectionActor<Handler>]) throws(SystemError) {
        _ = handler
        self.others = others
        guard !listeners.isEmpty else { return }
        acceptor = try Acceptor(listeners, loop)
    }

    func run<Result: Sendable>(_ body: @Sendable (Handler) -> Result) -> Result { body(handler) }

    /// To be called on the loop. The task begins and ends there: it has no thread woken but for the work.
    nonisolated func perform<Result: Sendable>(
        _ work: nonisolated(nonsending) @escaping @Sendable () async -> Result,
        then goOn: @escaping @Sendable (Handler, Result) -> Void
    ) {
        assumeIsolated { owner in
            _ = Task.immediate {
                let result = await work()
                goOn(owner.handler, result)
            }
        }
    }

    func counters() -> HTTPCounters { connections.counters }

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
        let arrived = handoffs.withLock { handoffs in
            defer { handoffs = [] }
            return handoffs
        }
        for handoff in arrived {
            Socket.close(handoff.descriptor)
            load.remove()
        }
        connections.closeAll()
        others = []
    }
}
