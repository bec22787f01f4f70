internal import Compression
internal import HTTP2

/// Why a client of the load gets no stream, or no more of it.
enum StreamFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The server answered something else than 200.
    case refused(status: Int)
    case notHTTP
    case headTooLong
    /// Chunks that are none (RFC 9112, section 7.1).
    case badChunk
    case badGzip(GzipError)
    case eventTooLong
    /// The connection ended within the response.
    case brokenOff

    // Over HTTP/2:
    case notHTTP2
    case badHTTP2(HTTP2Error)
    case noStreams
    /// The server ended this stream alone.
    case reset(HTTP2ErrorCode)
    /// The server ended the connection, and said why.
    case goAway(HTTP2ErrorCode)

    init(_ error: HTTP2Error) { self = error == .notHTTP2 ? .notHTTP2 : .badHTTP2(error) }

    /// A stable name.
    var name: String {
        switch self {
        case .refused(let status): "status_\(status)"
        case .notHTTP: "not_http"
        case .headTooLong: "head_too_long"
        case .badChunk: "bad_chunk"
        case .badGzip: "bad_gzip"
        case .eventTooLong: "event_too_long"
        case .brokenOff: "broken_off"
        case .notHTTP2: "not_http2"
        case .badHTTP2: "bad_http2"
        case .noStreams: "no_streams_allowed"
        case .reset(let code): "reset_\(code.name.lowercased())"
        case .goAway(let code): "goaway_\(code.name.lowercased())"
        }
    }

    var description: String {
        switch self {
        case .refused(let status): "the server answered with status \(status)"
        case .notHTTP: "the answer is no HTTP/1.1; name a server that speaks it, without TLS"
        case .headTooLong: "the answer's head is longer than \(AnswerHead.limit) bytes"
        case .badChunk: "the answer's chunks are malformed"
        case .badGzip(let error): "\(error)"
        case .eventTooLong: "an event is longer than \(ClientStream.eventLimit) bytes"
        case .brokenOff: "the connection ended within the answer"
        case .notHTTP2: "the server does not speak HTTP/2 without TLS; leave out --h2, or name a port where it does"
        case .badHTTP2(let error): "\(error)"
        case .noStreams: "the server allows no streams on an HTTP/2 connection (SETTINGS_MAX_CONCURRENT_STREAMS is 0)"
        case .reset(let code): "the server reset the stream: \(code.name)"
        case .goAway(let code): "the server ended the HTTP/2 connection (GOAWAY): \(code.name)"
        }
    }
}
