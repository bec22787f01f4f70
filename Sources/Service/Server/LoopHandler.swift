internal import Admission
internal import Consumption
internal import Endpoints
internal import EventFormats
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import History
internal import Intake
internal import Streaming
internal import Time

/// Answers one loop's requests and serves its streams. Touched by its loop alone.
final class LoopHandler: HTTPHandler {
    let state: ServiceState
    let exchanges: HTTPExchanges
    let loop: HTTPLoop<LoopHandler>
    var fanOut: FanOut<ExchangeSinks>
    /// Streams, from the request on until the connection is gone.
    var streams = ExchangeTable<OpenStream>()
    /// What the log is asked, for those of `streams` whose start has to be looked up.
    var lookups: Lookups
    var waiting: [ExchangeID: Opening] = [:]
    /// By the lookup's number.
    var lookupTasks: [Int: Task<Void, Never>] = [:]
    var ended: EndedStream?
    private var tally = ConsumerTally()
    private var nextReport: Int64 = 0
    private var nextTally: Int64 = 0
    /// How often it is told who consumes what, for which all streams are looked at. Milliseconds.
    private static let tallyInterval: Int64 = 30_000
    private var monotonic: Int64

    /// What a stream's connection holds beside its place in the fan-out.
    struct OpenStream {
        /// Its streams, and what it counts as.
        var consumer: Consumer
        /// Its share of the limits.
        var lease: ConnectionLimits.Lease
        // The smallest at the end: tens of thousands of these are kept.
        var stage = Stage.opening

        enum Stage {
            case opening
            case subscribed(SubscriberID)
            /// The fan-out has ended it, and its connection is about to be closed.
            case ended(events: UInt32, EvictionReason?)
        }

        var subscriber: SubscriberID? { if case .subscribed(let id) = stage { id } else { nil } }
    }

    init(_ state: ServiceState, _ exchanges: HTTPExchanges, _ loop: HTTPLoop<LoopHandler>, now: Int64) {
        self.state = state
        self.exchanges = exchanges
        self.loop = loop
        monotonic = now
        lookups = Lookups(limits: state.options.lookups)
        fanOut = FanOut(
            options: state.options.fanOut, sinks: ExchangeSinks(exchanges: exchanges),
            seed: UInt64.random(in: .min ... .max), now: Moment(monotonic: now, wall: WallClock.now()))
        state.tail.withLock { fanOut.pull(from: $0) }
    }

    // MARK: What the server tells

    func handle(_ request: HTTPRequest, on exchange: ExchangeID) {
        // The TLS listener has the same routes as that of streams.
        let listener = Route.Listener(rawValue: request.listener) ?? .streams
        if let answer = redirect(request) { return respond(exchange, answer) }
        guard let found = Route.find(request.path, on: listener) else {
            return respond(exchange, Problem.notFound(path: request.path, at: listener), to: request)
        }
        let route = found.route
        guard route.methods.contains(request.method) else {
            return respond(exchange, Problem.methodNotAllowed(request.method, allow: route.methods), to: request)
        }
        if request.method == "OPTIONS" { return respond(exchange, Answer.options(methods: route.methods), to: request) }
        switch route.endpoint {
        case .stream: open(found.rest, request, exchange)
        case .intake: takeEvents(request, exchange)
        case .testEvents: takeTestEvents(request, exchange)
        case .streams: list(request, exchange)
        case .filter: explain(request, exchange)
        case .root: root(request, exchange)
        case .status: tellStatus(request, exchange)
        case .streamStatus: tellStatus(of: found.rest, request, exchange)
        case .streamsConfig(let isAction): configure(isAction: isAction, request, exchange)
        case .schemas: schemas(found.rest, request, exchange)
        default: respond(exchange, document(found, listener, request), to: request)
        }
    }

    func streamIsWritable(_ exchange: ExchangeID) {
        guard let subscriber = streams[exchange]?.subscriber else { return }
        fanOut.sinkIsWritable(subscriber, now: now())
        settle()
    }

    func streamPeerEnded(_ exchange: ExchangeID) {
        guard let subscriber = streams[exchange]?.subscriber else { return }
        fanOut.probe(subscriber, now: now())
        settle()
    }

    func exchangeDidEnd(_ exchange: ExchangeID, reason: EndReason) {
        leaveLookup(exchange)
        guard let stream = forget(exchange) else { return }
        var facts = EndedStream(exchange: exchange, address: stream.lease.address, consumer: stream.consumer)
        switch stream.stage {
        case .opening: break
        case .subscribed(let subscriber): facts.events = fanOut.sinkDidClose(subscriber)
        case .ended(let events, let eviction): (facts.events, facts.eviction) = (Int(events), eviction)
        }
        ended = facts
        // Without connections there is no tick to tell the numbers.
        if streams.isEmpty { report() }
    }

    /// A stream that is over has had so many bytes.
    func count(_ bytes: Int, for consumer: Consumer) {
        tally.didEnd(consumer, bytes: bytes)
        // Without connections there is no tick to tell the numbers.
        if streams.isEmpty { reportConsumers() }
    }

    func countBegin(of consumer: Consumer) { tally.didBegin(consumer) }

    private func reportConsumers() {
        let open = streams.entries.lazy.map { [exchanges] in ($1.consumer, exchanges.bytesSent($0)) }
        state.consumers.publish(tally.uses(open: open), loop: loop.index)
    }

    /// The one place where what a stream counts for is given back.
    func forget(_ exchange: ExchangeID) -> OpenStream? {
        guard let stream = streams.remove(exchange) else { return nil }
        state.clients.add(stream.consumer.streams, -1)
        state.limits.giveBack(stream.lease)
        return stream
    }

    func woken() {
        state.tail.withLock { fanOut.pull(from: $0) }
        fanOut.run(now: now())
        settle()
        if lookups.hasReady { answerLookups() }
    }

    func tick(now time: Int64) {
        monotonic = time
        fanOut.tick(now: now())
        settle()
        if time >= nextTally {
            nextTally = time + Self.tallyInterval
            reportConsumers()
        }
        guard time >= nextReport else { return }
        nextReport = time + 1000
        report()
    }

    private func report() { state.report(fanOut.statistics, lookups.statistics, loop: loop.index) }

    // MARK: Around the fan-out

    func now() -> Moment {
        monotonic = max(monotonic, exchanges.now())
        return Moment(monotonic: monotonic, wall: WallClock.now())
    }

    /// Does what the fan-out has asked for.
    func settle() {
        for (action, events) in fanOut.takeActions() {
            switch action {
            case .finish(let exchange):
                streams[exchange]?.stage = .ended(events: UInt32(clamping: events), nil)
                exchanges.finishStream(exchange)
            case .abort(let exchange, let reason):
                streams[exchange]?.stage = .ended(events: UInt32(clamping: events), reason)
                exchanges.abort(exchange)
            }
        }
        for key in fanOut.takeRequests() { load(key) }
        if fanOut.hasWork { loop.wake() }
    }

    private func load(_ key: BlockKey) {
        guard let partition = fanOut.topicPartition(key.partition) else { return }
        let loader = state.loader
        loop.perform {
            await loader.block(of: partition, at: key.offset, for: key.search)
        } then: { handler, result in
            handler.fanOut.blockDidArrive(result, for: key, now: handler.now())
            handler.settle()
            // Those who waited for the block go on in a turn of their own.
            if handler.fanOut.hasWork { handler.loop.wake() }
        }
    }

    /// Ends all streams in order, spread over `milliseconds`.
    func drain(over milliseconds: Int64) {
        drainLookups()
        fanOut.drain(over: milliseconds, now: now())
        settle()
    }

    // MARK: Answers

    func respond(_ exchange: ExchangeID, _ answer: Answer) {
        exchanges.respond(exchange, answer)
    }

    /// An answer of the intake is for the pages that it is set for.
    func respond(_ exchange: ExchangeID, _ answer: Answer, to request: HTTPRequest) {
        var answer = answer
        if request.listener == Route.Listener.intake.rawValue, state.options.intakeOrigin != "*" {
            answer.headers = answer.headers.readable(by: state.options.intakeOrigin)
        }
        respond(exchange, answer)
    }

    func respond(
        _ exchange: ExchangeID, _ problem: Problem, to request: HTTPRequest, headers: Headers = Headers()
    ) {
        var answer = problem.answer(.init(method: request.method, uri: request.target))
        answer.headers = answer.headers + headers
        noteRefusal(request, answer, problem.type.rawValue)
        respond(exchange, answer, to: request)
    }

    private func takeEvents(_ request: HTTPRequest, _ exchange: ExchangeID) {
        let type = request.headers["content-type"]?.text
        guard IntakeQuery.isSupported(contentType: type) else {
            let problem = Problem.unsupportedMediaType(type ?? "", supported: "application/json or text/plain")
            return respond(exchange, problem, to: request)
        }
        let codings = request.headers.all("content-encoding").map { $0.text ?? "?" }.joined(separator: ",")
        guard let coding = IntakeCoding(contentEncoding: codings) else {
            return respond(exchange, IntakeQuery.unsupported(coding: codings), to: request)
        }
        take(request.body, coding, of: request, exchange)
    }

    /// The events that are configured to try the intake with.
    private func takeTestEvents(_ request: HTTPRequest, _ exchange: ExchangeID) {
        guard let events = state.options.testEvents else {
            return respond(exchange, Problem.notFound(path: request.path, at: .intake), to: request)
        }
        take(events, .identity, of: request, exchange)
    }

    private func take(_ body: [UInt8], _ coding: IntakeCoding, of request: HTTPRequest, _ exchange: ExchangeID) {
        if state.isDraining { return respond(exchange, Problem.draining(retryAfter: 2), to: request) }
        let (query, facts): (IntakeQuery, IntakeFacts)
        do throws(Problem) {
            query = try IntakeQuery(request.query ?? "")
            let headers = request.headers
            facts = try IntakeFacts(query) { headers[$0]?.description }
        } catch {
            return respond(exchange, error, to: request)
        }
        let address = address(of: request)
        let quotas = state.addressQuotas
        do throws(EventQuotas<AddressKey>.Refusal) {
            try quotas.take(address, events: 0, bytes: body.count, now: now().monotonic)
        } catch {
            let problem = Problem.tooManyEvents(
                error.unit.rawValue, perSecond: error.perSecond, retryAfter: error.retryAfter)
            return respond(
                exchange, problem, to: request, headers: .rateLimit(quotas, of: address, now: now().monotonic))
        }
        let (intake, isHasty, isEventGate) = (state.intake, query.isHasty, state.options.answersAsEventGate)
        let occurrence = Problem.Occurrence(method: request.method, uri: request.target)
        loop.perform { () -> (answer: Answer, refusal: String?, events: Int) in
            do throws(IntakeError) {
                let outcome = try await intake.store(body, coding: coding, facts: facts, isHasty: isHasty)
                let answer =
                    isEventGate
                    ? Answer.eventGate(outcome, isHasty: isHasty)
                    : Answer(outcome, occurrence, isHasty: isHasty, retryAfter: 2)
                return (answer, outcome.refusals.first.map(\.code), outcome.events.count)
            } catch {
                let answer =
                    isEventGate
                    ? Answer.eventGate(error, occurrence) : Problem(error, retryAfter: 2).answer(occurrence)
                return (answer, error.code, 0)
            }
        } then: { handler, result in
            if let refusal = result.refusal { handler.noteRefusal(request, result.answer, refusal) }
            var answer = result.answer
            let now = handler.now().monotonic
            quotas.add(address, events: result.events, now: now)
            answer.headers = answer.headers + .rateLimit(quotas, of: address, now: now)
            handler.respond(exchange, answer, to: request)
        }
    }
}
