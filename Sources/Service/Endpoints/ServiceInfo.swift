package import HTTP
internal import JSON

/// What `/_info` tells of the service.
package struct ServiceInfo: Hashable, Sendable {
    package var name: String
    package var version: String
    package var description: String
    /// A page about the service: an address, or a path of this server.
    package var home: String

    /// A part of the information, each at a path of its own.
    package enum Part: Hashable, Sendable {
        case all, name, version, home
    }

    package init(name: String, version: String, description: String, home: String) {
        self.name = name
        self.version = version
        self.description = description
        self.home = home
    }

    package func answer(_ part: Part) -> Answer {
        switch part {
        case .all:
            Self.json([
                "name": .string(name), "version": .string(version), "description": .string(description),
                "home": .string(home),
            ])
        case .name: Self.json(["name": .string(name)])
        case .version: Self.json(["version": .string(version)])
        case .home: .redirect(status: 301, to: home)
        }
    }

    private static func json(_ value: JSONValue) -> Answer {
        Answer(status: 200, type: "application/json; charset=utf-8", body: value.bytes + [UInt8(ascii: "\n")])
    }

    /// The answer at `/robots.txt`. Nothing here is for search engines: a stream has no end.
    package static let robots = Answer(
        status: 200, type: "text/plain; charset=utf-8", body: Array("User-agent: *\nDisallow: /\n".utf8))
}
