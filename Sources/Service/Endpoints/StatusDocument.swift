package import EventLog
internal import HTTP
internal import JSON
package import Status
internal import Time

/// The documents at `/v2/status`: how the service and each stream are doing, now and in the last day.
package struct StatusDocument: Sendable {
    private let service: ServiceInfo
    private let keeper: StatusKeeper
    private let phase: Phase
    /// Unix milliseconds.
    private let started: Timestamp
    private let now: Timestamp
    /// Whether the history outlives the process.
    private let isKept: Bool

    /// What the server itself is at.
    package enum Phase: Sendable { case starting, serving, draining }

    /// Minutes that a point of the whole day's history stands for.
    private static let step = 15

    /// Clients by `Accept` get a page instead.
    private static let headers = [Headers.Field("Vary", "Accept")]

    package init(
        _ keeper: StatusKeeper, _ service: ServiceInfo, phase: Phase, started: Timestamp, isKept: Bool, now: Timestamp
    ) {
        self.keeper = keeper
        self.service = service
        self.phase = phase
        self.started = started
        self.isKept = isKept
        self.now = now
    }

    /// Whether a client would rather have the page than JSON.
    ///
    /// - Parameter header: `Accept`; nil: there is none.
    package static func isForPeople(accept header: String?) -> Bool {
        guard let header else { return false }
        let accept = Accept(header)
        guard let page = accept.preference(for: "text", "html"), page.quality > 0, page.specificity > 0 else {
            return false
        }
        guard let json = accept.preference(for: "application", "json") else { return true }
        return (page.quality, page.specificity) > (json.quality, json.specificity)
            || (page.quality, page.specificity) == (json.quality, json.specificity) && page.place < json.place
    }

    /// Everything, in points of a quarter of an hour.
    package var whole: Document {
        let figures = keeper.reading.figures
        let minute = lastMinute
        let document: JSONValue = [
            "status": .string(status), "time": time(now), "started": time(started),
            "version": .string(service.version), "clients": .integer(figures[.clients] ?? 0),
            "lastMinute": .object(
                StatusFigure.allCases.filter { !$0.isMomentary }.map { figure in
                    .init(figure.name, number(keeper.history.figures(figure, until: minute, step: 1).last ?? nil))
                }),
            "streams": .array(keeper.reading.streams.map(stream)),
            "incidents": .array(keeper.incidents.reversed().map(incident)),
            "history": history(step: Self.step) { step in
                StatusFigure.allCases.map { figure in
                    .init(figure.name, numbers(keeper.history.figures(figure, until: minute, step: step)))
                }
            },
        ]
        return Document(
            type: "application/json; charset=utf-8", body: document.bytes + [UInt8(ascii: "\n")], headers: Self.headers)
    }

    /// One stream with each minute of the day; nil: there is no such stream.
    ///
    /// - Parameter name: the canonical one.
    package func one(_ name: String) -> Document? {
        guard let reading = keeper.reading.streams.first(where: { $0.name == name }) else { return nil }
        var members = summary(reading)
        members.append(.init("history", history(step: 1) { past(of: name, step: $0) }))
        members.append(
            .init("incidents", .array(keeper.incidents.reversed().filter { $0.subject == name }.map(incident))))
        return Document(
            type: "application/json; charset=utf-8", body: JSONValue.object(members).bytes + [UInt8(ascii: "\n")])
    }

    /// The worst thing that there is to say of the service.
    private var status: String {
        switch phase {
        case .starting: return "starting"
        case .draining: return "draining"
        case .serving: break
        }
        if !keeper.reading.isLogReadable { return "unavailable" }
        return keeper.states.values.contains(where: \.isTrouble) ? "degraded" : "ok"
    }

    /// The minute that was over last.
    private var lastMinute: Int64 { StatusKeeper.minute(now) - 1 }

    private func stream(_ stream: StatusReading.Stream) -> JSONValue {
        .object(summary(stream) + past(of: stream.name, step: Self.step))
    }

    private func summary(_ stream: StatusReading.Stream) -> [JSONValue.Member] {
        let canary: JSONValue? = stream.canary.map { canary in
            ["healthy": .boolean(canary.isHealthy), "seen": canary.seen.map(time) ?? .null]
        }
        return [
            .init("name", .string(stream.name)), .init("status", .string(keeper.states[stream.name]?.name ?? "empty")),
            .init("newest", stream.newest.map(time) ?? .null),
            .init("ageSeconds", number(stream.newest.map { Int(max(0, now - $0) / 1000) })),
            .init("rate", JSONValue(thousandths: stream.rate) ?? .null), .init("clients", .integer(stream.clients)),
            .init("canary", canary ?? .null),
        ]
    }

    private func past(of name: String, step: Int) -> [JSONValue.Member] {
        guard let events = keeper.history.events(of: name, until: lastMinute, step: step),
            let states = keeper.history.states(of: name, until: lastMinute, step: step)
        else { return [] }
        return [
            .init("events", numbers(events)),
            .init("states", .array(states.map { $0.map { .string($0.name) } ?? .null })),
        ]
    }

    private func history(step: Int, _ lines: (Int) -> [JSONValue.Member]) -> JSONValue {
        .object(
            [
                .init("stepSeconds", .integer(step * 60)), .init("end", time((lastMinute + 1) * 60_000)),
                .init("kept", isKept ? "disk" : "memory"),
            ] + lines(step))
    }

    private func incident(_ incident: Incident) -> JSONValue {
        [
            "time": time(incident.time), "kind": .string(incident.kind.name), "subject": .string(incident.subject),
            "text": .string(incident.text),
        ]
    }

    private func time(_ time: Timestamp) -> JSONValue { .string(ISO8601.format(time)) }
    private func number(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
    private func numbers(_ values: [Int?]) -> JSONValue { .array(values.map(number)) }
}

extension JSONValue {
    /// To three decimal places; nil for what JSON can't write.
    init?(thousandths value: Double) {
        guard value.isFinite, abs(value) < 1e12 else { return nil }
        self = .number(String(Double(Int64((value * 1000).rounded())) / 1000))
    }
}
