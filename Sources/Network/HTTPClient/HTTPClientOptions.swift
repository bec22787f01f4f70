/// How a client behaves to all servers.
public struct HTTPClientOptions: Hashable, Sendable {
    public var userAgent: String
    /// Seconds from the start of a request until a connection, with TLS, stands.
    public var connectTimeout: Int
    /// Seconds without a byte in either direction after which a `send` fails. Streams have no such limit: whoever reads
    /// one says how long to wait for each part.
    public var stallTimeout: Int
    /// Bytes of a response that `send` takes.
    public var responseLimit: Int
    /// Bytes of a stream that wait for their reader before the socket is left alone, give or take one piece of 16 KiB.
    public var streamBuffer: Int
    /// A file of certificates in PEM: the authorities that servers' certificates may come from; nil: the system's.
    public var authorities: String?

    public init(
        userAgent: String = "eventstreams", connectTimeout: Int = 10, stallTimeout: Int = 60,
        responseLimit: Int = 8 << 20, streamBuffer: Int = 256 << 10, authorities: String? = nil
    ) {
        self.userAgent = userAgent
        self.connectTimeout = connectTimeout
        self.stallTimeout = stallTimeout
        self.responseLimit = responseLimit
        self.streamBuffer = streamBuffer
        self.authorities = authorities
    }
}
