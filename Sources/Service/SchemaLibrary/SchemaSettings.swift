/// Where the service has its schemas from.
package struct SchemaSettings: Hashable, Sendable {
    /// Directories and http(s) addresses: one namespace, the first wins. Empty: there are no schemas, and nothing is validated.
    package var repositories: [String] = []
    /// Where what was fetched is kept, so that it is there when its source is not. A directory.
    package var cacheDirectory = ""
    /// Schemas that are fetched at the start: `/mediawiki/recentchange/1.0.0`, or `/mediawiki/recentchange/latest`.
    package var precached: [String] = []
    /// Milliseconds; 0: only at the start, and only addresses.
    package var refreshInterval: Int64 = 300_000
    /// Seconds that a source may be silent before it counts as away.
    package var fetchTimeout = 10

    package init() {}

    static func isAddress(_ place: String) -> Bool { place.hasPrefix("http://") || place.hasPrefix("https://") }
}
