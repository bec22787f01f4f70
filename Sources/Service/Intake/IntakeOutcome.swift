package import EventLog

/// What became of each event of a request.
package struct IntakeOutcome: Hashable, Sendable {
    package enum Fate: Hashable, Sendable {
        /// It survives a crash.
        case stored(Appended)
        /// It was stored before, there: nothing was stored now.
        case duplicate(Appended)
        /// It is right, and will be stored if nothing goes wrong.
        case accepted
        case refused(IntakeError)
    }

    package struct Event: Hashable, Sendable {
        /// The event's place in the request, from 0.
        package var index: Int
        /// Its `meta.id`; nil where it has none that can be read.
        package var id: String?
        /// The canonical name; nil for one that is refused.
        package var stream: String?
        package var fate: Fate
        /// Of one that is refused: as it stood.
        package var value: [UInt8] = []
    }

    /// In the request's order, one at the least.
    package let events: [Event]

    /// - Parameter fates: of the request's accepted events, in their order. One that is missing counts as not stored.
    package init(_ request: IntakeRequest, _ fates: [Fate]) {
        var events: [Event] = []
        events.reserveCapacity(request.count)
        for place in request.accepted.indices {
            let fate = place < fates.count ? fates[place] : .refused(.closing)
            events.append(
                Event(
                    index: request.accepted[place].index, id: request.accepted[place].id,
                    stream: request.accepted[place].stream, fate: fate))
            if case .refused = fate { events[place].value = request.accepted[place].record.value }
        }
        if !request.failures.isEmpty {
            events += request.failures.map {
                Event(index: $0.index, id: $0.id, fate: .refused($0.error), value: $0.value)
            }
            events.sort { $0.index < $1.index }
        }
        self.events = events
    }

    /// How many were stored now.
    package var stored: Int { events.count { if case .stored = $0.fate { true } else { false } } }
    package var duplicates: Int { events.count { if case .duplicate = $0.fate { true } else { false } } }
    package var accepted: Int { events.count { $0.fate == .accepted } }

    /// Why events were refused, in the request's order.
    package var refusals: [IntakeError] {
        events.compactMap { if case .refused(let error) = $0.fate { error } else { nil } }
    }
}

extension IntakeOutcome.Fate {
    /// What the log says became of a record.
    package init(_ result: Result<Appended, LogError>) {
        switch result {
        case .success(let appended): self = .stored(appended)
        case .failure(let error): self = .refused(IntakeError(error))
        }
    }
}

extension IntakeError {
    fileprivate init(_ error: LogError) {
        self =
            switch error {
            case .full(let detail): .unavailable("The log has no room now: \(detail). Send the event again later.")
            case .unavailable: .unavailable("The event is not stored: \(error). Send it again later.")
            case .topicNotFound, .partitionNotFound:
                .unavailable("The stream's topic doesn't exist yet. Send the event again later.")
            case .closed: .closing
            case .recordTooLarge(let limit): .tooLarge(what: "The event", limit: limit)
            case .refused(let detail): .invalidEvent(detail)
            case .gone, .recreated, .offsetOutOfRange, .unreadable, .invalid: .internalFailure
            }
    }
}
