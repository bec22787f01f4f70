/// What both sides agreed on.
public struct TLSFacts: Hashable, Sendable {
    public enum Version: String, CaseIterable, Sendable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    public var version: Version
    /// The client came back with a ticket.
    public var isResumed: Bool
    /// HTTP/2 by ALPN (RFC 9113, section 3.2).
    public var isHTTP2: Bool
}
