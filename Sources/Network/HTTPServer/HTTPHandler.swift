internal import Reactor

/// One connection, as long as it lives. The identifier of a connection that is gone never means another one.
public struct ConnectionID: Hashable, Sendable {
    let key: SlabKey
}

/// Why a connection with an unanswered request or a stream came to its end.
public enum CloseReason: String, Sendable, CaseIterable {
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
/// The server never calls a handler from inside the handler's own call of `HTTPConnections`: what such a call causes is
/// delivered later in the same turn of the loop. For each connection the calls come in the order of what happened.
public protocol HTTPHandler: AnyObject {
    /// A request to answer, now or later: with `respond`, `startStream` or `abort`. Until then the client's next
    /// request waits.
    func handle(_ request: HTTPRequest, on connection: ConnectionID)
    /// A stream takes bytes again, after `write` took less than all.
    func streamIsWritable(_ connection: ConnectionID)
    /// The client of a stream has ended its side. It may read on (some tools do), or be gone: a write finds out,
    /// because a client that is gone answers with a reset. So this is the moment for a heartbeat.
    func streamPeerEnded(_ connection: ConnectionID)
    /// A connection with an unanswered request or a stream is no more. Called exactly once for each of those: the place
    /// where what was taken for it is given back.
    func connectionDidClose(_ connection: ConnectionID, reason: CloseReason)
    /// Somebody woke this loop since the last time.
    func woken()
    /// Comes about every 100 ms while the loop has connections. `now` is monotonic, in milliseconds.
    func tick(now: Int64)
}

extension HTTPHandler {
    public func streamPeerEnded(_ connection: ConnectionID) {}
}

/// What is to be told to the handler, once the present call has returned.
enum Delivery {
    case request(HTTPRequest, ConnectionID)
    case writable(ConnectionID)
    case peerEnded(ConnectionID)
    case closed(ConnectionID, CloseReason)
}
