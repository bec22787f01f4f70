public import EventFormats
public import HTTP
internal import JSON

// The problems of the contract's section 7 that are about streams. Each says what to do.

extension Problem {
    public static func invalidTimestamp(_ name: String, value: String, reason: String) -> Problem {
        Problem(
            .invalidTimestamp, "The parameter \(name) is \"\(Excerpt.of(value))\": \(reason). \(TimeExpression.forms)",
            members: [.init("parameter", .string(name))])
    }

    /// What can't be used of an id, as its reader says.
    public init(_ error: LastEventIDError) {
        self.init(.invalidLastEventID, "The last event id can't be used: \(error).")
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

    public static func tooManyConnections(limit: Int, use: Int, retryAfter: Int) -> Problem {
        Problem(
            .tooManyConnections,
            "Your address has \(use) of \(limit) connections open. Close one, or ask for several streams in one connection: "
                + "/v2/stream/a,b.",
            members: [.init("limit", .integer(limit)), .init("use", .integer(use))], retryAfter: retryAfter)
    }
}
