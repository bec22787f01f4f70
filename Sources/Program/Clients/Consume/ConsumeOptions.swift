public import HTTPClient

/// What `consume` does.
public struct ConsumeOptions: Hashable, Sendable {
    /// Streams, such as `http://127.0.0.1:8192/v2/stream/recentchange`. Each is followed on a connection of its own.
    public var urls: [String]
    /// Parameters of the stream, as the contract's section 2 has them.
    public var since: String?
    public var until: String?
    public var last: Int?
    /// The conditions that an event must meet: an expression, and short forms `PATH=VALUES`. All must hold.
    public var filter: String?
    public var matches: [String]
    /// The fields of an event to be sent, and the share of the stream (`i/n`); nil: all.
    public var fields: String?
    public var shard: String?
    /// Ends after so many events of all streams together.
    public var limit: Int64?
    /// The id to begin after, where the state file has none for a stream.
    public var id: String?
    /// Where to keep the last ids, so that a rerun goes on there.
    public var stateFile: String?
    /// Asks for streams in gzip, which are several times smaller.
    public var gzip: Bool
    /// Sent with each request.
    public var headers: [HTTPClientField]
    /// Tells how it goes every `statisticsInterval` seconds.
    public var statistics: Bool
    public var statisticsInterval: Int
    /// Seconds without a byte after which to connect anew.
    public var watchdog: Int
    /// Says nothing but errors that end it, gaps, and statistics where asked for.
    public var isQuiet: Bool

    public init(
        urls: [String], since: String? = nil, until: String? = nil, last: Int? = nil, filter: String? = nil,
        matches: [String] = [], fields: String? = nil, shard: String? = nil, limit: Int64? = nil, id: String? = nil,
        stateFile: String? = nil, gzip: Bool = true,
        headers: [HTTPClientField] = [],
        statistics: Bool = false, statisticsInterval: Int = 10, watchdog: Int = 60, isQuiet: Bool = false
    ) {
        self.urls = urls
        self.since = since
        self.until = until
        self.last = last
        self.filter = filter
        self.matches = matches
        self.fields = fields
        self.shard = shard
        self.limit = limit
        self.id = id
        self.stateFile = stateFile
        self.gzip = gzip
        self.headers = headers
        self.statistics = statistics
        self.statisticsInterval = statisticsInterval
        self.watchdog = watchdog
        self.isQuiet = isQuiet
    }

    /// A stream's URL with the parameters.
    func address(_ url: String) -> String {
        var parameters = [
            ("since", since), ("until", until), ("last", last.map(String.init)), ("filter", filter),
            ("fields", fields), ("shard", shard),
        ]
        for match in matches {
            let parts = match.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters.append(("match." + Self.encoded(String(parts[0])), parts.count > 1 ? String(parts[1]) : ""))
        }
        var address = String(url.prefix { $0 != "#" })
        for (name, value) in parameters {
            guard let value else { continue }
            address += (address.contains("?") ? "&" : "?") + name + "=" + Self.encoded(value)
        }
        return address
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
