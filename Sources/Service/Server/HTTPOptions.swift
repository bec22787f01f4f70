package import HTTP2
package import HTTPServer
package import TLS

/// What the HTTP side is made with.
package struct HTTPOptions: Sendable {
    /// Event loops, each a thread.
    package var loops = 1
    /// Who may connect, by listener.
    package var streamLimits = ListenerLimits()
    package var intakeLimits = ListenerLimits()
    package var adminLimits = ListenerLimits()
    /// What a client may use of the server.
    package var limits = HTTPLimits()
    /// What one HTTP/2 connection may ask.
    package var http2 = HTTP2Limits()
    /// Bodies of requests to the streams' port: of one, and of all in memory. Bytes.
    package var maximumStreamRequestBytes = 16 << 10
    package var allStreamRequestBytes = 4 << 20
    /// Bodies of all requests to the intake that are in memory. Bytes.
    package var allIntakeRequestBytes = 64 << 20
    /// What the kernel may hold of a stream: sent and not acknowledged, or not sent yet. Bytes.
    package var maximumUnsentBytes = 256 << 10
    /// Whether connections of trusted proxies to the streams' ports begin with a header of the PROXY protocol.
    package var hasProxyHeaders = false
    /// With what TLS is served, at a listener of its own; nil: it is not.
    package var tls: CurrentTLSContext?
    package var handshakes = HandshakeLimits()
    /// How long browsers are to come by TLS only (RFC 6797). Milliseconds; 0: nothing is said of it.
    package var strictTransport: Int64 = 0
    /// Is told what an operator should know. Called on a loop, so it must be quick.
    package var report: @Sendable (ServerNotice) -> Void = { _ in }

    package init() {}

    func apply(to options: inout HTTPServerOptions) {
        options.loops = loops
        options.limits = limits
        options.http2 = http2
        options.streamUnsentBytes = maximumUnsentBytes
        options.report = report
    }
}
