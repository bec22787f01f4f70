public import TLS

/// How requests and answers travel.
public struct Transport: Hashable, Sendable, CustomStringConvertible {
    public var isHTTP2 = false
    /// Nil: they are not encrypted.
    public var tls: TLSFacts.Version?

    public init(isHTTP2: Bool = false, tls: TLSFacts.Version? = nil) {
        self.isHTTP2 = isHTTP2
        self.tls = tls
    }

    /// `HTTP/2 TLSv1.3`. All of HTTP/1 is `HTTP/1.1`.
    public var description: String {
        (isHTTP2 ? "HTTP/2" : "HTTP/1.1") + (tls.map { " " + $0.rawValue } ?? "")
    }
}
