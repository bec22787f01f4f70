/// One path of a listener and its answer (contract, section 1). `all` is the one place where a route is added: the
/// server answers, and the OpenAPI document tells, what stands there.
package final class Route: Sendable {
    package enum Listener: Int, Sendable, CaseIterable {
        case streams = 0
        case intake
        case admin
    }

    /// The part of the service that answers.
    package enum Endpoint: Hashable, Sendable {
        case stream, streams, filter
        /// Of the service, and of one stream.
        case status, streamStatus
        /// Who consumes what, for those who operate the server.
        case consumers
        case streamsConfig(isAction: Bool)
        case schemas, root, page, intake, testEvents
        case redirect(Int, to: String)
        case info(ServiceInfo.Part)
        case live, ready, robots, metrics
    }

    package let listeners: [Listener]
    /// As OpenAPI writes it: `{name}` at the end stands for the rest of the path. Letters are matched without regard to
    /// case, and a slash at the end counts for nothing, as with the legacy service.
    package let path: String
    package let methods: [String]
    package let endpoint: Endpoint
    /// How the OpenAPI document tells of it; nil: it does not.
    let operation: OpenAPIOperation?

    private init(
        _ listeners: Listener..., path: String, methods: [String] = ["GET", "HEAD", "OPTIONS"], _ endpoint: Endpoint,
        _ operation: OpenAPIOperation? = nil
    ) {
        self.listeners = listeners
        self.path = path
        self.methods = methods
        self.endpoint = endpoint
        self.operation = operation
    }

    package static let all: [Route] = [
        Route(
            .streams, path: "/v2/stream/{streams}", methods: ["GET", "HEAD", "POST", "OPTIONS"], .stream, .stream),
        Route(.streams, path: "/v2/stream", .streams, .get("streams", "The streams there are")),
        Route(
            .streams, path: "/v2/filter", .filter,
            .get(
                "streams", "A filter in words, tried on the newest events", OpenAPIParameter.filterTrial,
                refusals: ["400", "404", "503"])),
        Route(
            .streams, path: "/v2/status", .status,
            .get(
                "streams", "How each stream is doing, now and in the last day",
                types: ["application/json", "text/html"])),
        Route(
            .streams, path: "/v2/status/{stream}", .streamStatus,
            .get(
                "streams", "How one stream is doing, with each minute of the last day",
                [.path("stream", "The stream's name or an alias.")], refusals: ["404"])),
        Route(
            .streams, path: "/v2/streams-config", .streamsConfig(isAction: false),
            .get(
                "streams", "The configuration of streams, all settings", OpenAPIParameter.configuration,
                refusals: ["400"])
        ),
        Route(.streams, path: "/w/api.php", .streamsConfig(isAction: true)),
        Route(
            .streams, path: "/schemas", .schemas,
            .get("schemas", "The schemas of events, as a list or a page", types: ["application/json", "text/html"])),
        Route(
            .streams, path: "/schemas/{path}", .schemas,
            .get(
                "schemas", "A folder of schemas, or a schema",
                types: ["application/yaml", "application/json", "text/html"],
                [.path("path", "A title, or a title and a version, which may be latest.")], refusals: ["404"])),
        Route(.intake, path: "/v1/events", methods: ["POST", "OPTIONS"], .intake, .intake),
        Route(.intake, path: "/v1/_test/events", .testEvents),
        Route(
            .intake, path: "/v1/stream-configs", .streamsConfig(isAction: false),
            .get("intake", "The configuration of streams, at the intake")),
        Route(.streams, .intake, path: "/", .root),
        Route(.streams, path: "/v2/ui", .redirect(301, to: "/v2/ui/")),
        Route(.streams, path: "/v2/ui/{file}", .page),
        Route(.streams, path: "/rc", .redirect(301, to: "/?doc")),
        Route(.streams, .intake, path: "/_info", .info(.all), .get("service", "About the service")),
        Route(.streams, .intake, path: "/_info/name", .info(.name)),
        Route(.streams, .intake, path: "/_info/version", .info(.version)),
        Route(.streams, .intake, path: "/_info/home", .info(.home)),
        Route(.streams, .intake, path: "/robots.txt", .robots),
        Route(.streams, .intake, .admin, path: "/healthz", .live, .get("service", "Whether the server lives")),
        Route(
            .streams, .intake, .admin, path: "/readyz", .ready,
            .get("service", "Whether the server is ready for clients", others: [("503", "It is not, and why.")])),
        Route(.admin, path: "/metrics", .metrics),
        Route(.admin, path: "/consumers", .consumers),
    ]

    // MARK: Finding

    /// A route, and what of the path its braces stand for.
    package struct Match: Sendable {
        package let route: Route
        package let rest: String
    }

    /// Nil: there is nothing.
    package static func find(_ path: String, on listener: Listener) -> Match? {
        let table = tables[listener.rawValue]
        let folded = fold(path)
        if path != "/v2/ui/" {
            let whole = trimmed(folded)
            if let found = table.exact.first(where: { $0.path == whole }) { return Match(route: found.route, rest: "") }
        }
        for (prefix, route) in table.prefixes where folded.starts(with: prefix) {
            var rest = path.utf8.dropFirst(prefix.count)
            if route.endpoint == .stream, rest.last == UInt8(ascii: "/") { rest.removeLast() }
            return Match(route: route, rest: String(Substring(rest)))
        }
        return nil
    }

    /// A sentence for a request that found nothing: it names the paths of the listener.
    package static func directions(_ listener: Listener) -> String {
        switch listener {
        case .streams: "Streams are at /v2/stream/NAME, and /v2/stream lists them."
        case .intake:
            "Events are posted to /v1/events, and /?spec describes it. Streams have a port of their own, and so have metrics."
        case .admin:
            "Here are /metrics, /consumers, /healthz and /readyz. Streams have a port of their own, and so has the intake."
        }
    }

    private struct Table: Sendable {
        var exact: [(path: [UInt8], route: Route)] = []
        var prefixes: [(prefix: [UInt8], route: Route)] = []
    }

    private static let tables = Listener.allCases.map { listener in
        var table = Table()
        for route in all where route.listeners.contains(listener) {
            if let brace = route.path.firstIndex(of: "{") {
                table.prefixes.append((fold(String(route.path[..<brace])), route))
            } else {
                table.exact.append((trimmed(fold(route.path)), route))
            }
        }
        return table
    }

    private static func fold(_ path: String) -> [UInt8] {
        path.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func trimmed(_ path: [UInt8]) -> [UInt8] {
        path.count > 2 && path.last == UInt8(ascii: "/") ? path.dropLast() : path
    }
}
