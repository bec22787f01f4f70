public import EventLog
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
        public var error: IntakeError
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
    ) throws(IntakeError) {
        guard body.count <= limits.body else { throw .tooLarge(what: "The body", limit: limits.body) }
        // An array is one level around events that may be as deep as any reader takes.
        let document = try Self.document(body, depth: 65)
        let events: [JSONDocument.Index]
        switch document[document.root].kind {
        case .array: events = document.elements(of: document.root)
        case .object: events = [document.root]
        default: throw .invalidRequest("The body must be an event (a JSON object) or an array of events.")
        }
        guard !events.isEmpty else { throw .invalidRequest("The body has no event.") }
        guard events.count <= limits.events else {
            throw .invalidRequest("The body has \(events.count) events; \(limits.events) may be sent at a time.")
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
                failures.append(Failure(index: index, id: id, error: error))
            }
        }
    }

    private static func document(_ bytes: [UInt8], depth: Int) throws(IntakeError) -> JSONDocument {
        do {
            return try JSONDocument(bytes, depth: depth)
        } catch {
            throw .invalidRequest("The body isn't JSON: \(error).")
        }
    }
}
