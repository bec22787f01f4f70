/// How a client reaches servers.
public struct ClientOptions: Hashable, Sendable {
    /// A field that is sent with each request.
    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        /// One with a control character in it is not sent.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What the client calls itself. Operators find it in their logs: name your program, and where you can be reached.
    public var userAgent: String
    public var headers: [Header]
    /// A file of certificates in PEM: the authorities that servers' certificates may come from; nil: the system's.
    public var authorities: String?
    /// Seconds from the start of a request until a connection, with TLS, stands.
    public var connectTimeout: Int

    public init(
        userAgent: String = "eventstreams", headers: [Header] = [], authorities: String? = nil,
        connectTimeout: Int = 10
    ) {
        self.userAgent = userAgent
        self.headers = headers
        self.authorities = authorities
        self.connectTimeout = connectTimeout
    }
}
