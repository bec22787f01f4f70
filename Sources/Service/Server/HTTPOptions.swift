public import HTTPServer

/// What the HTTP side is made with.
public struct HTTPOptions: Sendable {
    /// Event loops, each a thread.
    public var loops = 1
    /// Who may connect, by listener.
    public var streamLimits = ListenerLimits()
    public var intakeLimits = ListenerLimits()
    public var adminLimits = ListenerLimits()
    /// What a client may use of the server.
    public var limits = HTTPLimits()
    /// Bodies of requests to the streams' port: of one, and of all in memory. Bytes.
    public var maximumStreamRequestBytes = 16 << 10
    public var allStreamRequestBytes = 4 << 20
    /// Bodies of all requests to the intake that are in memory. Bytes.
    public var allIntakeRequestBytes = 64 << 20
    /// What the kernel may hold of a stream: sent and not acknowledged, or not sent yet. Bytes.
    public var maximumUnsentBytes = 256 << 10
    /// Is told what an operator should know. Called on a loop, so it must be quick.
    public var report: @Sendable (ServerNotice) -> Void = { _ in }

    public init() {}

    func apply(to options: inout HTTPServerOptions) {
        options.loops = loops
        options.limits = limits
        options.streamUnsentBytes = maximumUnsentBytes
        options.report = report
    }
}
