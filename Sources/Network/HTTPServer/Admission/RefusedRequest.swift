public import Reactor

/// A request that the server refuses by itself, and what was read of it.
public struct RefusedRequest: Sendable {
    public var refusal: Refusal
    /// The listener: its index in the server's options.
    public var listener: Int
    /// Nil where none was read.
    public var method: String?
    /// As the request line has it, or the beginning of one that is too long. Nil where none was read.
    public var target: String?
    /// Nil where they were not read to their end.
    public var headers: HTTPHeaders?
    public var peer: SocketAddress?
    /// Seconds after which trying again may help; nil where it does not. Becomes `Retry-After`.
    public var retryAfter: Int?

    public init(
        _ refusal: Refusal, listener: Int = 0, method: String? = nil, target: String? = nil,
        headers: HTTPHeaders? = nil, peer: SocketAddress? = nil
    ) {
        self.refusal = refusal
        self.listener = listener
        self.method = method
        self.target = target
        self.headers = headers
        self.peer = peer
        retryAfter = refusal.retryAfterSeconds
    }
}
