public import EventLog
public import HTTP
internal import JSON

/// The events of one request to `POST /v1/events`: a JSON object, or an array of them. Each is stored or refused on its own.
///
/// An event says in `meta.stream` where it belongs. `meta.id` (a random UUID) and `meta.dt` (now) are added where they are
/// missing; otherwise an event is kept byte for byte, but that line breaks between tokens become spaces.
public struct IntakeRequest: Sendable {
    public struct Accepted: Hashable, Sendable {
        /// The event's place in the request, from 0.
        public var index: Int
        /// Its `meta.id`.
        public var id: String
        /// The canonical name.
        public var stream: String
        public var record: NewRecord
    }

    public struct Failure: Hashable, Sendable {
        public var index: Int
        public var id: String?
        public var problem: Problem
    }

    /// In the request's order.
    public private(set) var accepted: [Accepted] = []
    /// In the request's order.
    public private(set) var failures: [Failure] = []

    /// How many events the request has.
    public var count: Int { accepted.count + failures.count }

    /// - Parameters:
    ///   - now: the server's time.
    ///   - random: makes the ids.
    /// - Throws: what keeps the whole request from being read: not JSON, too large, too many events, none.
    public init(
        body: [UInt8], catalogue: StreamCatalogue, now: Timestamp, limits: IntakeLimits = IntakeLimits(),
        random: inout some RandomNumberGenerator
    ) throws(Problem) {
        guard body.count <= limits.body else { throw .contentTooLarge(what: "The body", limit: limits.body) }
        // An array is one level around events that may be as deep as any reader takes.
        let document = try Self.document(body, depth: 65)
        let events: [JSONDocument.Index]
        switch document[document.root].kind {
        case .array: events = document.elements(of: document.root)
        case .object: events = [document.root]
        default: throw .badRequest("The body must be an event (a JSON object) or an array of events.")
        }
        guard !events.isEmpty else { throw .badRequest("The body has no event.") }
        guard events.count <= limits.events else {
            throw .badRequest("The body has \(events.count) events; \(limits.events) may be sent at a time.")
        }
        for (index, event) in events.enumerated() {
            var id: String?
            do {
                let alone = try Self.document(Array(document.text(of: event)), depth: 64)
                id = IntakeEvent.id(of: alone)
                let event = try IntakeEvent(
                    alone, catalogue: catalogue, now: now, limits: limits, hints: failures.count < 10, random: &random)
                accepted.append(Accepted(index: index, id: event.id, stream: event.stream, record: event.record))
            } catch {
                failures.append(Failure(index: index, id: id, problem: error))
            }
        }
    }

    private static func document(_ bytes: [UInt8], depth: Int) throws(Problem) -> JSONDocument {
        do {
            return try JSONDocument(bytes, depth: depth)
        } catch {
            throw .badRequest("The body isn't JSON: \(error).")
        }
    }

    /// Whether a body of this `Content-Type` is read. None is taken for JSON.
    public static func isSupported(contentType: String?) -> Bool {
        guard let contentType else { return true }
        let essence = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
        return String(decoding: essence, as: UTF8.self).lowercased() == "application/json"
    }

    /// Whether the answer need not wait for the log: `?hasty=true`.
    ///
    /// - Throws: `invalid_parameter` for anything else in the query.
    public static func isHasty(query: String) throws(Problem) -> Bool {
        let query = try Query(query)
        if let other = query.fields.first(where: { $0.name != "hasty" }) {
            throw Problem(
                .invalidParameter,
                "There is no parameter \(Excerpt.of(other.name)) here; hasty=true is answered before the events are stored.",
                members: [.init("parameter", .string(Excerpt.of(other.name)))])
        }
        switch query["hasty"] {
        case nil, "false": return false
        case "true", "": return true
        case let value?: throw .invalidParameter("hasty", value: value, allowed: "true or false")
        }
    }
}
