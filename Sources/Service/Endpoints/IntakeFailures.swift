internal import Intake
internal import JSON
internal import JSONSchema

/// The refused events of a request as EventGate tells them: `invalid` are those that don't follow their schema, `error` all
/// others, each with the event, why, and its place in the request.
struct IntakeFailures {
    private(set) var invalid: [JSONValue] = []
    private(set) var error: [JSONValue] = []

    init(_ outcome: IntakeOutcome) {
        for event in outcome.events {
            guard case .refused(let reason) = event.fate else { continue }
            // One that is too deep to be read is left out.
            let value = (try? JSONValue(event.value, depth: 128)) ?? .null
            var isInvalid = false
            var context: JSONValue = ["message": .string(reason.description)]
            if case .violation(let errors) = reason {
                isInvalid = true
                context = ["errors": .array(errors.map(\.json)), "errorsText": .string(errors.text)]
            }
            let entry: JSONValue = [
                "status": isInvalid ? "invalid" : "error", "event": value, "context": context,
                "index": .integer(event.index),
            ]
            if isInvalid { invalid.append(entry) } else { error.append(entry) }
        }
    }

    /// Where all events failed those lists only that have entries; where some did, both.
    func members(both: Bool) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if both || !invalid.isEmpty { members.append(.init("invalid", .array(invalid))) }
        if both || !error.isEmpty { members.append(.init("error", .array(error))) }
        return members
    }
}
