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

    public init(_ method: String, _ url: String, headers: [HTTPClientField] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// The beginning of a response.
public struct HTTPClientHead: Hashable, Sendable {
    public var status: Int
    public var headers: [HTTPClientField]

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
