internal import Bytes

/// Which events of a stream a client wants, and from where on.
///
/// The place to begin at is the first of `id`, `since` and `last` that is given; without any, the stream's end.
public struct StreamRequest: Hashable, Sendable {
    /// An absolute URL, such as `https://HOST/v2/stream/recentchange`; several streams have commas between them.
    public var url: String
    /// Goes on behind the event, or the other element, that came with this id.
    public var id: String?
    /// Begins with the first record at or after this time.
    public var since: StreamTime?
    /// Ends behind the last record up to this time. In the future: when it has passed.
    public var until: StreamTime?
    /// Begins so many matching events before the end: 1 to 10,000.
    public var last: Int?
    /// An expression that an event must fulfil, such as `wiki == "enwiki" && !bot`.
    public var filter: String?
    /// Short conditions that must all hold, together with the filter.
    public var matches: [StreamMatch]
    /// Paths of the fields to be sent, such as `title` and `meta.domain`, or, with a `-` before each, those to be left out;
    /// empty: all.
    public var fields: [String]
    /// The share of the stream to be sent, for workers that divide it; nil: all.
    public var shard: StreamShard?
    /// Also sends the events that a server makes to test itself.
    public var canary: Bool
    /// Seconds between the server's signs of life, 1 to 60; nil: the server's default.
    public var heartbeat: Int?
    /// Whether the stream may come in gzip, which is several times smaller.
    public var gzip: Bool
    /// Seconds without a byte after which the connection counts as lost. More than two heartbeats make sense.
    public var silence: Int
    /// Milliseconds without anything to show after which `StreamElement.idle` is given; nil: it never is.
    public var pulse: Int?

    public init(
        _ url: String, id: String? = nil, since: StreamTime? = nil, until: StreamTime? = nil, last: Int? = nil,
        filter: String? = nil, matches: [StreamMatch] = [], fields: [String] = [], shard: StreamShard? = nil,
        canary: Bool = false, heartbeat: Int? = nil, gzip: Bool = true, silence: Int = 60, pulse: Int? = nil
    ) {
        self.url = url
        self.id = id
        self.since = since
        self.until = until
        self.last = last
        self.filter = filter
        self.matches = matches
        self.fields = fields
        self.shard = shard
        self.canary = canary
        self.heartbeat = heartbeat
        self.gzip = gzip
        self.silence = silence
        self.pulse = pulse
    }

    /// The URL with all of this in its query.
    package var address: String {
        var parameters: [(name: String, value: String?)] = [
            ("since", since?.text), ("until", until?.text), ("last", last.map(String.init)), ("filter", filter),
            ("fields", fields.isEmpty ? nil : fields.joined(separator: ",")), ("shard", shard?.description),
            ("canary", canary ? "true" : nil), ("heartbeat", heartbeat.map(String.init)),
        ]
        for match in matches { parameters.append(("match." + PercentEncoding.encode(match.path), match.values)) }
        var address = String(url.prefix { $0 != "#" })
        for (name, value) in parameters {
            guard let value else { continue }
            address += (address.contains("?") ? "&" : "?") + name + "=" + PercentEncoding.encode(value)
        }
        return address
    }
}
