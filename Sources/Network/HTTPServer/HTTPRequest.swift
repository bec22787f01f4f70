public import Reactor

/// A request, read whole and found to be well-formed.
public struct HTTPRequest: Sendable {
    /// The method, upper case as it came: `GET`.
    public var method: String
    /// The target as the request line has it.
    public var target: String
    /// The path before any `?`, not percent-decoded. `*` in a request for the server as a whole (`OPTIONS *`).
    public var path: String
    /// What follows the first `?`, not percent-decoded; nil without a `?`.
    public var query: String?
    /// The host, with a port if given: of the target when that is absolute, else of the `Host` field.
    public var host: String?
    /// The minor version of HTTP/1: 0 or 1; 1 over HTTP/2.
    public var minorVersion: Int
    /// How the bytes of a stream are framed that answers it.
    public var framing: StreamFraming
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// Who sent it: the other end of the connection.
    public var peer: SocketAddress?
    /// The listener that accepted the connection: its index in the server's options.
    public var listener: Int
    public var transport = Transport()

    /// A request made by hand, as tests do.
    public init(
        method: String = "GET", target: String, minorVersion: Int = 1, headers: HTTPHeaders = HTTPHeaders([]),
        body: [UInt8] = [], peer: SocketAddress? = nil, listener: Int = 0
    ) {
        let (path, query) = RequestTarget.split(target[...])
        self.init(
            method: method, target: target, RequestTarget(path: path, query: query), minorVersion: minorVersion,
            headers: headers, body: body, peer: peer, listener: listener)
    }

    /// - Parameter parts: of the target.
    init(
        method: String, target: String, _ parts: RequestTarget, minorVersion: Int = 1, headers: HTTPHeaders,
        body: [UInt8], peer: SocketAddress? = nil, listener: Int = 0
    ) {
        self.method = method
        self.target = target
        path = parts.path
        query = parts.query
        host = parts.host ?? headers["host"]?.text
        self.minorVersion = minorVersion
        framing = minorVersion >= 1 ? .chunked : .untilClose
        self.headers = headers
        self.body = body
        self.peer = peer
        self.listener = listener
    }

    /// Whether the client expects the connection to stay open after the answer (RFC 9112, section 9.3).
    var allowsKeepAlive: Bool {
        if headers.contains("connection", token: "close") { return false }
        return minorVersion >= 1 || headers.contains("connection", token: "keep-alive")
    }
}
