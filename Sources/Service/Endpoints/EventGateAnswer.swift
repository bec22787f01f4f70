internal import Bytes
package import HTTP
package import Intake
internal import JSON

// Answers with EventGate's statuses and nothing but its members, for clients that depend on them.
extension Answer {
    /// 201 or 202 without a body where nothing failed; 207 where something did; 400 where all events are invalid, and 500
    /// where all failed for other reasons too.
    package static func eventGate(_ outcome: IntakeOutcome, isHasty: Bool) -> Answer {
        let failures = IntakeFailures(outcome)
        let failed = failures.invalid.count + failures.error.count
        let duplicates = Headers.duplicates(of: outcome)
        guard failed > 0 else { return Answer(status: isHasty ? 202 : 201, headers: duplicates + .common) }
        let status = failed < outcome.events.count ? 207 : failures.error.isEmpty ? 400 : 500
        let body = JSONValue.object(failures.members(both: status != 400))
        var answer = Answer(status: status, type: "application/json; charset=utf-8", body: body.bytes)
        answer.headers = answer.headers + duplicates
        return answer
    }

    /// Of a request that can't be read: 400 without a body where there is no event, else 500.
    package static func eventGate(_ error: IntakeError, _ occurrence: Problem.Occurrence) -> Answer {
        if case .noEvents = error { return Answer(status: 400, headers: .common) }
        let body: JSONValue = [
            "status": 500, "type": "internal_error", "title": .string(error.code),
            "detail": .string(error.description), "method": .string(Excerpt.of(occurrence.method, limit: 20)),
            "uri": .string(Excerpt.of(occurrence.uri, limit: 500)),
        ]
        return Answer(status: 500, type: "application/problem+json", body: body.bytes)
    }
}
