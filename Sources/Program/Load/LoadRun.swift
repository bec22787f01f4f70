internal import Clients
internal import Glibc
internal import Reactor
internal import TLS
internal import Time

/// Many clients of one stream on one event loop: opens them, reads what comes, measures for a while, and sees to it that
/// everybody got what anybody got.
///
/// The stages: `opening` until every client is answered; `warming`, if asked for; `measuring`; `settling`, in which nothing is
/// measured any more and each client may come to where others were when the measuring ended; `done`.
actor LoadRun: EventLoopClient {
    enum Stage { case opening, warming, measuring, settling, done }

    /// Opened in one turn at least, where so many may be.
    static let openedPerTurn = 32
    /// Without an answer for so long the opening is given up, in milliseconds.
    static let openingPatience: Int64 = 30_000
    /// How long clients may take to come to where others were, in milliseconds.
    static let settlingPatience: Int64 = 5_000
    static let readBytes = 256 << 10

    nonisolated let loop: EventLoop
    // Unowned is enough: this actor holds on to the loop.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private static let interrupted = WakeReasons(rawValue: 1)

    let options: BenchOptions
    let target: BenchTarget
    let environment: ClientEnvironment
    /// Nil: connections are plain.
    let tls: LoadTLS?

    var clients: ContiguousArray<LoadClient> = []
    /// Over HTTP/2; nil: closed.
    var connections: ContiguousArray<LoadConnection?> = []
    /// Clients on one of them, at most: as asked for, or fewer where the server allows fewer.
    var streamLimit: Int
    var tally: DeliveryTally
    var outcome = LoadOutcome()
    var stage = Stage.opening
    /// Answered neither well nor badly yet.
    var unanswered = 0
    /// Have a stream now.
    var streaming = 0
    var bytes: Int64 = 0
    /// Read into by one client at a time, and done with before the next.
    var buffer = [UInt8](repeating: 0, count: LoadRun.readBytes)

    // Milliseconds of the loop's clock.
    private var began: Int64 = 0
    var lastAnswer: Int64 = 0
    private var stageBegan: Int64 = 0
    private var lastProgress: Int64 = 0
    private var eventsAtProgress: Int64 = 0
    /// Where every client must have come.
    var frontier: [Int64] = []
    /// One second into the measuring, when all had a stream: who got nothing since then, though others did, is stalled.
    private var earlyFrontier: [Int64]?

    private var measuredFrom: (time: Int64, events: Int64, bytes: Int64, own: ProcessUsage, server: ProcessUsage?)?
    private var openedFrom: ProcessUsage?
    private var waiter: CheckedContinuation<Void, Never>?

    init(
        _ options: BenchOptions, _ target: BenchTarget, topics: [String], _ environment: ClientEnvironment,
        _ loop: EventLoop
    ) throws(TLSError) {
        tls = target.isSecure ? try LoadTLS(host: target.host, speaksHTTP2: target.head != nil) : nil
        self.options = options
        self.target = target
        self.environment = environment
        self.loop = loop
        streamLimit = options.streamsPerConnection ?? 1
        outcome.asked = options.clients
        tally = DeliveryTally(
            audit: DeliveryAudit(topics: topics, start: options.lastEventID.map { Array($0.utf8) }),
            timestamp: EventTimestamp(options.timestampField))
        clients.reserveCapacity(options.clients)
    }

    /// Returns when it is done, or soon after the task was cancelled.
    func run() async -> LoadOutcome {
        began = MonotonicClock.system.now()
        (lastAnswer, stageBegan, lastProgress) = (began, began, began)
        openedFrom = server()
        outcome.serverMemory = openedFrom.map { ($0.memory, $0.memory) }
        if options.fromStart { beginMeasuring(began) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter = continuation
                loop.wake(WakeReasons(rawValue: 2))
            }
        } onCancel: {
            loop.wake(Self.interrupted)
        }
        return outcome
    }

    private func server() -> ProcessUsage? { options.process.flatMap { ProcessUsage(process: $0) } }

    // MARK: The event loop's calls

    nonisolated func ready(_ events: ReadyEvents, now: Int64) {
        // The loop's thread is this actor's executor: the events do not leave the thread they are on.
        nonisolated(unsafe) let events = events
        assumeIsolated { unsafe $0.takeEvents(events, now) }
    }

    nonisolated func woken(_ reasons: WakeReasons) {
        guard reasons.contains(Self.interrupted) else { return }
        assumeIsolated { $0.end(MonotonicClock.system.now()) }
    }

    nonisolated func tick(now: Int64) { assumeIsolated { $0.takeTick(now) } }
    nonisolated func endTurn(now: Int64) -> TurnOutcome { assumeIsolated { $0.finishTurn(now) } }

    private func takeEvents(_ events: ReadyEvents, _ now: Int64) {
        guard target.head == nil else { return takeConnectionEvents(events, now) }
        for place in 0..<events.count {
            let (key, readiness) = events[place]
            let index = Int(key.index)
            guard index < clients.count else { continue }
            switch clients[index].phase {
            case .gone: break
            case .connecting: finishConnecting(index, readiness)
            case .agreeing: agree(index)
            case .waiting:
                read(index)
                if clients[index].phase != .waiting { lastAnswer = now }
            case .streaming: read(index)
            }
        }
    }

    private func read(_ index: Int) {
        // Out of the actor while it is used, so that the actor may be changed meanwhile.
        var arrived: [UInt8] = []
        swap(&arrived, &buffer)
        defer { swap(&arrived, &buffer) }
        switch receive(clients[index].descriptor, clients[index].tls, into: &arrived) {
        case .bytes(let count):
            do throws(StreamFault) {
                try clients[index].stream.take(arrived.span.extracting(0..<count), &tally)
            } catch {
                return lose(index, error)
            }
            if clients[index].phase == .waiting, clients[index].stream.isStreaming { beginStreaming(index) }
            if clients[index].stream.isDone { finish(index) }
        case .wouldBlock: break
        case .ended: finish(index)
        case .failed: lose(index, .brokenOff)
        }
    }

    /// Reads from a socket once, and notes how much came and when.
    ///
    /// - Parameter session: of TLS, if the connection has it.
    func receive(_ descriptor: Int32, _ session: TLSSession?, into arrived: inout [UInt8]) -> Transfer {
        var arrival: Int64 = 0
        let (measuresLatency, tls) = (tally.measuresLatency, tls)
        // Lifetime: the bytes are written before the call returns.
        let result = unsafe arrived.withUnsafeMutableBytes { buffer in
            if let tls, let session { return unsafe tls.read(descriptor, session, into: buffer, arrival: &arrival) }
            guard measuresLatency else { return unsafe Socket.read(descriptor, into: buffer) }
            return unsafe Socket.read(descriptor, into: buffer, arrival: &arrival)
        }
        guard case .bytes(let count) = result else { return result }
        bytes += Int64(count)
        tally.now = Self.wallClock()
        tally.arrival = arrival > 0 ? arrival / 1000 : nil
        return result
    }

    func beginStreaming(_ index: Int) {
        clients[index].phase = .streaming
        unanswered -= 1
        streaming += 1
        outcome.connected += 1
    }

    private static func wallClock() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    // MARK: Stages

    private func takeTick(_ now: Int64) {
        tally.timesLeft = DeliveryTally.timesPerTick
        if tally.audit.count > 1 << 17 { forget() }
        switch stage {
        case .opening:
            if unanswered > 0, now - lastAnswer > Self.openingPatience { giveUp() }
        case .warming:
            if now - stageBegan >= Int64(options.warmUp) * 1000 { beginMeasuring(now) }
        case .measuring:
            let time = now - stageBegan
            if earlyFrontier == nil, time >= 1000, unanswered == 0 { earlyFrontier = tally.audit.frontier }
            if time >= Int64(options.seconds) * 1000 { beginSettling(now) }
        case .settling:
            if now - stageBegan >= Self.settlingPatience || haveSettled() { end(now) }
        case .done: break
        }
        progress(now)
    }

    private func finishTurn(_ now: Int64) -> TurnOutcome {
        guard stage != .done, waiter != nil else { return TurnOutcome(hasMoreWork: false, needsTick: false) }
        if stage != .settling { open(now - began) }
        let isAnswered = clients.count == options.clients && unanswered == 0
        if isAnswered, outcome.opening == 0 { finishOpening(now) }
        if stage == .opening, isAnswered {
            if options.warmUp > 0 { (stage, stageBegan) = (.warming, now) } else { beginMeasuring(now) }
        }
        if stage == .warming || stage == .measuring, isAnswered, streaming == 0 { beginSettling(now) }
        if stage == .settling, streaming == 0 { end(now) }
        return TurnOutcome(hasMoreWork: mayOpen(now - began), needsTick: true)
    }

    private func finishOpening(_ now: Int64) {
        outcome.opening = max(1, (now - began) * 1000)
        if let openedFrom, let server = server() {
            outcome.openingProcessor = server.processor - openedFrom.processor
        }
        // Who starts other programs beside this one waits for it.
        if environment.progress == nil {
            environment.tell("\(outcome.connected) of \(options.clients) clients connected")
        }
    }

    private func beginMeasuring(_ now: Int64) {
        (stage, stageBegan) = (.measuring, now)
        (tally.latencies, tally.arrivals) = (LatencyHistogram(), LatencyHistogram())
        measuredFrom = (Self.wallClock(), tally.events, bytes, .own(), server())
    }

    private func beginSettling(_ now: Int64) {
        stopMeasuring()
        (stage, stageBegan) = (.settling, now)
        frontier = tally.audit.frontier
        for index in clients.indices { clients[index].eventsAtEnd = clients[index].stream.events }
    }

    private func stopMeasuring() {
        guard let from = measuredFrom else { return }
        measuredFrom = nil
        let (own, server) = (ProcessUsage.own(), server())
        outcome.measured = max(1, Self.wallClock() - from.time)
        outcome.events = tally.events - from.events
        outcome.bytes = bytes - from.bytes
        outcome.ownProcessor = own.processor - from.own.processor
        (outcome.latencies, outcome.arrivals) = (tally.latencies, tally.arrivals)
        outcome.early = tally.early
        if let server, let before = from.server { outcome.serverProcessor = server.processor - before.processor }
        if let server { outcome.serverMemory?.after = server.memory } else { outcome.serverMemory = nil }
    }

    private func haveSettled() -> Bool {
        clients.allSatisfy { $0.phase != .streaming || isUpToDate($0) }
    }

    private func isUpToDate(_ client: LoadClient) -> Bool {
        if client.stream.place == DeliveryAudit.start, options.lastEventID == nil {
            // It may be that nothing came since it connected. What came late enough came to all.
            guard let earlyFrontier else { return true }
            return zip(earlyFrontier, frontier).allSatisfy { $0 >= $1 }
        }
        return tally.audit.hasReached(frontier, at: client.stream.place)
    }

    private func end(_ now: Int64) {
        guard stage != .done else { return }
        stopMeasuring()
        if stage == .settling {
            for client in clients where client.phase == .streaming && !isUpToDate(client) {
                if client.stream.events > client.eventsAtEnd { outcome.behind += 1 } else { outcome.stalled += 1 }
            }
        }
        stage = .done
        let counts = clients.map(\.stream.events)
        (outcome.fewestEvents, outcome.mostEvents) = (counts.min() ?? 0, counts.max() ?? 0)
        (outcome.form, outcome.findings) = (tally.audit.form, tally.audit.findings)
        (outcome.unchecked, outcome.gaps, outcome.errors) = (tally.unchecked, tally.gaps, tally.errors)
        outcome.ownMemory = ProcessUsage.own().memory
        for index in clients.indices where clients[index].phase != .gone { close(index) }
        environment.progress?("")
        waiter.take()?.resume()
    }

    private func forget() {
        let places = clients.lazy.filter { $0.phase == .streaming && $0.stream.place != DeliveryAudit.start }
        if let oldest = places.map(\.stream.place).min() { tally.audit.forget(before: oldest) }
    }

    private func progress(_ now: Int64) {
        guard stage != .done, now - lastProgress >= (environment.progress == nil ? 5000 : 1000) else { return }
        let rate = Figures.rate(tally.events - eventsAtProgress, milliseconds: now - lastProgress)
        (lastProgress, eventsAtProgress) = (now, tally.events)
        let line =
            "\(streaming) of \(options.clients) clients, \(Figures.tenths(rate)) events/s, "
            + "\(Figures.counted(tally.events, "event")), \(Figures.bytes(bytes))"
        if let show = environment.progress { show(line) } else { environment.tell(line) }
    }
}
