internal import Admission
internal import Events
internal import Intake
internal import JSON

/// Refuses events of streams that have had too many for the moment: all that a request has of such a stream.
struct StreamQuotas: EventCheck {
    let quotas: EventQuotas<String>
    /// Monotonic milliseconds.
    let now: @Sendable () -> Int64

    func refusals(of events: [CheckedEvent]) async -> [IntakeError?] {
        var sums: [String: (events: Int, bytes: Int)] = [:]
        for event in events {
            let sum = sums[event.stream] ?? (0, 0)
            sums[event.stream] = (sum.events + 1, sum.bytes + event.event.document.bytes.count)
        }
        var errors: [String: IntakeError] = [:]
        let now = now()
        for (stream, sum) in sums {
            do throws(EventQuotas<String>.Refusal) {
                try quotas.take(stream, events: sum.events, bytes: sum.bytes, now: now)
            } catch {
                errors[stream] = .overQuota(
                    "The stream \(stream) may have \(error.perSecond) \(error.unit.rawValue) a second, on average over \(EventRate.seconds) seconds. Send the event again in \(error.retryAfter) seconds.",
                    retryAfter: error.retryAfter)
            }
        }
        return events.map { errors[$0.stream] }
    }
}
