public import EventFormats
public import HTTPServer
internal import JSON

// The problems of the contract's section 7 that aren't made where one thing is parsed. Each says what to do.

extension Problem {
    public static func badRequest(_ detail: String) -> Problem { Problem(.badRequest, detail) }

    /// - Parameter allowed: ends the sentence "… must be …".
    public static func invalidParameter(_ name: String, value: String, allowed: String) -> Problem {
        Problem(
            .invalidParameter, "The parameter \(name) must be \(allowed), not \"\(Excerpt.of(value))\".",
            members: [.init("parameter", .string(name))])
    }

    public static func invalidTimestamp(_ name: String, value: String, reason: String) -> Problem {
        Problem(
            .invalidTimestamp, "The parameter \(name) is \"\(Excerpt.of(value))\": \(reason). \(TimeExpression.forms)",
            members: [.init("parameter", .string(name))])
    }

    /// What can't be used of an id, as its reader says.
    public init(_ error: LastEventIDError) {
        self.init(.invalidLastEventID, "The last event id can't be used: \(error).")
    }

    /// What the HTTP server refuses before anything here sees it.
    public init(_ refusal: Refusal) {
        self.init(
            ProblemType(rawValue: refusal.type) ?? .badRequest, refusal.detail,
            retryAfter: refusal.status == 503 ? 5 : nil)
    }

    /// - Parameter position: of the first character that doesn't fit, counted from 0.
    public static func invalidFilter(position: Int, expected: String) -> Problem {
        Problem(
            .invalidFilter, "The filter has an error at character \(position): expected \(expected).",
            members: [.init("position", .integer(position)), .init("expected", .string(expected))])
    }

    public static func notFound(path: String) -> Problem {
        Problem(
            .notFound,
            "There is nothing at \(Excerpt.of(path)). Streams are at /v2/stream/NAME, and /v2/stream lists them.")
    }

    /// One unknown name refuses the whole request.
    public static func streamNotFound(unknown: [String], nearest: [String]) -> Problem {
        let names = unknown.prefix(20).map { Excerpt.of($0) }
        let hint = nearest.isEmpty ? "" : " Nearest: \(Excerpt.list(nearest))."
        return Problem(
            .streamNotFound,
            "Unknown \(unknown.count == 1 ? "stream" : "streams"): \(Excerpt.list(unknown)).\(hint) /v2/stream lists all.",
            members: [
                .init("unknown", .array(names.map { .string($0) })),
                .init("nearest", .array(nearest.map { .string($0) })),
            ])
    }

    /// Every entry of the id names a topic outside the requested streams.
    public static func topicNotAvailable(_ topics: [String], available: [String]) -> Problem {
        Problem(
            .topicNotAvailable,
            "None of what the id names belongs to the requested streams: \(Excerpt.list(topics)). "
                + "They have: \(Excerpt.list(available)).",
            members: [.init("availableTopics", .array(available.prefix(100).map { .string($0) }))])
    }

    public static func methodNotAllowed(_ method: String, allow: [String]) -> Problem {
        Problem(
            .methodNotAllowed,
            "\(Excerpt.of(method, limit: 20)) is not a method of this path. Use \(allow.joined(separator: " or ")).",
            allow: allow)
    }

    public static func notAcceptable(_ accept: String, available: [String]) -> Problem {
        Problem(
            .notAcceptable,
            "Accept: \(Excerpt.of(accept)) leaves out all that there is here. Accept one of "
                + "\(available.joined(separator: ", ")), or send no Accept.",
            members: [.init("available", .array(available.map { .string($0) }))])
    }

    public static func requestTimeout(seconds: Int) -> Problem {
        Problem(.requestTimeout, "The request wasn't complete within \(seconds) seconds. Send it again.")
    }

    public static func contentTooLarge(what: String, limit: Int) -> Problem {
        Problem(
            .contentTooLarge, "\(what) is larger than \(limit) bytes. Send less at a time.",
            members: [.init("limit", .integer(limit))])
    }

    public static func uriTooLong(limit: Int) -> Problem {
        Problem(
            .uriTooLong,
            "The request's target is longer than \(limit) bytes. Name fewer streams or use shorter parameters.",
            members: [.init("limit", .integer(limit))])
    }

    public static func headersTooLarge(limit: Int) -> Problem {
        Problem(
            .headersTooLarge,
            "The request's header is larger than \(limit) bytes. If Last-Event-ID is what makes it long, ask for ids=compact.",
            members: [.init("limit", .integer(limit))])
    }

    public static func unsupportedMediaType(_ type: String, supported: String) -> Problem {
        Problem(.unsupportedMediaType, "The body's type is \(Excerpt.of(type)). Send \(supported).")
    }

    public static func tooManyConnections(limit: Int, use: Int, retryAfter: Int) -> Problem {
        Problem(
            .tooManyConnections,
            "Your address has \(use) of \(limit) connections open. Close one, or ask for several streams in one connection: "
                + "/v2/stream/a,b.",
            members: [.init("limit", .integer(limit)), .init("use", .integer(use))], retryAfter: retryAfter)
    }

    public static func overloaded(_ detail: String, retryAfter: Int) -> Problem {
        Problem(.overloaded, detail, retryAfter: retryAfter)
    }

    public static func unavailable(_ detail: String, retryAfter: Int) -> Problem {
        Problem(.unavailable, detail, retryAfter: retryAfter)
    }

    public static func draining(retryAfter: Int) -> Problem {
        Problem(
            .draining, "This server is going down in an orderly way. Connect again; another one takes over.",
            retryAfter: retryAfter)
    }

    /// For what should not happen. Nothing of the cause is told; the log has it.
    public static let internalError = Problem(.internalError, "The server failed at this request. It has been logged.")
}
