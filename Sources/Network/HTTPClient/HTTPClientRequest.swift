/// A header field of a request or response.
public struct HTTPClientField: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What to ask of a server.
public struct HTTPClientRequest: Sendable {
    public var method: String
    /// An absolute `http` or `https` URL.
    public var url: String
    public var headers: [HTTPClientField]
    /// Sent with its length. Empty with GET and HEAD.
    public var body: [UInt8]
    public var version: Version

    /// How HTTP is spoken.
    public enum Version: Hashable, Sendable {
        /// HTTP/2 where TLS agrees on it, else HTTP/1.1.
        case automatic
        /// HTTP/2 without asking for it first (RFC 9113, section 3.3).
        case http2
    }

    public init(
        _ method: String, _ url: String, headers: [HTTPClientField] = [], body: [UInt8] = [],
        version: Version = .automatic
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.version = version
    }
}

/// The beginning of a response.
public struct HTTPClientHead: Hashable, Sendable {
    public var status: Int
    public var headers: [HTTPClientField]
    /// Of HTTP, as the status line has it: `1.1` or `2`; empty: not known.
    public var version = ""
    /// When the server's certificate ends. Unix seconds; nil: there is none, or it is not known.
    public var certificateEnd: Int64?

    public init(status: Int, headers: [HTTPClientField] = []) {
        self.status = status
        self.headers = headers
    }

    /// The first field of a name, whatever its case.
    public subscript(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A whole response.
public struct HTTPClientResponse: Hashable, Sendable {
    public var head: HTTPClientHead
    public var body: [UInt8]

    public init(head: HTTPClientHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// The next of a response's body.
public enum HTTPBodyPart: Hashable, Sendable {
    case bytes([UInt8])
    /// Nothing came in the time given. The transfer goes on.
    case idle
    /// The body ended as its framing says it must.
    case end
}
