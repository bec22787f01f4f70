/// The stable names of what can be wrong with a request (contract, section 7). Clients switch on them: a name never changes
/// its meaning.
public enum ProblemType: String, CaseIterable, Hashable, Sendable {
    case badRequest = "bad_request"
    case invalidParameter = "invalid_parameter"
    case invalidTimestamp = "invalid_timestamp"
    case invalidLastEventID = "invalid_last_event_id"
    case invalidFilter = "invalid_filter"
    case invalidEvent = "invalid_event"
    case forbidden
    case notFound = "not_found"
    case streamNotFound = "stream_not_found"
    case topicNotAvailable = "topic_not_available"
    case methodNotAllowed = "method_not_allowed"
    case notAcceptable = "not_acceptable"
    case requestTimeout = "request_timeout"
    case contentTooLarge = "content_too_large"
    case uriTooLong = "uri_too_long"
    case unsupportedMediaType = "unsupported_media_type"
    case headersTooLarge = "request_header_fields_too_large"
    case expectationFailed = "expectation_failed"
    case tooManyConnections = "too_many_connections"
    case tooManyEvents = "too_many_events"
    case internalError = "internal_error"
    case notImplemented = "not_implemented"
    case versionNotSupported = "http_version_not_supported"
    case unavailable
    case overloaded
    case draining

    public var status: Int {
        switch self {
        case .badRequest, .invalidParameter, .invalidTimestamp, .invalidLastEventID, .invalidFilter, .invalidEvent: 400
        case .forbidden: 403
        case .notFound, .streamNotFound, .topicNotAvailable: 404
        case .methodNotAllowed: 405
        case .notAcceptable: 406
        case .requestTimeout: 408
        case .contentTooLarge: 413
        case .uriTooLong: 414
        case .unsupportedMediaType: 415
        case .expectationFailed: 417
        case .tooManyConnections, .tooManyEvents: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .notImplemented: 501
        case .unavailable, .overloaded, .draining: 503
        case .versionNotSupported: 505
        }
    }

    /// The same for every problem of the type (RFC 9457, section 3.1.3).
    public var title: String {
        switch self {
        case .badRequest: "Bad request"
        case .invalidParameter: "Invalid parameter"
        case .invalidTimestamp: "Invalid timestamp"
        case .invalidLastEventID: "Invalid last event id"
        case .invalidFilter: "Invalid filter"
        case .invalidEvent: "Invalid event"
        case .forbidden: "Forbidden"
        case .notFound: "Not found"
        case .streamNotFound: "Stream not found"
        case .topicNotAvailable: "Topic not available"
        case .methodNotAllowed: "Method not allowed"
        case .notAcceptable: "Not acceptable"
        case .requestTimeout: "Request timeout"
        case .contentTooLarge: "Content too large"
        case .uriTooLong: "URI too long"
        case .unsupportedMediaType: "Unsupported media type"
        case .headersTooLarge: "Request header fields too large"
        case .expectationFailed: "Expectation failed"
        case .tooManyConnections: "Too many connections"
        case .tooManyEvents: "Too many events"
        case .internalError: "Internal error"
        case .notImplemented: "Not implemented"
        case .versionNotSupported: "HTTP version not supported"
        case .unavailable: "Unavailable"
        case .overloaded: "Overloaded"
        case .draining: "Draining"
        }
    }
}
