/// What happens on a stream, in its order.
public enum StreamElement: Hashable, Sendable {
    case event(StreamEvent)
    /// The stream went on without an event for this client, which a filter hid for example. Whoever keeps ids keeps this
    /// one: it saves the server from reading again what led nowhere.
    case progress(id: String)
    case gap(StreamGap)
    case notice(StreamNotice)
    /// The server says what is wrong, and ends the connection; it is asked again.
    case problem(ServerProblem)
    /// The connection is over, and the next begins by itself with the last id.
    case reconnecting(StreamReconnect)
    /// Nothing came for `StreamRequest.pulse`, or nothing to show: a moment to do what is done now and then.
    case idle
}

/// A connection that is over, with another to follow.
public struct StreamReconnect: Hashable, Sendable, CustomStringConvertible {
    /// A sentence; nil: it ended in order, to see whether there is more.
    public let reason: String?
    /// Milliseconds until the next attempt.
    public let wait: Int64
    /// False: the server ended it in order, and said when to come back.
    public let isFailure: Bool

    public var description: String {
        let seconds = "\((wait + 50) / 1000).\((wait + 50) % 1000 / 100)"
        let start = reason ?? "the stream ended"
        return isFailure ? "\(start); connecting anew in \(seconds) s" : "\(start); connecting anew"
    }
}
