package import EventStreamsClient

/// What `consume` does.
package struct ConsumeOptions: Hashable, Sendable {
    /// Streams, such as `http://127.0.0.1:8192/v2/stream/recentchange`. Each is followed on a connection of its own.
    package var urls: [String]
    /// Parameters of the stream, as the contract's section 2 has them.
    package var since: String?
    package var until: String?
    package var last: Int?
    /// The conditions that an event must meet: an expression, and short forms `PATH=VALUES`. All must hold.
    package var filter: String?
    package var matches: [String]
    /// The fields of an event to be sent, and the share of the stream (`i/n`); nil: all.
    package var fields: String?
    package var shard: StreamShard?
    /// Ends after so many events of all streams together.
    package var limit: Int64?
    /// The id to begin after, where the state file has none for a stream.
    package var id: String?
    /// Where to keep the last ids, so that a rerun goes on there.
    package var stateFile: String?
    /// Asks for streams in gzip, which are several times smaller.
    package var gzip: Bool
    /// Paths of the fields to print as columns; empty: whole events.
    package var columns: [String]
    package var colours: ColourChoice
    /// Sent with each request.
    package var headers: [ClientOptions.Header]
    /// A file of certificates in PEM, to believe instead of the system's.
    package var authorities: String?
    /// Tells how it goes every `statisticsInterval` seconds.
    package var statistics: Bool
    package var statisticsInterval: Int
    /// Seconds without a byte after which to connect anew.
    package var watchdog: Int
    /// Says nothing but errors that end it, gaps, and statistics where asked for.
    package var isQuiet: Bool

    package init(
        urls: [String], since: String? = nil, until: String? = nil, last: Int? = nil, filter: String? = nil,
        matches: [String] = [], fields: String? = nil, shard: StreamShard? = nil, limit: Int64? = nil,
        id: String? = nil,
        stateFile: String? = nil, gzip: Bool = true, columns: [String] = [], colours: ColourChoice = .auto,
        headers: [ClientOptions.Header] = [], authorities: String? = nil,
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
        self.columns = columns
        self.colours = colours
        self.headers = headers
        self.authorities = authorities
        self.statistics = statistics
        self.statisticsInterval = statisticsInterval
        self.watchdog = watchdog
        self.isQuiet = isQuiet
    }

    /// What to ask of a stream.
    ///
    /// - Parameter kept: the id that the state file has for it.
    func request(_ url: String, id kept: String?) -> StreamRequest {
        // The state is kept, and statistics are shown, between events too.
        StreamRequest(
            url, id: kept ?? id, since: since.map(StreamTime.init), until: until.map(StreamTime.init), last: last,
            filter: filter, matches: matches.map { StreamMatch(pair: $0) }, fields: fields.map { [$0] } ?? [],
            shard: shard,
            gzip: gzip, silence: watchdog, pulse: 1000)
    }
}
