/// A whole answer. `Date`, `Content-Length` and `Connection` are the server's to add.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// Fields in the order they are sent. A byte that would end a field early (CR, LF, NUL) is sent as a space.
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// How the end of a stream's bytes is told to the client.
public enum StreamFraming: Sendable, Equatable {
    /// HTTP/1.1: the handler writes chunks, their framing included (RFC 9112, section 7.1), and the last chunk at the
    /// end.
    case chunked
    /// HTTP/1.0: the end of the connection is the end of the body.
    case untilClose
}
