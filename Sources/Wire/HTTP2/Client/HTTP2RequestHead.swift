internal import CNghttp2

/// A request without a body, in a form that is sent many times.
public struct HTTP2RequestHead: Hashable, Sendable {
    private var head = HTTP2Fields()

    /// - Parameters:
    ///   - scheme: `https` over TLS.
    ///   - authority: host and port, as in a URL.
    ///   - path: with the query.
    ///   - fields: names in lower case; none that HTTP/2 leaves out (RFC 9113, section 8.2.2).
    public init(
        method: String, scheme: String = "http", authority: String, path: String,
        fields: [(name: String, value: String)]
    ) {
        head.append(":method", method)
        head.append(":scheme", scheme)
        head.append(":authority", authority)
        head.append(":path", path)
        for (name, value) in fields { head.append(name, value) }
    }

    /// Calls `body` with the fields as the library takes them. They are valid until it returns.
    func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        unsafe head.withFields { unsafe body($0) }
    }
}
