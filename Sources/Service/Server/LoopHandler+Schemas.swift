internal import Endpoints
internal import HTTP
internal import HTTPServer
internal import SchemaLibrary
internal import Schemas

// Schemas, served.
extension LoopHandler {
    /// - Parameter path: behind `/schemas/`.
    func schemas(_ path: String, _ request: HTTPRequest, _ exchange: ExchangeID) {
        let state = state
        let shelf = state.options.schemas?.shelf ?? .empty
        guard let question = SchemaQuestion(path: path, accept: request.headers.joined("accept")) else {
            return respond(exchange, Problem.noSchema(path, titles: shelf.titles), to: request)
        }
        let published = state.published
        let conditions = Document.Conditions(request)
        loop.perform { () -> Result<Document?, SchemaError> in
            do throws(SchemaError) {
                return .success(
                    try await state.schemaPages.document(
                        question, shelf, published.catalogue, version: published.version))
            } catch {
                return .failure(error)
            }
        } then: { handler, result in
            switch result {
            case .success(let document?): handler.respond(exchange, document.answer(conditions))
            case .success(nil): handler.respond(exchange, Problem.noSchema(path, titles: shelf.titles), to: request)
            case .failure(let error):
                handler.respond(exchange, Problem(.notFound, "The schema can't be used: \(error)"), to: request)
            }
        }
    }
}
