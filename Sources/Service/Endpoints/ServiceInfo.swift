package import HTTP
internal import JSON

/// What `/_info` tells of the service, and `/robots.txt`.
package struct ServiceInfo: Hashable, Sendable {
    package var name: String
    package var version: String
    package var description: String
    /// A page about the service.
    package var home: String

    package init(name: String, version: String, description: String, home: String) {
        self.name = name
        self.version = version
        self.description = description
        self.home = home
    }

    /// The answer at `/_info`, `/_info/name`, `/_info/version` and `/_info/home`; nil for any other path.
    package func answer(path: String, method: String = "GET") -> Answer? {
        switch path {
        case "/_info":
            Self.json([
                "name": .string(name), "version": .string(version), "description": .string(description),
                "home": .string(home),
            ])
        case "/_info/name": Self.json(["name": .string(name)])
        case "/_info/version": Self.json(["version": .string(version)])
        case "/_info/home":
            home.hasPrefix("http")
                ? .redirect(status: 301, to: home)
                : Problem(.notFound, "This service has no home page.").answer(.init(method: method, uri: path))
        default: nil
        }
    }

    private static func json(_ value: JSONValue) -> Answer {
        Answer(status: 200, type: "application/json; charset=utf-8", body: value.bytes + [UInt8(ascii: "\n")])
    }

    /// Nothing here is for search engines: a stream has no end.
    package static let robots = Answer(
        status: 200, type: "text/plain; charset=utf-8", body: Array("User-agent: *\nDisallow: /\n".utf8))
}
