internal import Admission
internal import Catalogue
internal import Consumption
internal import Endpoints
internal import EventFormats
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import History
internal import JSON
internal import Live
internal import Reactor
internal import Streaming
internal import Time

// Requests for streams.
extension LoopHandler {
    /// Answers a request for a stream: reads it, takes a share of the limits, looks up where it starts, and subscribes.
    func open(_ path: String, _ request: HTTPRequest, _ exchange: ExchangeID) {
        var source = Self.source(path, request)
        let published = state.published
        let standing = standing(of: request, published.policy.tiers)
        let catalogue = published.catalogue
        let asked: StreamRequest
        let selection: StreamCatalogue.Selection
        let subscription: Subscription
        do throws(Problem) {
            if case .refused(let sentence)? = standing.tier?.share {
                state.tierCounts.note(standing.tier, isServed: false)
                throw Problem(.forbidden, sentence)
            }
            if request.method == "POST" {
                source.posted = try Query(body: request.body, type: request.headers["content-type"]?.text)
            }
            var found: StreamCatalogue.Selection?
            asked = try StreamRequest(source, now: WallClock.now()) { names throws(Problem) -> [String] in
                let selection = try Self.selection(names, catalogue)
                found = selection
                return selection.topics
            }
            selection = if let found { found } else { try Self.selection(asked.streams, catalogue) }
            if asked.isFulfilled { return respond(exchange, .nothingMore) }
            guard state.ingest.isReady else {
                throw .unavailable(
                    "The server is still reading the newest events. Try again in a moment.", retryAfter: 1)
            }
            if let partition = state.ingest.unread(in: selection.topics) {
                throw .unavailable("\(partition) can't be read now. Try again later.", retryAfter: 5)
            }
            if state.isDraining { throw .draining(retryAfter: Int.random(in: 1...5)) }
            subscription = self.subscription(asked, selection.topics, request)
            try check(subscription)
        } catch {
            return refuse(exchange, error, request)
        }
        let policy = standing.tier?.name ?? "address"
        let limit = if case .streams(let own)? = standing.tier?.share { own } else { state.limits.perAddress }
        let left: Headers
        switch state.limits.acquire(standing.counted, limit: limit) {
        case .failure(let refusal):
            state.tierCounts.note(standing.tier, isServed: false)
            let problem = Problem(refusal, retryAfter: Int.random(in: 5...30))
            guard case .address(let limit, let use) = refusal else { return refuse(exchange, problem, request) }
            return refuse(
                exchange, problem, request, adding: .rateLimit(policy: policy, limit: limit, rest: limit - use))
        case .success(let grant):
            let consumer = state.consumers.consumer(userAgent: request.userAgent, streams: selection.streams)
            streams[exchange] = OpenStream(consumer: consumer, lease: grant.lease)
            state.clients.add(selection.streams, 1)
            state.tierCounts.note(standing.tier, isServed: true)
            left = grant.limit.map { .rateLimit(policy: policy, limit: $0, rest: $0 - grant.use) } ?? Headers()
        }
        let opening = Opening(
            asked: asked, subscription: subscription, address: standing.counted, left: left,
            occurrence: .init(method: request.method, uri: request.target), transport: request.transport,
            isEventSource: source.isEventSource,
            version: published.version)
        switch asked.start {
        case .live:
            return subscribe(exchange, opening, ResolvedStart(start: .live))
        case .id(let cursor, _) where asked.until.map { $0 > WallClock.now() } ?? true:
            if let positions = fanOut.quickStart(cursor.entries, topics: selection.topics) {
                return subscribe(exchange, opening, ResolvedStart(start: .at(positions)))
            }
        default: break
        }
        look(up: opening, exchange)
    }

    static func selection(
        _ names: [String], _ catalogue: StreamCatalogue
    ) throws(Problem) -> StreamCatalogue.Selection {
        do {
            return try catalogue.resolve(names)
        } catch {
            throw Problem(error)
        }
    }

    /// What is known of a stream that is about to begin.
    struct Opening: Sendable {
        var asked: StreamRequest
        var subscription: Subscription
        var address: AddressKey
        /// What its client may have beside it.
        var left: Headers
        /// For the words of a refusal.
        var occurrence: Problem.Occurrence
        var transport: Transport
        var isEventSource: Bool
        /// Of what was published when the request came.
        var version: Int
        /// Whether only the head of the answer is asked for.
        var isHead: Bool { occurrence.method == "HEAD" }
        var topics: [String] { subscription.topics }
    }

    private func subscription(
        _ asked: StreamRequest, _ topics: [String], _ request: HTTPRequest
    ) -> Subscription {
        // A body is compressed only where the request asks for that.
        let isCompressed =
            (asked.encoding == .gzip || request.headers.has("accept-encoding"))
            && state.options.gzip.compresses(GzipPolicy.Request(asked.encoding, request.headers))
        return Subscription(
            topics: topics, format: asked.mediaType.format, ids: asked.ids, includesCanaries: asked.includesCanary,
            filter: asked.filter, projection: asked.projection, share: asked.share,
            isChunked: request.framing == .chunked, encoding: isCompressed ? .gzip : .identity)
    }

    /// Refuses what a client could not come back to.
    private func check(_ subscription: Subscription) throws(Problem) {
        do {
            try fanOut.check(subscription)
        } catch {
            throw .badRequest("This can't be served: \(error).")
        }
    }

    private static func source(_ path: String, _ request: HTTPRequest) -> StreamRequest.Source {
        StreamRequest.Source(
            path: path, query: request.query ?? "", accept: request.headers.joined("accept"),
            lastEventIDs: request.headers.all("last-event-id").map(\.bytes),
            fetchMode: request.headers["sec-fetch-mode"]?.text)
    }

    // MARK: Starting

    func subscribe(_ exchange: ExchangeID, _ opening: Opening, _ start: ResolvedStart) {
        // The client may have left meanwhile.
        guard let consumer = streams[exchange]?.consumer else { return }
        if let problem = change(since: opening) {
            guard forget(exchange) != nil else { return }
            return refuse(exchange, problem, opening)
        }
        let asked = opening.asked
        var subscription = opening.subscription
        subscription.only = start.only
        subscription = fanOut.admit(subscription)
        var request = SubscriptionRequest(
            subscription, start: start.start, gaps: start.gaps, notice: start.notice, limit: asked.limit,
            until: asked.until, ends: start.ends,
            heartbeat: asked.heartbeat.map { Int64($0) * 1000 } ?? state.options.heartbeat)
        let headers = Headers.stream(asked.mediaType, isGzip: subscription.encoding == .gzip) + opening.left
        // Over HTTP/2 all that a turn makes is sent together anyway, as far as the client's window is open.
        let preamble = opening.transport.isHTTP2 ? [] : subscription.preamble
        exchanges.startStream(exchange, status: 200, headers: headers, first: preamble)
        request.bytesSent = preamble.count
        noteBegin(opening, consumer)
        if opening.isHead { return exchanges.finishStream(exchange) }
        streams[exchange]?.stage = .subscribed(fanOut.subscribe(request, sink: exchange, now: now()))
        settle()
    }

    /// Why a reload refuses a request that waited for the log; nil where the request goes on.
    private func change(since opening: Opening) -> Problem? {
        let published = state.published
        guard published.version != opening.version else { return nil }
        do throws(Problem) {
            let topics = try Self.selection(opening.asked.streams, published.catalogue).topics
            guard topics != opening.topics else { return nil }
            return .unavailable("The topics of what you asked for have just changed. Ask again.", retryAfter: 1)
        } catch {
            return error
        }
    }

    /// Ends the streams of which a reload has taken something out, or has changed the topics.
    func letGo(_ old: StreamCatalogue, _ new: StreamCatalogue) {
        /// By the streams that were asked for: few combinations are.
        var verdicts: [[String]: Verdict] = [:]
        let now = now()
        for stream in streams.elements {
            guard let subscriber = stream.subscriber else { continue }
            let verdict = verdicts[stream.consumer.streams] ?? Verdict(stream.consumer.streams, old, new)
            verdicts[stream.consumer.streams] = verdict
            switch verdict {
            case .stays: break
            case .comesBack: fanOut.end(subscriber, telling: nil, now: now)
            case .ends(let name):
                let detail = "the stream was taken out of service; /v2/stream lists those that there are"
                fanOut.end(subscriber, telling: Notice(.streamRemoved, stream: name, detail: detail), now: now)
            }
        }
        settle()
    }

    /// What a reload means for the clients of some streams.
    private enum Verdict {
        case stays
        /// Their topics are others now. The id that the client has says what was there when it was made, so that it gets the
        /// events of what was added from then on.
        case comesBack
        /// A stream of theirs, by its name, is not served any more.
        case ends(String)

        init(_ names: [String], _ old: StreamCatalogue, _ new: StreamCatalogue) {
            do throws(UnknownStreams) {
                let topics = try new.resolve(names).topics
                self = topics == (try old.resolve(names).topics) ? .stays : .comesBack
            } catch {
                self = .ends(error.names.first ?? "")
            }
        }
    }

    func giveUp(_ exchange: ExchangeID, _ error: StartError, _ opening: Opening) {
        guard forget(exchange) != nil else { return }
        let problem: Problem =
            switch error {
            case .topicNotAvailable(let topics): .topicNotAvailable(topics, available: opening.topics)
            case .log(let cause):
                .unavailable("The log can't be read now: \(cause.publicDescription). Try again later.", retryAfter: 5)
            }
        refuse(exchange, problem, opening)
    }

    /// Says no, as the client understands it.
    private func refuse(
        _ exchange: ExchangeID, _ problem: Problem, _ request: HTTPRequest, adding headers: Headers = Headers()
    ) {
        let occurrence = Problem.Occurrence(method: request.method, uri: request.target)
        var answer = problem.streamAnswer(occurrence, isEventSource: Self.source("", request).isEventSource)
        answer.headers = answer.headers + headers
        noteRefusal(request, answer, problem.type.rawValue)
        respond(exchange, answer)
    }

    func refuse(_ exchange: ExchangeID, _ problem: Problem, _ opening: Opening) {
        let occurrence = opening.occurrence
        let answer = problem.streamAnswer(occurrence, isEventSource: opening.isEventSource)
        noteRefusal(
            opening.address, method: occurrence.method, target: occurrence.uri, opening.transport, answer,
            problem.type.rawValue)
        respond(exchange, answer)
    }
}
