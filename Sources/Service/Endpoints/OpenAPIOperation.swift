/// How the OpenAPI document tells of a route; what it has in words stands in the route's row.
enum OpenAPIOperation: Sendable {
    /// A stream: it has the names of all streams, and each name has a path of its own.
    case stream
    /// A document of JSON.
    case get(_ tag: String, _ summary: String)
    /// Events to be stored.
    case intake
}
