internal import Compression

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
        }
    }
}
