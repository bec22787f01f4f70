/// How the OpenAPI document tells of a route; what it has in words stands in the route's row.
enum OpenAPIOperation: Sendable {
    /// A stream: it has the names of all streams, and each name has a path of its own.
    case stream
    /// A whole answer.
    case get(Answer)
    /// Events to be stored.
    case intake

    struct Answer: Sendable {
        var tag: String
        var summary: String
        var types = ["application/json"]
        var parameters: [OpenAPIParameter] = []
        /// Statuses that come with a problem document.
        var refusals: [String] = []
        /// The statuses beside 200 that come with an answer of the same form.
        var others: [(status: String, text: String)] = []
    }

    static func get(
        _ tag: String, _ summary: String, types: [String] = ["application/json"], _ parameters: [OpenAPIParameter] = [],
        refusals: [String] = [], others: [(status: String, text: String)] = []
    ) -> OpenAPIOperation {
        .get(
            Answer(
                tag: tag, summary: summary, types: types, parameters: parameters, refusals: refusals, others: others))
    }
}
