/// How a TLS handshake ended. The raw value is a stable name for metrics.
public enum HandshakeOutcome: String, CaseIterable, Sendable {
    case completed
    /// There was no agreement, or the bytes were no TLS.
    case failed
    /// It took too long.
    case timeout
    /// The client left, or had to make room.
    case gone
    /// One address began too many.
    case addressRate = "address_rate"
    /// The client spoke plain HTTP, and was told so.
    case plainHTTP = "plain_http"
}

/// What has become of TLS connections.
public struct TLSCounters: Sendable, Equatable {
    public var handshakes: [HandshakeOutcome: Int] = [:]
    /// Of the completed ones: by a ticket.
    public var resumed = 0
    /// Completed ones by version, as `TLSFacts.Version` names them.
    public var versions: [String: Int] = [:]
    /// Connections for which the kernel has begun to encrypt.
    public var byKernel = 0
    /// How often handshakes had to wait because there were too many in all.
    public var waits = 0

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.handshakes.merge(right.handshakes, uniquingKeysWith: +)
        sum.resumed += right.resumed
        sum.versions.merge(right.versions, uniquingKeysWith: +)
        sum.byKernel += right.byKernel
        sum.waits += right.waits
        return sum
    }
}
