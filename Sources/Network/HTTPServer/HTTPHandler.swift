/// Why an exchange ended without a whole answer, or its stream ended.
public enum EndReason: String, Sendable, CaseIterable {
    /// The handler ended the stream and its last byte was handed over.
    case finished
    /// The handler called `abort`.
    case aborted
    /// The client reset the connection, or vanished and was given up by the kernel.
    case peerGone = "peer_gone"
    /// The client sent more than a stream's client has to say.
    case tooMuchInput = "too_much_input"
    /// The server stops.
    case shutdown
}

/// Answers the requests of one event loop's connections. It lives on that loop and is touched by it alone; there is one
/// for each loop.
///
/// The server never calls a handler from inside the handler's own call of `HTTPExchanges`: what such a call causes is
/// delivered later in the same turn of the loop. For each exchange the calls come in the order of what happened.
public protocol HTTPHandler: AnyObject {
    /// A request to answer, now or later: with `respond`, `startStream` or `abort`. Until then the client's next
    /// request waits.
    func handle(_ request: HTTPRequest, on exchange: ExchangeID)
    /// A stream takes bytes again, after `write` took less than all.
    func streamIsWritable(_ exchange: ExchangeID)
    /// The client of a stream has ended its side. It may read on (some tools do), or be gone: a write finds out,
    /// because a client that is gone answers with a reset. So this is the moment for a heartbeat.
    func streamPeerEnded(_ exchange: ExchangeID)
    /// An exchange ended as a stream, or before it was answered. Called exactly once for each of those: the place where
    /// what was taken for it is given back.
    func exchangeDidEnd(_ exchange: ExchangeID, reason: EndReason)
    /// A stream has ended, or a request was refused by the server: for an access log. Comes after `exchangeDidEnd`.
    func note(_ facts: ExchangeFacts)
    /// Somebody woke this loop since the last time.
    func woken()
    /// Comes about every 100 ms while the loop has connections. `now` is monotonic, in milliseconds.
    func tick(now: Int64)
}

extension HTTPHandler {
    public func streamPeerEnded(_ exchange: ExchangeID) {}
    public func note(_ facts: ExchangeFacts) {}
}

/// A message to the handler, given to it after the present call has returned. Messages are copied on their way, so the large cases
/// are indirect: one word each.
enum Delivery {
    indirect case request(HTTPRequest, ExchangeID)
    case writable(ExchangeID)
    case peerEnded(ExchangeID)
    case closed(ExchangeID, EndReason)
    indirect case noted(ExchangeFacts)
}
