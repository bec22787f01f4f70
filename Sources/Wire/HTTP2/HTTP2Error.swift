/// Why a connection is no HTTP/2, or no more.
public enum HTTP2Error: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the peer sent first is not what every HTTP/2 server sends first (RFC 9113, section 3.4).
    case notHTTP2
    /// The peer broke a rule of HTTP/2.
    case violation(HTTP2ErrorCode, reason: String)
    /// The peer has us answer faster than it takes the answers.
    case flooded
    /// A client wears the server out.
    case abuse(HTTP2Abuse)
    case noMemory

    public var description: String {
        switch self {
        case .notHTTP2: "the peer does not speak HTTP/2"
        case .violation(let code, let reason): "the peer broke HTTP/2 (\(code.name)): \(reason)"
        case .flooded: "the peer asks for answers and does not take them"
        case .abuse(let kind): "the client wears the server out: \(kind.rawValue)"
        case .noMemory: "no memory is left"
        }
    }
}
