/// How the end of a stream's bytes is told to the client.
public enum StreamFraming: Sendable, Equatable {
    /// HTTP/1.1: the handler writes chunks, their framing included (RFC 9112, section 7.1), and the last chunk at the
    /// end.
    case chunked
    /// HTTP/1.0: the end of the connection is the end of the body.
    case untilClose
    /// HTTP/2: frames say where the body ends, and the server makes them.
    case frames
}
