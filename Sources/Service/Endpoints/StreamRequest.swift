internal import Bytes
package import EventFilter
package import EventFormats
package import EventLog
package import HTTP
package import History
internal import JSON
package import Streaming

/// What a client asks of a stream's route: path, query and headers, read and checked (contract, section 2).
package struct StreamRequest: Hashable, Sendable {
    /// As a client may write them, before anything is read.
    package struct Source: Hashable, Sendable {
        /// The path behind `/v2/stream/`, as it was sent.
        package var path: String
        /// What follows the `?`, as it was sent; empty where there is none.
        package var query: String
        /// Parameters in the body of a POST.
        package var posted: Query?
        /// Header values; several lines of `Accept` joined by commas.
        package var accept: String?
        /// Each line's value.
        package var lastEventIDs: [[UInt8]]
        /// `Sec-Fetch-Mode`.
        package var fetchMode: String?

        /// Whether a browser's EventSource asks, which gives up for ever on any status but 200 (contract, section 7): browsers
        /// say how a request was made, other clients don't; and an EventSource accepts one type.
        package var isEventSource: Bool {
            guard fetchMode != nil, let accept else { return false }
            return Accept(accept).ranges.contains {
                $0.type == "text" && $0.subtype == "event-stream" && $0.quality > 0
            }
        }

        package init(
            path: String, query: String = "", posted: Query? = nil, accept: String? = nil, lastEventIDs: [[UInt8]] = [],
            fetchMode: String? = nil
        ) {
            self.path = path
            self.query = query
            self.posted = posted
            self.accept = accept
            self.lastEventIDs = lastEventIDs
            self.fetchMode = fetchMode
        }
    }

    /// Names and aliases in the request's order, each once; not looked up yet.
    package var streams: [String]
    package var start: StartPoint
    package var until: Timestamp?
    package var limit: Int?
    /// Whether a browser's EventSource comes back by itself, with the last id of a stream that sent all that this request asks
    /// for: its `limit`, or up to its `until`. 204 ends it (contract, section 2). Others who have such an id go on from it.
    package var isFulfilled: Bool
    package var mediaType: StreamMediaType
    package var ids: IDForm
    package var includesCanary: Bool
    /// The condition that an event must meet to be sent; nil: the server sends every event.
    package var filter: EventFilter?
    /// Which members of an event are sent; nil: all.
    package var projection: Projection?
    /// The part of the streams' records that is sent; nil: all.
    package var share: Share?
    /// Seconds.
    package var heartbeat: Int?
    /// What the parameter `encoding` says of the body's coding.
    package var encoding: GzipPolicy.Asked?

    package static let lastRange = 1...10_000
    package static let heartbeatRange = 1...60
    /// The most names in one path.
    package static let namesLimit = 256
    static let formats: KeyValuePairs<String, StreamFormat> = ["sse": .sse, "ndjson": .ndjson]
    static let encodings: KeyValuePairs<String, GzipPolicy.Asked> = ["gzip": .gzip, "identity": .identity]
    static let idForms: KeyValuePairs<String, IDForm> = ["json": .json, "compact": .compact]

    /// - Parameters:
    ///   - now: the server's time, which durations count back from.
    ///   - topics: the topics of streams, which a compact id is read by.
    package init(
        _ source: Source, now: Timestamp, topics: ([String]) throws(Problem) -> [String] = { $0 }
    ) throws(Problem) {
        var query = try Query(source.query)
        if let posted = source.posted { query = try query.joined(with: posted) }
        let parameters = try StreamParameters(query)
        streams = try Self.names(source.path)
        let since = try parameters.time("since", now: now)
        until = try parameters.time("until", now: now)
        let last = try parameters.integer("last", Self.lastRange)
        if last != nil, since != nil {
            throw Problem(
                .invalidParameter, "The parameters since and last each say where to begin. Give one of them.",
                members: [.init("parameter", "last")])
        }
        limit = try parameters.integer("limit", 1...Int.max)
        ids = try parameters.choice("ids", Self.idForms) ?? .json
        includesCanary = try parameters.boolean("canary") ?? false
        filter = try parameters.filter()
        projection = try parameters.projection()
        share = try parameters.share()
        heartbeat = try parameters.integer("heartbeat", Self.heartbeatRange)
        encoding = try parameters.choice("encoding", Self.encodings)
        let cursor = try parameters.cursor()
        guard source.lastEventIDs.count <= 1 else {
            throw Problem(
                .invalidLastEventID,
                "The request has \(source.lastEventIDs.count) fields named Last-Event-ID. Send the last one received, once."
            )
        }
        isFulfilled = false
        if let text = source.lastEventIDs.first ?? cursor {
            let id = try Self.id(text, topics: try topics(streams))
            start = .id(id, since: since)
            isFulfilled =
                id.isFinal && !source.lastEventIDs.isEmpty && source.isEventSource && (limit != nil || until != nil)
        } else if let since {
            start = .since(since)
        } else {
            start = last.map { .last($0) } ?? .live
        }
        let format = try parameters.choice("format", Self.formats)
        guard let type = StreamMediaType.negotiate(asked: format, accept: source.accept) else {
            throw .notAcceptable(
                source.accept ?? "", available: ["text/event-stream", "application/x-ndjson", "application/json"])
        }
        mediaType = type
    }

    /// The names in a path: percent-decoded first, then split at commas, so that `%2C` separates too. A trailing slash and
    /// empty names count for nothing.
    package static func names(_ path: String) throws(Problem) -> [String] {
        // One name as it is, as most paths are.
        if !path.isEmpty,
            path.utf8.allSatisfy({ $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "/") })
        {
            return [path]
        }
        let text: String
        do {
            text = try PercentEncoding.decode(path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path)
        } catch {
            throw .badRequest("The list of streams in the path \(error.reason). Encode it as UTF-8 in percent form.")
        }
        var names: [String] = []
        var seen: Set<String> = []
        for name in text.split(separator: ",") where seen.insert(String(name)).inserted {
            guard names.count < namesLimit else {
                throw .badRequest("The path names more than \(namesLimit) streams. Use several requests.")
            }
            names.append(String(name))
        }
        guard !names.isEmpty else {
            throw .badRequest("The path names no stream. Name one: /v2/stream/NAME; /v2/stream lists them.")
        }
        return names
    }

    private static func id(_ text: [UInt8], topics: [String]) throws(Problem) -> RequestedCursor {
        do throws(LastEventIDError) {
            return try LastEventID.parse(text, topics: topics)
        } catch {
            throw Problem(error)
        }
    }
}
