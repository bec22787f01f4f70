internal import Catalogue
internal import Endpoints
internal import EventLog
internal import HTTP
internal import HTTPServer
internal import JSON
internal import Live
internal import Streaming

// Whole answers.
extension LoopHandler {
    /// The answer to a route that is not a stream.
    func document(_ route: Route, _ request: HTTPRequest) -> Answer {
        let notFound = Problem.notFound(path: request.path)
        let occurrence = Problem.Occurrence(method: request.method, uri: request.target)
        switch route {
        case .streams: return StreamListing.answer(state.catalogue, activity: activity())
        case .root: return root(request)
        case .page(let name): return state.options.files.answer(name) ?? notFound.answer(occurrence)
        case .redirect(let status, let place): return .redirect(status: status, to: place)
        case .info(let path):
            return state.info.answer(path: path, method: request.method) ?? notFound.answer(occurrence)
        case .robots: return ServiceInfo.robots
        case .live: return health(200, [("status", "ok")])
        case .ready: return readiness()
        case .metrics:
            return Answer(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: state.options.metrics())
        case .stream, .intake: return notFound.answer(occurrence)
        }
    }

    /// `/`: the page, or with `?spec` and `?doc` what describes the service.
    private func root(_ request: HTTPRequest) -> Answer {
        let names = (request.query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        if names.contains("spec") { return OpenAPIDocument.answer(state.info, state.catalogue) }
        if names.contains("doc"), let page = state.options.files.answer("doc.html") { return page }
        return .redirect(status: 303, to: "/v2/ui/")
    }

    private func readiness() -> Answer {
        if state.isLeaving { return health(503, [("status", "draining"), ("detail", "the server is stopping")]) }
        if !state.ingest.isReady {
            return health(503, [("status", "starting"), ("detail", "the newest events are still being read")])
        }
        if let failure = state.log.failure ?? state.ingest.failure {
            return health(503, [("status", "unavailable"), ("detail", failure.description)])
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

    /// What is to be seen of each stream: its newest event, its rate, and its partitions.
    private func activity() -> [String: StreamListing.Activity] {
        let topics = state.activity.all
        var result: [String: StreamListing.Activity] = [:]
        for stream in state.catalogue.streams {
            let entries = stream.topics.compactMap { topics[$0] }
            result[stream.name] = StreamListing.Activity(
                newest: entries.compactMap(\.newest).max(), rate: entries.reduce(0) { $0 + $1.rate },
                partitions: fanOut.partitions(of: stream.topics).count)
        }
        return result
    }
}
