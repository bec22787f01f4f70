/// What a client may use of the server. Every limit has its refusal, which names it.
public struct HTTPLimits: Sendable {
    /// Bytes of a request's line and header fields together, their line ends included: 431.
    public var headBytes = 32 * 1024
    /// Bytes of a request's target: 414.
    public var targetBytes = 24 * 1024
    /// Header fields, and again trailer fields, of a request: 431.
    public var fields = 100
    /// Bytes of the chunk extensions of a request together, and of its trailer section: 400, 431.
    public var chunkExtensionBytes = 4 * 1024
    public var trailerBytes = 8 * 1024
    /// From the connection, or the first byte of a later request, to the end of its head: 408. Milliseconds.
    public var headMilliseconds: Int64 = 10_000
    /// From the end of the head to the end of the body: 408. Milliseconds.
    public var bodyMilliseconds: Int64 = 30_000
    /// How long a connection may wait between an answer and the next request. Milliseconds.
    public var idleMilliseconds: Int64 = 75_000
    /// How long an answer may stay without the client taking a byte of it. Milliseconds.
    public var writeStallMilliseconds: Int64 = 30_000
    /// How long the server waits for the client to close after the last byte. Milliseconds.
    public var lingerMilliseconds: Int64 = 2_000
    /// Bytes read and thrown away on a connection whose requests are no longer wanted: a stream's, or one that ends.
    public var discardedBytes = 256 * 1024
    /// Requests on one connection; the last is answered with `Connection: close`.
    public var requestsPerConnection = 10_000
    /// How long a connection that can't be served may take to send its request, before it is told so without having
    /// been understood. Milliseconds.
    public var refusalMilliseconds: Int64 = 2_000
    /// Bytes and time that a body which was refused is still read and thrown away for, so that its client comes to read
    /// the refusal: many send all of a body before they look for an answer. Milliseconds.
    public var refusedBodyBytes = 64 * 1024 * 1024
    public var refusedBodyMilliseconds: Int64 = 20_000
    /// Bytes of answers that clients have not taken, on one loop, and the same of one address: beyond it answers are
    /// given up.
    public var heldAnswerBytes = 64 * 1024 * 1024
    public var heldAnswerBytesPerAddress = 8 * 1024 * 1024
    /// How long a turn of a loop may go on with requests before it looks at everything else again; the rest waits for
    /// the next turn. One request is answered at least. Milliseconds.
    public var turnMilliseconds: Int64 = 4
    /// Connections accepted in one turn of a loop, so that a flood of them leaves time for the others.
    public var acceptsPerTurn = 64

    /// How long a TLS handshake may take. Milliseconds.
    public var handshakeMilliseconds: Int64 = 10_000
    /// Steps of TLS handshakes in one turn of a loop, each of which may cost most of a millisecond: they come after everything
    /// else.
    public var handshakesPerTurn = 4

    public init() {}
}
