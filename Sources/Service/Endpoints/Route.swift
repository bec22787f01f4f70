/// What a path means, by listener (contract, section 1).
package enum Route: Equatable {
    /// The path behind `/v2/stream/`.
    case stream(String)
    case streams
    case root
    /// The file's name behind `/v2/ui/`.
    case page(String)
    case redirect(Int, to: String)
    case info(String)
    case live, ready, robots, metrics, intake

    package enum Listener: Int, Sendable {
        case streams = 0
        case intake
        case admin
    }

    /// Nil: there is nothing.
    package init?(_ path: String, listener: Listener) {
        switch (listener, path) {
        case (_, "/healthz"): self = .live
        case (_, "/readyz"): self = .ready
        case (.admin, "/metrics"): self = .metrics
        case (.intake, "/v1/events"): self = .intake
        case (.streams, "/v2/stream"), (.streams, "/v2/stream/"): self = .streams
        case (.streams, "/"): self = .root
        case (.streams, "/v2/ui"): self = .redirect(301, to: "/v2/ui/")
        case (.streams, "/rc"): self = .redirect(301, to: "/?doc")
        case (.streams, "/robots.txt"): self = .robots
        case (.streams, "/_info"), (.streams, "/_info/name"), (.streams, "/_info/version"), (.streams, "/_info/home"):
            self = .info(path)
        case (.streams, _) where path.hasPrefix("/v2/stream/"):
            self = .stream(String(path.dropFirst("/v2/stream/".count)))
        case (.streams, _) where path.hasPrefix("/v2/ui/"): self = .page(String(path.dropFirst("/v2/ui/".count)))
        default: return nil
        }
    }

    /// What there is at a listener, in a sentence for a request that found nothing.
    package static func directions(_ listener: Listener) -> String {
        switch listener {
        case .streams: "Streams are at /v2/stream/NAME, and /v2/stream lists them."
        case .intake: "Events are posted to /v1/events. Streams have a port of their own, and so have metrics."
        case .admin: "Here are /metrics, /healthz and /readyz. Streams have a port of their own, and so has the intake."
        }
    }

    /// What may be asked of it.
    package var methods: [String] { self == .intake ? ["POST", "OPTIONS"] : ["GET", "HEAD", "OPTIONS"] }
}
