package import HTTP
internal import JSON

/// What one server tells the others of its clients' streams.
///
/// ```json
/// {"server": "5f0c…", "streams": {"ffff0000c0000201": 3}}
/// ```
///
/// A client is `AddressKey.hexadecimal`. One that is not named has none, or so few that there was no room for it.
package struct UseReport: Hashable, Sendable {
    /// Clients in one report, those with the most streams: about 30 KB.
    package static let mostClients = 1_000
    /// Streams of one client that are believed.
    private static let mostStreams: Int64 = 1_000_000

    /// Whose report it is: made by chance at each start.
    package var server: String
    package var streams: [AddressKey: Int]

    package init(server: String, streams: [AddressKey: Int]) {
        self.server = server
        self.streams = streams
    }

    /// Nil: it is no such report.
    package init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(bytes, depth: 4), let server = value["server"]?.string,
            (1...64).contains(server.utf8.count), case .object(let members)? = value["streams"],
            members.count <= Self.mostClients
        else { return nil }
        var streams: [AddressKey: Int] = [:]
        for member in members {
            guard let key = AddressKey(hexadecimal: member.name), let count = member.value.integer,
                (1...Self.mostStreams).contains(count)
            else { return nil }
            streams[key] = Int(count)
        }
        self.init(server: server, streams: streams)
    }

    package var bytes: [UInt8] {
        let members = streams.map { JSONValue.Member($0.key.hexadecimal, .number(String($0.value))) }
        var bytes: [UInt8] = []
        JSONValue.object([
            .init("server", .string(server)),
            .init("streams", .object(members.sorted { $0.name < $1.name })),
        ]).append(to: &bytes)
        return bytes
    }
}
