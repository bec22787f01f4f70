public import HTTP
public import TLS

/// TLS of a listener.
public struct TLSListenerOptions: Sendable {
    public var context: CurrentTLSContext
    public var handshakes: HandshakeLimits
    /// Fields of every answer that goes over TLS.
    public var fields = Headers()

    public init(context: CurrentTLSContext, handshakes: HandshakeLimits = HandshakeLimits()) {
        self.context = context
        self.handshakes = handshakes
    }
}

/// How many TLS handshakes begin. Nil: no limit.
public struct HandshakeLimits: Sendable, Equatable {
    /// A second, of all clients: what is more waits.
    public var perSecond: Int?
    /// A second, of one client address (IPv6: one /64), on average over `ListenerLimits.rateSeconds`: what is more is closed.
    public var perSecondPerAddress: Int?

    public init() {}
}
