package import HTTP

/// One line of the access log: a stream that begins or has ended, or a request that was refused.
package struct AccessRecord: Sendable {
    package enum Kind: Hashable, Sendable { case began, ended, refused }

    package var kind = Kind.refused
    /// The client's address as it is counted, also behind a trusted proxy: an IPv6 address by its network.
    package var address: AddressKey
    /// Empty where the request was not read so far.
    package var method: String
    /// As the client wrote it; cut after 500 bytes. Empty where the request was not read so far.
    package var target: String
    package var status: Int
    /// From the request to the end; 0 for one that was refused. Milliseconds.
    package var milliseconds: Int64
    /// Events sent; nil: no stream began.
    package var events: Int?
    /// Bytes handed to the kernel: of a stream with its head, of a refusal its body.
    package var bytes: Int
    /// The streams, by canonical name; empty: the request was refused.
    package var streams: [String] = []
    /// What the client says of itself; cut after 200 bytes.
    package var agent = ""
    /// The filter of a stream that begins, in its canonical form, cut after 500 bytes; nil: it has none.
    package var filter: String?
    /// How the stream ended (`EndReason`, `EvictionReason`), or why it was refused (`Refusal`, `ProblemType`), as in metrics.
    package var reason: String
    /// `HTTP/1.1` or `HTTP/2`, then the version of TLS if there is one.
    package var transport: String

    static let targetBytes = 500
}
