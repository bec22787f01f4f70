package import Admission
package import HTTP
internal import JSON

extension Problem {
    /// An address posts too much for the moment.
    package static func tooManyEvents(_ unit: String, perSecond: Int, retryAfter: Int) -> Problem {
        Problem(
            .tooManyEvents,
            "Your address may post \(perSecond) \(unit) a second, on average over \(EventRate.seconds) seconds. Send them again in \(retryAfter) seconds.",
            members: [.init("limit", .integer(perSecond))], retryAfter: retryAfter)
    }
}

extension Headers {
    /// How many events an address may post in the time over which the average is taken, and what is left of them
    /// (draft-ietf-httpapi-ratelimit-headers-10). None where events are not limited.
    ///
    /// - Parameter now: monotonic milliseconds.
    package static func rateLimit<Address: Sendable>(
        _ quotas: EventQuotas<Address>, of address: Address, now: Int64
    ) -> Headers {
        guard quotas.rate.events > 0 else { return Headers() }
        let most = quotas.rate.events * EventRate.seconds
        return Headers([
            Field("RateLimit-Policy", "\"events\";q=\(most);w=\(EventRate.seconds)"),
            Field("RateLimit", "\"events\";r=\(quotas.rest(of: address, now: now))"),
        ])
    }
}
