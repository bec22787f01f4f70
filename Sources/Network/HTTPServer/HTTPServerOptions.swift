public import HTTP
public import HTTP2
public import Reactor
public import Time

/// Where a server accepts connections, and what holds for those.
public struct ListenerOptions: Sendable {
    public enum Place: Sendable {
        /// Bind this address.
        case address(SocketAddress)
        /// Take over this listening descriptor (see `InheritedSockets`).
        case inherited(Int32)
    }

    /// A name for logs: `public`, `admin`.
    public var name: String
    /// Where it accepts; several where a name has several addresses. They share all that is limited.
    public var places: [Place]
    /// Bytes of a request body: 413.
    public var maximumBodyBytes: Int
    /// Bytes of all request bodies in memory at once: 503.
    public var maximumAllBodyBytes = 64 * 1024 * 1024
    /// Who may connect.
    public var limits = ListenerLimits()
    /// Whether it goes on accepting while the server stops, to the very end: for questions about the server's health.
    public var staysOpen = false
    /// Whether its connections are looked at before those of other listeners, which may be many.
    public var isPrompt = false
    public var socket = ListeningSocket.Options()
    /// Whether connections of peers that speak for many begin with a header of the PROXY protocol, which names the client.
    public var hasProxyHeaders = false
    /// Nil: it is plain.
    public var tls: TLSListenerOptions?
    /// Another listener, by its index, whose limits and counts are this one's too: of connections and of memory for bodies.
    public var sharesLimitsOf: Int?

    public init(name: String, places: [Place], maximumBodyBytes: Int = 1024 * 1024) {
        self.name = name
        self.places = places
        self.maximumBodyBytes = maximumBodyBytes
    }
}

/// What an HTTP server is made with.
public struct HTTPServerOptions: Sendable {
    /// Event loops, each a thread.
    public var loops = 1
    public var listeners: [ListenerOptions]
    public var limits = HTTPLimits()
    /// What one HTTP/2 connection may ask; what holds for all requests is taken from `limits`.
    public var http2 = HTTP2Limits()
    /// Bytes of a stream the kernel may hold before it has sent them (`TCP_NOTSENT_LOWAT`), or nil for its own choice.
    /// A small number lets a slow client show sooner.
    public var streamUnsentBytes: Int?
    /// Makes the answer to what the server refuses by itself: a malformed, late or too large request, or one client too
    /// many.
    public var refusalAnswer: @Sendable (RefusedRequest) -> Answer = Self.problem
    /// Peers whose connections are not counted by address, because they speak for many clients: trusted proxies.
    public var speaksForMany: @Sendable (SocketAddress) -> Bool = { _ in false }
    /// Is told what an operator should know. Called on a loop, so it must be quick.
    public var report: @Sendable (ServerNotice) -> Void = { _ in }
    /// What time it is: monotonic milliseconds.
    public var clock = MonotonicClock.system

    public init(listeners: [ListenerOptions]) { self.listeners = listeners }

    /// A problem document (RFC 9457). The texts are the server's own and need no escapes.
    @Sendable
    public static func problem(_ refused: RefusedRequest) -> Answer {
        let refusal = refused.refusal
        let title = HTTPStatus.phrase(refusal.status)
        let body = """
            {"type":"\(refusal.type)","title":"\(title)","status":\(refusal.status),"detail":"\(refusal.detail)"}

            """
        var headers = Headers([Headers.Field("Content-Type", "application/problem+json")])
        if let seconds = refused.retryAfter { headers.add("Retry-After", "\(seconds)") }
        return Answer(status: refusal.status, headers: headers, body: Array(body.utf8))
    }
}
