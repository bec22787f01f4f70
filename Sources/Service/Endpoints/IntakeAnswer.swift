internal import Bytes
internal import EventLog
package import HTTP
package import Intake
internal import JSON

extension Answer {
    /// The answer to a request whose events were looked at one by one.
    ///
    /// 201 when all are stored, 207 when some are; 202 and 207 where they are stored later. When none is, 429 or 503 if trying
    /// again may help, 413 if each was too large, else 400. Events that were stored before count as stored, and are told as `duplicate`;
    /// how many there are `Duplicate-Events` says too. The body tells of each event what became of it: `index`, `id`,
    /// `status`, and then where it is, or `type` and `detail` of what is wrong. Those that failed stand in `invalid` and `error`
    /// as well, as EventGate tells them.
    ///
    /// - Parameters:
    ///   - isHasty: whether the events are stored later.
    ///   - retryAfter: seconds.
    package init(
        _ outcome: IntakeOutcome, _ occurrence: Problem.Occurrence, isHasty: Bool = false, retryAfter: Int
    ) {
        let refusals = outcome.refusals
        let right = outcome.events.count - refusals.count
        let what = isHasty ? "accepted" : "stored"
        guard right > 0 else {
            var problem = Self.problem(refusals, retryAfter: retryAfter)
            problem.members = [
                .init(what, 0), .init("failed", .integer(refusals.count)),
                .init("events", .array(outcome.events.map(Self.entry))),
            ]
            problem.members += IntakeFailures(outcome).members(both: false)
            self = problem.answer(occurrence)
            return
        }
        let status = !refusals.isEmpty ? 207 : isHasty ? 202 : 201
        var body: [UInt8] = []
        body.reserveCapacity(64 + 192 * outcome.events.count)
        body.append("{\"status\":")
        body.append(decimal: Int64(status))
        body.append(isHasty ? ",\"accepted\":" : ",\"stored\":")
        body.append(decimal: Int64(right))
        body.append(",\"failed\":")
        body.append(decimal: Int64(refusals.count))
        if outcome.duplicates > 0 {
            body.append(",\"duplicates\":")
            body.append(decimal: Int64(outcome.duplicates))
        }
        body.append(",\"events\":[")
        var writer = EventWriter()
        for place in outcome.events.indices {
            if place > 0 { body.append(UInt8(ascii: ",")) }
            writer.append(outcome.events[place], to: &body)
        }
        body.append("]")
        if !refusals.isEmpty {
            for member in IntakeFailures(outcome).members(both: true) {
                body.append(",")
                JSONText.append(member.name, to: &body)
                body.append(":")
                member.value.append(to: &body)
            }
        }
        body.append("}\n")
        self.init(status: status, type: "application/json", body: body)
        headers = headers + .duplicates(of: outcome)
        if refusals.contains(where: \.isTemporary) {
            let seconds = refusals.compactMap { if case .overQuota(_, let seconds) = $0 { seconds } else { nil } }
            headers.add("Retry-After", String(seconds.max() ?? retryAfter))
        }
    }

    /// What to say of a request of which nothing was stored.
    private static func problem(_ refusals: [IntakeError], retryAfter: Int) -> Problem {
        let problems = refusals.map { Problem($0, retryAfter: retryAfter) }
        let worst =
            problems.first { $0.isTemporary } ?? problems.first { $0.status >= 500 }
            ?? problems.first { $0.status != 413 } ?? problems.first ?? .internalError
        let isWhole = worst.isTemporary || worst.status >= 500 || worst.status == 413
        let type: ProblemType = isWhole ? worst.type : .invalidEvent
        let detail =
            problems.count == 1
            ? worst.detail : "None of the \(problems.count) events was stored. The first reason: \(worst.detail)"
        return Problem(type, detail, retryAfter: worst.retryAfter)
    }

    /// Of one that was refused.
    fileprivate static func entry(_ event: IntakeOutcome.Event) -> JSONValue {
        var members: [JSONValue.Member] = [.init("index", .integer(event.index))]
        if let id = event.id { members.append(.init("id", .string(id))) }
        if case .refused(let error) = event.fate {
            let problem = Problem(error)
            members += [
                .init("status", .integer(problem.status)), .init("type", .string(problem.type.rawValue)),
                .init("detail", .string(problem.detail)),
            ]
        }
        return .object(members)
    }
}

/// Writes what became of each event piece by piece: there may be thousands, and neighbours are mostly alike.
private struct EventWriter {
    private var stream = ""
    private var partition = TopicPartition("", 0)
    /// The JSON text between the id and the offset of an event of that stream in that partition.
    private var middle: [UInt8] = []

    mutating func append(_ event: IntakeOutcome.Event, to body: inout [UInt8]) {
        guard event.fate.isGood, let id = event.id, let stream = event.stream else {
            return Answer.entry(event).append(to: &body)
        }
        body.append("{\"index\":")
        body.append(decimal: Int64(event.index))
        body.append(",\"id\":")
        JSONText.append(id, to: &body)
        switch event.fate {
        case .stored(let appended), .duplicate(let appended):
            if middle.isEmpty || appended.topicPartition != partition || stream != self.stream {
                begin(stream, appended.topicPartition)
            }
            body.append(middle.span)
            body.append(decimal: appended.offset)
            if case .duplicate = event.fate { body.append(",\"duplicate\":true") }
        case .accepted, .refused:
            body.append(",\"status\":202,\"stream\":")
            JSONText.append(stream, to: &body)
        }
        body.append("}")
    }

    private mutating func begin(_ stream: String, _ partition: TopicPartition) {
        (self.stream, self.partition) = (stream, partition)
        middle.removeAll(keepingCapacity: true)
        middle.append(",\"status\":201,\"stream\":")
        JSONText.append(stream, to: &middle)
        middle.append(",\"topic\":")
        JSONText.append(partition.topic, to: &middle)
        middle.append(",\"partition\":")
        middle.append(decimal: Int64(partition.partition))
        middle.append(",\"offset\":")
    }
}

extension Headers {
    /// Says how many events of a request were stored before, where there are any: to EventGate's clients too.
    static func duplicates(of outcome: IntakeOutcome) -> Headers {
        let count = outcome.duplicates
        return count > 0 ? Headers([.init("Duplicate-Events", String(count))]) : Headers()
    }
}

extension IntakeOutcome.Fate {
    fileprivate var isGood: Bool { if case .refused = self { false } else { true } }
}
