internal import Endpoints
internal import EventFilter
internal import EventFormats
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import History
internal import Live
internal import Streaming
internal import Time

// Asking the log where streams start.
extension LoopHandler {
    typealias Lookups = LookupTable<ExchangeID, AddressKey, Question, Result<ResolvedStart, StartError>>

    /// Who goes on with an answer of the log in one turn of the loop.
    private static let clientsPerTurn = 64

    /// What is asked of the log. Equal questions at the same time have the same answer.
    struct Question: Hashable {
        var point: StartPoint
        var topics: [String]
        /// For `last`, which counts what is shown.
        var includesCanaries = false
        var filter: EventFilter?
        var share: Share?
        /// Whether it is asked where partitions end, for an `until` that has passed.
        var findsEnds: Bool

        init(_ opening: Opening, now: Timestamp) {
            point = opening.asked.start
            topics = opening.topics
            findsEnds = opening.asked.until.map { $0 <= now } ?? false
            if case .last = point {
                includesCanaries = opening.subscription.includesCanaries
                filter = opening.subscription.filter
                share = opening.subscription.share
            }
        }

        /// Whether the answer stays right for a moment. An id of ours names offsets, and these stay where they are, as does a
        /// time that has passed; where streams end changes while others ask.
        func isStable(now: Timestamp) -> Bool {
            if findsEnds { return false }
            return switch point {
            case .live, .last: false
            case .since(let time): time <= now
            case .id(let cursor, _):
                cursor.entries.allSatisfy { if case .at = $0.place { true } else { false } }
            }
        }
    }

    /// Asks the log where the stream starts, and goes on when it has answered.
    func look(up opening: Opening, _ exchange: ExchangeID) {
        let now = now()
        let question = Question(opening, now: now.wall)
        waiting[exchange] = opening
        carryOut(
            lookups.ask(
                question, isStable: question.isStable(now: now.wall), by: exchange, from: opening.address,
                now: now.monotonic))
        answerLookups()
    }

    /// A client that waited is gone.
    func leaveLookup(_ exchange: ExchangeID) {
        guard waiting.removeValue(forKey: exchange) != nil else { return }
        carryOut(lookups.leave(exchange))
    }

    private func carryOut(_ actions: [Lookups.Action]) {
        for action in actions {
            switch action {
            case .begin(let number, let question): begin(number, question)
            case .cancel(let number): lookupTasks[number]?.cancel()
            case .refuse(let exchange):
                guard let opening = waiting.removeValue(forKey: exchange), forget(exchange) != nil else { continue }
                let problem = Problem.overloaded(
                    "Too many streams are looking for where they start. Try again in a moment.",
                    retryAfter: Int.random(in: 2...10))
                refuse(exchange, problem, opening)
            }
        }
    }

    private func begin(_ number: Int, _ question: Question) {
        let ingest = state.ingest
        let shown = Subscription(
            topics: question.topics, includesCanaries: question.includesCanaries, filter: question.filter)
        let search = NewestSearch(
            for: shown, tail: state.tail, loader: state.loader, limits: state.options.search)
        let resolver = StartResolver(
            log: state.log, search: search, partitions: fanOut.partitions(of: question.topics), now: WallClock.now(),
            isMissing: { ingest.isMissing($0) })
        let task = loop.perform { () -> Result<ResolvedStart, StartError> in
            do throws(StartError) {
                return .success(try await resolver.resolve(question.point, findsEnds: question.findsEnds))
            } catch {
                return .failure(error)
            }
        } then: { handler, result in
            handler.lookupTasks[number] = nil
            handler.end(number, result)
        }
        // It may have ended already.
        if lookups.isRunning(number) { lookupTasks[number] = task }
    }

    private func end(_ number: Int, _ result: Result<ResolvedStart, StartError>) {
        let now = now()
        carryOut(lookups.didEnd(number, result, weight: (try? result.get())?.weight, now: now.monotonic))
        if case .failure(.log(let cause)) = result, cause != .closed { state.options.reportLogError(cause) }
        answerLookups()
    }

    /// Lets those go on whose answers are there: not too many in one turn.
    func answerLookups() {
        for (exchange, result) in lookups.takeReady(most: Self.clientsPerTurn) {
            guard let opening = waiting.removeValue(forKey: exchange) else { continue }
            switch result {
            case .success(let start): subscribe(exchange, opening, start)
            case .failure(let error): giveUp(exchange, error, opening)
            }
        }
        if lookups.hasReady { loop.wake() }
    }

    /// Ends the streams whose start is still looked up, as all others end: when to come back, and the end of the body.
    func drainLookups() {
        let (clients, actions) = lookups.stop()
        carryOut(actions)
        for exchange in clients {
            guard let opening = waiting.removeValue(forKey: exchange) else { continue }
            let subscription = opening.subscription
            let encoder = FrameEncoder(
                format: subscription.format, isChunked: subscription.isChunked, cursor: CursorEncoder([]))
            var body: [UInt8] = []
            encoder.appendPreamble(to: &body)
            encoder.appendRetry(milliseconds: Int64.random(in: state.options.fanOut.retry), to: &body)
            encoder.appendEnd(to: &body)
            exchanges.startStream(
                exchange, status: 200, headers: Headers.stream(opening.asked.mediaType, isGzip: false))
            if !opening.isHead { _ = ExchangeSinks(exchanges: exchanges).write(body.span, to: exchange) }
            exchanges.finishStream(exchange)
        }
    }
}

extension ResolvedStart {
    /// How many positions it holds.
    fileprivate var weight: Int {
        if case .at(let positions) = start { positions.count + gaps.count } else { gaps.count }
    }
}
