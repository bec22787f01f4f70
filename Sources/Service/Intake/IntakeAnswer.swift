public import EventLog
public import HTTP
internal import JSON

extension IntakeRequest {
    /// The answer, once the log has said what became of the accepted records.
    ///
    /// 201 when all are stored, 207 when some are; when none is, 503 if trying again may help, 413 if each was too large,
    /// else 400. The body tells of each event what became of it: `index`, `id`, `status`, and then where it is, or `type`
    /// and `detail` of what is wrong.
    ///
    /// - Parameters:
    ///   - results: of `accepted`, in its order. One that is missing counts as failed.
    ///   - retryAfter: seconds.
    public func answer(
        _ results: [Result<Appended, LogError>], _ occurrence: Problem.Occurrence, retryAfter: Int
    ) -> Answer {
        var events: [(index: Int, entry: JSONValue)] = []
        var failures = failures
        for (place, event) in accepted.enumerated() {
            switch place < results.count ? results[place] : .failure(.closed) {
            case .success(let appended): events.append((event.index, Self.entry(event, appended)))
            case .failure(let error):
                let problem = Self.problem(error, retryAfter: retryAfter)
                failures.append(Failure(index: event.index, id: event.id, problem: problem))
            }
        }
        let stored = events.count
        failures.sort { $0.index < $1.index }
        events += failures.map { ($0.index, Self.entry($0)) }
        let list = JSONValue.array(events.sorted { $0.index < $1.index }.map(\.entry))
        let counts: [JSONValue.Member] = [
            .init("stored", .integer(stored)), .init("failed", .integer(failures.count)), .init("events", list),
        ]
        guard stored == 0 else {
            let status = failures.isEmpty ? 201 : 207
            let body = JSONValue.object([.init("status", .integer(status))] + counts).bytes
            var answer = Answer(status: status, type: "application/json", body: body + [UInt8(ascii: "\n")])
            if let seconds = failures.compactMap(\.problem.retryAfter).max() {
                answer.headers.add("Retry-After", String(seconds))
            }
            return answer
        }
        var problem = Self.whole(failures)
        problem.members = counts
        return problem.answer(occurrence)
    }

    /// The answer before the log has any: 202 when all events are right, 207 when some are. The body tells of each event:
    /// `index`, `id`, `status` (202), or what is wrong with it.
    func hastyAnswer(_ occurrence: Problem.Occurrence) -> Answer {
        var events = accepted.map { event in
            (
                event.index,
                [
                    "index": .integer(event.index), "id": .string(event.id), "status": 202,
                    "stream": .string(event.stream),
                ] as JSONValue
            )
        }
        events += failures.map { ($0.index, Self.entry($0)) }
        let status = failures.isEmpty ? 202 : 207
        let body = JSONValue.object([
            .init("status", .integer(status)), .init("accepted", .integer(accepted.count)),
            .init("failed", .integer(failures.count)),
            .init("events", .array(events.sorted { $0.0 < $1.0 }.map(\.1))),
        ])
        return Answer(status: status, type: "application/json", body: body.bytes + [UInt8(ascii: "\n")])
    }

    /// What to say of a request of which nothing was stored.
    private static func whole(_ failures: [Failure]) -> Problem {
        let problems = failures.map(\.problem)
        let worst =
            problems.first { $0.isTemporary } ?? problems.first { $0.status >= 500 }
            ?? problems.first { $0.status != 413 } ?? problems.first ?? .internalError
        let type: ProblemType = worst.status >= 500 || worst.status == 413 ? worst.type : .invalidEvent
        let detail =
            problems.count == 1
            ? worst.detail : "None of the \(problems.count) events was stored. The first reason: \(worst.detail)"
        return Problem(type, detail, retryAfter: worst.retryAfter)
    }

    private static func problem(_ error: LogError, retryAfter: Int) -> Problem {
        switch error {
        case .full: .unavailable("The log has no room now. Send the event again later.", retryAfter: retryAfter)
        case .unavailable:
            .unavailable("The log can't be reached now. Send the event again later.", retryAfter: retryAfter)
        case .topicNotFound, .partitionNotFound:
            .unavailable("The stream's topic doesn't exist yet. Send the event again later.", retryAfter: retryAfter)
        case .closed: .draining(retryAfter: retryAfter)
        case .recordTooLarge(let limit): .contentTooLarge(what: "The event", limit: limit)
        case .refused(let detail): Problem(.invalidEvent, detail)
        case .offsetOutOfRange, .unreadable, .invalid: .internalError
        }
    }

    private static func entry(_ event: Accepted, _ appended: Appended) -> JSONValue {
        [
            "index": .integer(event.index), "id": .string(event.id), "status": 201, "stream": .string(event.stream),
            "topic": .string(appended.topicPartition.topic), "partition": .integer(appended.topicPartition.partition),
            "offset": .integer(appended.offset),
        ]
    }

    private static func entry(_ failure: Failure) -> JSONValue {
        var members: [JSONValue.Member] = [.init("index", .integer(failure.index))]
        if let id = failure.id { members.append(.init("id", .string(id))) }
        members.append(.init("status", .integer(failure.problem.status)))
        members.append(.init("type", .string(failure.problem.type.rawValue)))
        members.append(.init("detail", .string(failure.problem.detail)))
        return .object(members)
    }
}
