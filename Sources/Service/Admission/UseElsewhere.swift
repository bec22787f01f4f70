package import HTTP

/// What other servers have told of their clients' streams. Time is a parameter: milliseconds that never go back.
package struct UseElsewhere: Sendable {
    /// Servers that are believed at once; of more, those heard of last.
    package static let mostServers = 100
    /// A server that has not been heard of for so long is gone, and its clients with it.
    package static let lifetime: Int64 = 6_000

    private struct Entry {
        var heard: Int64
        var streams: [AddressKey: Int]
    }

    private let own: String
    private var servers: [String: Entry] = [:]

    /// - Parameter own: the server that this one is, whose own reports don't count.
    package init(own: String) { self.own = own }

    package mutating func take(_ report: UseReport, now: Int64) {
        guard report.server != own else { return }
        servers[report.server] = Entry(heard: now, streams: report.streams)
        if servers.count > Self.mostServers, let oldest = servers.min(by: { $0.value.heard < $1.value.heard }) {
            servers[oldest.key] = nil
        }
    }

    /// Forgets the servers that are gone, and adds up what the others have.
    package mutating func sum(now: Int64) -> [AddressKey: Int] {
        servers = servers.filter { now - $0.value.heard < Self.lifetime }
        return servers.values.reduce(into: [:]) { sum, entry in sum.merge(entry.streams, uniquingKeysWith: +) }
    }

    /// Servers heard of lately, without this one.
    package var count: Int { servers.count }
}
