internal import EventLog
public import HTTP
internal import JSON

extension Answer {
    /// The answer to a request whose events were looked at one by one.
    ///
    /// 201 when all are stored, 207 when some are; 202 and 207 where they are stored later. When none is, 503 if trying again
    /// may help, 413 if each was too large, else 400. The body tells of each event what became of it: `index`, `id`,
    /// `status`, and then where it is, or `type` and `detail` of what is wrong.
    ///
    /// - Parameters:
    ///   - isHasty: whether the events are stored later.
    ///   - retryAfter: seconds.
    public init(
        _ outcome: IntakeOutcome, _ occurrence: Problem.Occurrence, isHasty: Bool = false, retryAfter: Int
    ) {
        let refusals = outcome.refusals
        let right = outcome.events.count - refusals.count
        let counts: [JSONValue.Member] = [
            .init(isHasty ? "accepted" : "stored", .integer(right)), .init("failed", .integer(refusals.count)),
            .init("events", .array(outcome.events.map(Self.entry))),
        ]
        guard right > 0 else {
            var problem = Self.problem(refusals, retryAfter: retryAfter)
            problem.members = counts
            self = problem.answer(occurrence)
            return
        }
        let status = !refusals.isEmpty ? 207 : isHasty ? 202 : 201
        let body = JSONValue.object([.init("status", .integer(status))] + counts).bytes
        self.init(status: status, type: "application/json", body: body + [UInt8(ascii: "\n")])
        if refusals.contains(where: \.isTemporary) { headers.add("Retry-After", String(retryAfter)) }
    }

    /// What to say of a request of which nothing was stored.
    private static func problem(_ refusals: [IntakeError], retryAfter: Int) -> Problem {
        let problems = refusals.map { Problem($0, retryAfter: retryAfter) }
        let worst =
            problems.first { $0.isTemporary } ?? problems.first { $0.status >= 500 }
            ?? problems.first { $0.status != 413 } ?? problems.first ?? .internalError
        let type: ProblemType = worst.status >= 500 || worst.status == 413 ? worst.type : .invalidEvent
        let detail =
            problems.count == 1
            ? worst.detail : "None of the \(problems.count) events was stored. The first reason: \(worst.detail)"
        return Problem(type, detail, retryAfter: worst.retryAfter)
    }

    private static func entry(_ event: IntakeOutcome.Event) -> JSONValue {
        var members: [JSONValue.Member] = [.init("index", .integer(event.index))]
        if let id = event.id { members.append(.init("id", .string(id))) }
        switch event.fate {
        case .stored(let appended):
            members += [
                .init("status", 201), .init("stream", .string(event.stream ?? "")),
                .init("topic", .string(appended.topicPartition.topic)),
                .init("partition", .integer(appended.topicPartition.partition)),
                .init("offset", .integer(appended.offset)),
            ]
        case .accepted: members += [.init("status", 202), .init("stream", .string(event.stream ?? ""))]
        case .refused(let error):
            let problem = Problem(error)
            members += [
                .init("status", .integer(problem.status)), .init("type", .string(problem.type.rawValue)),
                .init("detail", .string(problem.detail)),
            ]
        }
        return .object(members)
    }
}
