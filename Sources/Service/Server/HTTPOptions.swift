internal import HTTPServer

/// What the HTTP side is made with.
public struct HTTPOptions: Sendable {
    /// Event loops, each a thread.
    public var loops = 1
    public var maximumConnections = 20_000
    public var headTimeout: Int64 = 10_000
    public var idleTimeout: Int64 = 75_000
    public var maximumHeadBytes = 32 << 10
    public var maximumHeaderFields = 100
    public var maximumStreamRequestBytes = 64 << 10
    /// What the kernel may hold of a stream: sent and not acknowledged, or not sent yet. Bytes.
    public var maximumUnsentBytes = 256 << 10

    public init() {}

    func apply(to options: inout HTTPServerOptions) {
        options.loops = loops
        options.limits.connections = maximumConnections
        options.limits.headMilliseconds = headTimeout
        options.limits.idleMilliseconds = idleTimeout
        options.limits.headBytes = maximumHeadBytes
        options.limits.fields = maximumHeaderFields
        options.streamUnsentBytes = maximumUnsentBytes
    }
}
