internal import Catalogue
internal import Consumption
internal import Endpoints
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import JSON
internal import Live
internal import SchemaLibrary
internal import Streaming

// Whole answers.
extension LoopHandler {
    /// The answer to a route that is neither a stream nor the intake.
    func document(_ found: Route.Match, _ listener: Route.Listener, _ request: HTTPRequest) -> Answer {
        switch found.route.endpoint {
        case .page:
            return state.options.files[found.rest]?.answer(Document.Conditions(request))
                ?? Problem.notFound(path: request.path)
                .answer(.init(method: request.method, uri: request.target))
        case .redirect(let status, let place): return .redirect(status: status, to: place)
        case .info(let part): return state.info.answer(part)
        case .robots: return ServiceInfo.robots
        case .consumers: return ConsumersDocument.answer(state.consumers.lines)
        case .live: return health(200, [("status", "ok")])
        case .ready: return readiness(inFull: listener != .streams)
        case .metrics:
            return Answer(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: state.options.metrics())
        case .root, .stream, .streams, .filter, .status, .streamStatus, .streamsConfig, .schemas, .intake,
            .testEvents:
            return .redirect(status: 303, to: "/v2/ui/")
        }
    }

    /// The list of streams. It is made elsewhere, since it takes long where there are many.
    func list(_ request: HTTPRequest, _ exchange: ExchangeID) {
        let (state, now) = (state, now().monotonic)
        let conditions = Document.Conditions(request)
        loop.perform {
            await state.listing.document(state, now: now)
        } then: { handler, document in
            handler.respond(exchange, document.answer(conditions))
        }
    }

    /// The configuration of streams. It is made elsewhere, since it takes long where there are many streams.
    func configure(isAction: Bool, _ request: HTTPRequest, _ exchange: ExchangeID) {
        let question: StreamsConfigQuestion
        do throws(StreamsConfigQuestion.Refusal) {
            question = try StreamsConfigQuestion(query: request.query ?? "", isAction: isAction)
        } catch {
            if isAction { return respond(exchange, StreamsConfigDocument.refused(error)) }
            return respond(exchange, Problem(.invalidParameter, error.info), to: request)
        }
        let configuration = state.catalogue.configuration
        let conditions = Document.Conditions(request)
        loop.perform {
            await StreamsConfigDocument.rendered(question, configuration)
        } then: { handler, document in
            handler.respond(exchange, document.answer(conditions), to: request)
        }
    }

    /// `/`: the page, or what describes the service. For programs that is made elsewhere, since it takes long where there are
    /// many streams.
    func root(_ request: HTTPRequest, _ exchange: ExchangeID) {
        let isIntake = request.listener == Route.Listener.intake.rawValue
        let names = (request.query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        let conditions = Document.Conditions(request)
        let kind: DescriptionRenderer.Kind? =
            names.contains("spec") ? .openAPI : names.contains("asyncapi") ? .asyncAPI : nil
        guard let kind else {
            // The page is at the streams' address, and so is all that it names.
            if isIntake { return respond(exchange, Problem.notFound(path: request.path, at: .intake), to: request) }
            let page = names.contains("doc") ? state.options.files["doc.html"] : nil
            return respond(exchange, page?.answer(conditions) ?? .redirect(status: 303, to: "/v2/ui/"))
        }
        let (state, published) = (state, state.published)
        let shelf = state.options.schemas?.shelf ?? .empty
        loop.perform {
            await state.descriptions.document(kind, published.catalogue, version: published.version, shelf)
        } then: { handler, document in
            handler.respond(exchange, document.answer(conditions), to: request)
        }
    }

    /// - Parameter inFull: whether what an operator should know is told, such as the addresses of brokers; else in words
    ///   that tell nothing of the inside (contract, section 1).
    private func readiness(inFull: Bool) -> Answer {
        if state.isLeaving { return health(503, [("status", "draining"), ("detail", "the server is stopping")]) }
        if !state.isFilled {
            return health(503, [("status", "starting"), ("detail", "the newest events are still being read")])
        }
        if let failure = state.log.failure ?? state.ingest.failure {
            let detail = inFull ? failure.description : failure.publicDescription
            return health(503, [("status", "unavailable"), ("detail", detail)])
        }
        return health(200, [("status", "ready")])
    }

    private func health(_ status: Int, _ members: [(String, String)]) -> Answer {
        let value = JSONValue.object(members.map { JSONValue.Member($0.0, .string($0.1)) })
        var answer = Answer(status: status, type: "application/json; charset=utf-8", body: value.bytes + [0x0A])
        answer.headers.add("Cache-Control", "no-store")
        if status == 503 { answer.headers.add("Retry-After", "2") }
        return answer
    }
}

extension Document.Conditions {
    init(_ request: HTTPRequest) {
        self.init(
            noneMatch: request.headers.joined("if-none-match"),
            acceptEncoding: request.headers.joined("accept-encoding")
        )
    }
}
