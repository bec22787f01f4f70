internal import Catalogue
internal import Endpoints
internal import HTTP
internal import HTTPServer
internal import Live
internal import Time

// How the service is doing.
extension LoopHandler {
    /// The page for people, a document for programs.
    func tellStatus(_ request: HTTPRequest, _ exchange: ExchangeID) {
        if StatusDocument.isForPeople(accept: request.headers.joined("accept")),
            let page = state.options.files["status.html"]
        {
            var answer = page.answer(Document.Conditions(request))
            answer.headers.add("Vary", "Accept")
            return respond(exchange, answer)
        }
        tellStatus(named: "", request, exchange)
    }

    /// - Parameter name: of a stream, or an alias.
    func tellStatus(of name: String, _ request: HTTPRequest, _ exchange: ExchangeID) {
        guard let stream = state.catalogue[name] else {
            return respond(exchange, Problem.notFound(path: request.path), to: request)
        }
        tellStatus(named: stream.name, request, exchange)
    }

    private func tellStatus(named name: String, _ request: HTTPRequest, _ exchange: ExchangeID) {
        let (state, now) = (state, WallClock.now())
        let conditions = Document.Conditions(request)
        if let document = state.status.ready(name, now: now) { return respond(exchange, document.answer(conditions)) }
        let phase: StatusDocument.Phase =
            state.isLeaving ? .draining : state.isFilled ? .serving : .starting
        loop.perform {
            state.status.make(name, state.info, phase, now: now)
        } then: { handler, document in
            guard let document else {
                return handler.respond(exchange, Problem.notFound(path: request.path), to: request)
            }
            handler.respond(exchange, document.answer(conditions))
        }
    }
}
