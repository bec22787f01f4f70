/// What one loop, or a whole server, has done since its start.
public struct HTTPCounters: Sendable, Equatable {
    /// Connections taken on, those that were then refused included.
    public var connectionsOpened = 0
    public var connectionsClosed = 0
    /// Connections that turned out to speak HTTP/2.
    public var http2Connections = 0
    public var tls = TLSCounters()
    public var requests = 0
    public var streams = 0
    public var bytesReceived = 0
    public var bytesSent = 0
    /// Refusals by the server itself, by reason.
    public var refused: [Refusal: Int] = [:]
    /// Ends of connections with an unanswered request or a stream, by reason.
    public var ended: [EndReason: Int] = [:]
    /// HTTP/2 connections ended because they wore the server out, by `HTTP2Abuse`.
    public var abuses: [String: Int] = [:]
    /// Answers given up because the client took no byte of them for too long.
    public var stalledAnswers = 0
    /// Answers given up because too many bytes of answers were not taken, by all or by one address.
    public var answersGivenUp = 0
    /// Connections dropped without an answer, because too many were being refused already.
    public var dropped = 0
    /// Connections of proxies that did not begin with a header of the PROXY protocol.
    public var wrongProxyHeaders = 0
    /// Idle connections closed to make room for others.
    public var shed = 0
    /// Failures of `accept` for want of descriptors or memory.
    public var acceptFailures = 0
    /// How often a listener's new connections had to wait, because they came faster than its limit.
    public var acceptWaits = 0
    /// Events for connections that were gone when their turn came.
    public var staleEvents = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.connectionsOpened += right.connectionsOpened
        sum.connectionsClosed += right.connectionsClosed
        sum.http2Connections += right.http2Connections
        sum.tls = sum.tls + right.tls
        sum.requests += right.requests
        sum.streams += right.streams
        sum.bytesReceived += right.bytesReceived
        sum.bytesSent += right.bytesSent
        sum.refused.merge(right.refused, uniquingKeysWith: +)
        sum.ended.merge(right.ended, uniquingKeysWith: +)
        sum.abuses.merge(right.abuses, uniquingKeysWith: +)
        sum.stalledAnswers += right.stalledAnswers
        sum.answersGivenUp += right.answersGivenUp
        sum.dropped += right.dropped
        sum.wrongProxyHeaders += right.wrongProxyHeaders
        sum.shed += right.shed
        sum.acceptFailures += right.acceptFailures
        sum.acceptWaits += right.acceptWaits
        sum.staleEvents += right.staleEvents
        return sum
    }
}
