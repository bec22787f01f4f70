internal import Bytes
package import Catalogue
package import EventLog
internal import Events
internal import JSON

/// The events of one request to `POST /v1/events`: a JSON object, or an array of them. Each is stored or refused on its own.
///
/// An event says in `meta.stream` where it belongs. `meta.id` (a random UUID) and `meta.dt` (now) are added where they are
/// missing; otherwise an event is kept byte for byte, but that line breaks between tokens become spaces.
package struct IntakeRequest: Sendable {
    package struct Accepted: Hashable, Sendable {
        /// The event's place in the request, from 0.
        package var index: Int
        /// Its `meta.id`.
        package var id: String
        /// Whether its id is the client's doing, so that it has the same one when it is sent again.
        package var canComeAgain: Bool
        /// The canonical name.
        package var stream: String
        /// The title that the event's schema must have.
        package var schemaTitle: String?
        /// What is copied into it from the request's header fields, where its schema has room for that.
        package var headerFields: [PublicStream.HeaderField]
        /// With the index of its value, so that nobody need scan it again.
        package var record: NewRecord
        var isRefused = false
    }

    package struct Failure: Hashable, Sendable {
        package var index: Int
        package var id: String?
        package var error: IntakeError
        /// The event as it stood.
        package var value: [UInt8] = []
    }

    /// In the request's order.
    package private(set) var accepted: [Accepted] = []
    /// In the request's order.
    package private(set) var failures: [Failure] = []

    /// How many events the request has.
    package var count: Int { accepted.count + failures.count }

    /// - Parameters:
    ///   - now: the server's time.
    ///   - random: makes the ids.
    /// - Throws: what keeps the whole request from being read: not JSON, too large, too many events, none.
    package init(
        body bytes: [UInt8], catalogue: StreamCatalogue, now: Timestamp, limits: IntakeLimits = IntakeLimits(),
        facts: IntakeFacts = IntakeFacts(), random: inout some RandomNumberGenerator
    ) throws(IntakeError) {
        var body = try IntakeBody(bytes, limits: limits)
        if let missing = MissingMembers(facts) {
            // What is added is not the client's, and has a limit for each event.
            var limits = limits
            limits.body = .max
            body = try IntakeBody(missing.added(to: body), limits: limits)
        }
        var reader = IntakeEventReader(body, catalogue, now: now, limits: limits, facts: facts)
        accepted.reserveCapacity(body.events.count)
        for (index, place) in body.events.enumerated() {
            do throws(IntakeError) {
                accepted.append(try reader.event(index, place, hints: failures.count < 10, random: &random))
            } catch {
                let id = body.document(place).flatMap { $0.string($0.value(at: ["meta", "id"])) }
                failures.append(
                    Failure(
                        index: index, id: id.map { Excerpt.of($0) }, error: error,
                        value: Array(body.bytes[place.start..<place.end])))
            }
        }
        reader.giveIndices(to: &accepted)
    }

    /// Takes events out that a check refuses.
    ///
    /// - Parameter verdicts: of the accepted events, in their order; nil where there is nothing against one. One that is missing
    ///   counts as a refusal.
    mutating func apply(_ verdicts: [IntakeError?]) {
        let before = accepted
        accepted = []
        for (place, event) in before.enumerated() {
            if let error = place < verdicts.count ? verdicts[place] : .internalFailure {
                failures.append(
                    Failure(index: event.index, id: event.id, error: error, value: event.record.value))
            } else {
                accepted.append(event)
            }
        }
        failures.sort { $0.index < $1.index }
    }

    /// Has each accepted event looked at, and changed or refused.
    mutating func review(_ look: (inout Accepted) throws(IntakeError) -> Void) {
        var refused = false
        for place in accepted.indices {
            do throws(IntakeError) { try look(&accepted[place]) } catch {
                let event = accepted[place]
                failures.append(
                    Failure(index: event.index, id: event.id, error: error, value: event.record.value))
                accepted[place].isRefused = true
                refused = true
            }
        }
        guard refused else { return }
        accepted.removeAll(where: \.isRefused)
        failures.sort { $0.index < $1.index }
    }
}

extension IntakeRequest.Accepted {
    /// The event, by its index.
    var document: JSONDocument { JSONDocument(record.value, index: record.index.words, at: record.index.start) }

    /// Puts other bytes in the event's place.
    mutating func replace(_ bytes: [UInt8], _ limits: IntakeLimits) throws(IntakeError) {
        guard bytes.count <= limits.event else { throw .tooLarge(what: "The event", limit: limits.event) }
        var scanner = JSONScanner()
        do throws(JSONError) { try scanner.scanAll(bytes.span, depth: IntakeBody.depth) } catch {
            throw .invalidEvent("The event can't be read with what was added to it: \(error).")
        }
        record.value = bytes
        record.index = RecordIndex(words: scanner.index(ofTextOf: bytes.count))
    }
}
