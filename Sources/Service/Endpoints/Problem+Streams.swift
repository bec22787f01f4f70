package import Admission
internal import Bytes
package import Catalogue
package import EventFilter
package import EventFormats
package import HTTP
package import Intake
internal import JSON

// The problems of the contract's section 7 that are about streams. Each says what to do.

extension Problem {
    package static func invalidTimestamp(_ name: String, value: String, reason: String) -> Problem {
        Problem(
            .invalidTimestamp, "The parameter \(name) is \"\(Excerpt.of(value))\": \(reason). \(TimeExpression.forms)",
            members: [.init("parameter", .string(name))])
    }

    /// What can't be used of an id, as its reader says.
    package init(_ error: LastEventIDError) {
        self.init(.invalidLastEventID, "The last event id can't be used: \(error).")
    }

    /// - Parameter error: what can't be read of a filter; the problem names the parameter and the column.
    package init(_ error: EventFilter.InvalidParameter) {
        let name = Excerpt.of(error.name)
        var members: [JSONValue.Member] = [.init("parameter", .string(name))]
        if let column = error.error.column { members.append(.init("column", .integer(column))) }
        self.init(.invalidFilter, "The parameter \(name) is no filter: \(error.error).", members: members)
    }

    package static func notFound(path: String, at listener: Route.Listener = .streams) -> Problem {
        Problem(.notFound, "There is nothing at \(Excerpt.of(path)). \(Route.directions(listener))")
    }

    package init(_ error: UnknownStreams) {
        let names = error.names.prefix(20).map { Excerpt.of($0) }
        self.init(
            .streamNotFound, error.description,
            members: [
                .init("unknown", .array(names.map { .string($0) })),
                .init("nearest", .array(error.nearest.map { .string($0) })),
            ])
    }

    /// - Parameter retryAfter: seconds, for what may pass.
    package init(_ error: IntakeError, retryAfter: Int? = nil) {
        if case .unknownStream(let error) = error {
            self.init(error)
            return
        }
        var members: [JSONValue.Member] = []
        if case .tooLarge(_, let limit) = error { members.append(.init("limit", .integer(limit))) }
        var retryAfter = retryAfter
        if case .overQuota(_, let seconds) = error { retryAfter = seconds }
        self.init(
            ProblemType(rawValue: error.code) ?? .internalError, error.description, members: members,
            retryAfter: error.isTemporary ? retryAfter : nil)
    }

    /// - Parameter retryAfter: seconds.
    package init(_ refusal: ConnectionLimits.Refusal, retryAfter: Int) {
        switch refusal {
        case .total(let limit, _):
            self = .overloaded(
                "This server has all of its \(limit) connections in use. Connect again later; another server may have room.",
                retryAfter: retryAfter)
        case .address(let limit, let use):
            self = .tooManyConnections(limit: limit, use: use, retryAfter: retryAfter)
        }
    }

    /// Every entry of the id names a topic outside the requested streams.
    package static func topicNotAvailable(_ topics: [String], available: [String]) -> Problem {
        Problem(
            .topicNotAvailable,
            "None of what the id names belongs to the requested streams: \(Excerpt.list(topics)). "
                + "They have: \(Excerpt.list(available)).",
            members: [.init("availableTopics", .array(available.prefix(100).map { .string($0) }))])
    }

    package static func tooManyConnections(limit: Int, use: Int, retryAfter: Int) -> Problem {
        Problem(
            .tooManyConnections,
            "Your address has \(use) of \(limit) connections open. Close one, or ask for several streams in one connection: "
                + "/v2/stream/a,b.",
            members: [.init("limit", .integer(limit)), .init("use", .integer(use))], retryAfter: retryAfter)
    }
}
