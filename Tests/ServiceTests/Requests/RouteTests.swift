import Endpoints
import Testing

@Suite struct RouteTests {
    @Test func lettersAndASlashAtTheEndCountForNothing() {
        let paths: [(String, Route.Endpoint?, String)] = [
            ("/v2/stream/a,B", .stream, "a,B"), ("/V2/Stream/aB", .stream, "aB"), ("/v2/stream/a/", .stream, "a"),
            ("/v2/stream", .streams, ""), ("/v2/stream/", .streams, ""), ("/V2/STREAM/", .streams, ""),
            ("/", .root, ""), ("/rc", .redirect(301, to: "/?doc"), ""), ("/rc/", .redirect(301, to: "/?doc"), ""),
            ("/_info", .info(.all), ""), ("/_info/", .info(.all), ""), ("/_info/home", .info(.home), ""),
            ("/_INFO/Version/", .info(.version), ""), ("/robots.txt", .robots, ""),
            ("/v2/ui", .redirect(301, to: "/v2/ui/"), ""), ("/v2/ui/", .page, ""), ("/v2/ui/Page.js", .page, "Page.js"),
            ("/schemas", .schemas, ""), ("/schemas/", .schemas, ""),
            ("/schemas/A/b/1.0.0.yaml", .schemas, "A/b/1.0.0.yaml"),
            ("/_info/x", nil, ""), ("//", nil, ""), ("", nil, ""), ("/v2", nil, ""), ("/v1/events", nil, ""),
            ("/metrics", nil, ""), ("/v2/streams", nil, ""),
        ]
        for (path, endpoint, rest) in paths {
            let found = Route.find(path, on: .streams)
            #expect(found?.route.endpoint == endpoint && found?.rest ?? "" == rest, "\(path)")
        }
    }

    @Test func eachListenerHasItsOwn() {
        #expect(Route.find("/v1/events", on: .intake)?.route.methods == ["POST", "OPTIONS"])
        #expect(Route.find("/metrics", on: .admin)?.route.endpoint == .metrics)
        #expect(Route.find("/v2/stream/a", on: .admin) == nil && Route.find("/v2/stream/a", on: .intake) == nil)
        for listener in Route.Listener.allCases {
            #expect(Route.find("/healthz", on: listener)?.route.endpoint == .live)
        }
    }

    @Test func noTwoRoutesOfAListenerAreAtOnePath() {
        for listener in Route.Listener.allCases {
            let paths = Route.all.filter { $0.listeners.contains(listener) }.map { $0.path.lowercased() }
            #expect(Set(paths).count == paths.count)
        }
    }
}
