/// Why there is no response, or no more of it.
public enum HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidURL(String, reason: String)
    case unknownHost(String)
    case couldNotConnect(host: String, port: Int, reason: String)
    /// TLS could not be agreed on, or the server is not who it should be.
    case insecure(host: String, reason: String)
    case timedOut(host: String, seconds: Int)
    /// The connection ended before the response did.
    case connectionLost(host: String, reason: String)
    case responseTooLarge(limit: Int)
    case tooManyRedirects
    /// By its reader, or because the task that read it was cancelled.
    case cancelled
    /// libcurl's own number and words.
    case failed(code: Int, reason: String)

    /// A stable name.
    public var name: String {
        switch self {
        case .invalidURL: "invalid_url"
        case .unknownHost: "unknown_host"
        case .couldNotConnect: "could_not_connect"
        case .insecure: "insecure"
        case .timedOut: "timed_out"
        case .connectionLost: "connection_lost"
        case .responseTooLarge: "response_too_large"
        case .tooManyRedirects: "too_many_redirects"
        case .cancelled: "cancelled"
        case .failed: "failed"
        }
    }

    /// Whether the same request may succeed later.
    public var isTemporary: Bool {
        switch self {
        case .unknownHost, .couldNotConnect, .timedOut, .connectionLost, .failed: true
        case .invalidURL, .insecure, .responseTooLarge, .tooManyRedirects, .cancelled: false
        }
    }

    public var description: String {
        switch self {
        case .invalidURL(let url, let reason): "\(url) is not a URL that can be used: \(reason)"
        case .unknownHost(let host): "the host \(host) is not known; check its name and your network"
        case .couldNotConnect(let host, let port, let reason):
            "could not connect to \(host) port \(port): \(reason)"
                + (reason == "connection refused" ? "; is the server running?" : "")
        case .insecure(let host, let reason): "no secure connection to \(host) can be made: \(reason)"
        case .timedOut(let host, let seconds): "\(host) sent nothing for \(seconds) s"
        case .connectionLost(let host, let reason): "the connection to \(host) was lost: \(reason)"
        case .responseTooLarge(let limit): "the response is longer than \(limit) bytes"
        case .tooManyRedirects: "the server redirects in a circle or too often"
        case .cancelled: "cancelled"
        case .failed(let code, let reason): "the transfer failed: \(reason) (libcurl \(code))"
        }
    }
}
