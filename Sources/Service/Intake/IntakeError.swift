internal import Bytes
package import Catalogue
package import JSONSchema

/// Why an event, or a whole request, can't be stored: a stable name, and a sentence that says what to change.
package enum IntakeError: Error, Hashable, Sendable {
    /// The body is not a request to store events. A sentence.
    case invalidRequest(String)
    /// The body has no event.
    case noEvents
    /// Nobody could store the event as it is. A sentence.
    case invalidEvent(String)
    /// The event doesn't follow its schema.
    case violation([ValidationError])
    case unknownStream(UnknownStreams)
    /// `what` is larger than `limit` bytes.
    case tooLarge(what: String, limit: Int)
    /// There are too many for the moment. A sentence, and seconds.
    case overQuota(String, retryAfter: Int)
    /// Worth another try. A sentence.
    case unavailable(String)
    /// The log is being closed: another server takes over.
    case closing
    /// What should not happen. The log has the cause.
    case internalFailure

    /// Clients switch on these names: one never changes its meaning.
    package var code: String {
        switch self {
        case .invalidRequest, .noEvents: "bad_request"
        case .invalidEvent, .violation: "invalid_event"
        case .unknownStream: UnknownStreams.code
        case .tooLarge: "content_too_large"
        case .overQuota: "too_many_events"
        case .unavailable: "unavailable"
        case .closing: "draining"
        case .internalFailure: "internal_error"
        }
    }

    /// Whether the same event may be stored later without anybody changing it.
    package var isTemporary: Bool {
        switch self {
        case .unavailable, .closing, .overQuota: true
        default: false
        }
    }
}

extension IntakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidRequest(let detail), .invalidEvent(let detail), .unavailable(let detail),
            .overQuota(let detail, _):
            detail
        case .noEvents: "The body has no event."
        case .violation(let errors): "The event doesn't follow its schema: \(Excerpt.of(errors.text, limit: 2000))."
        case .unknownStream(let error): error.description
        case .tooLarge(let what, let limit): "\(what) is larger than \(limit) bytes. Send less at a time."
        case .closing: "This server is going down in an orderly way. Connect again; another one takes over."
        case .internalFailure: "The server failed at this request. It has been logged."
        }
    }
}
