/// What became of an event.
public enum EventOutcome: Hashable, Sendable {
    /// It survives a crash of the server.
    case stored
    /// It is right, and will be stored if nothing goes wrong: the answer to a hasty request.
    case accepted
    /// It can't be stored as it is.
    case invalid(InvalidEvent)
    /// Nobody knows whether it is stored, or it is not: a sentence. It may be sent again, with the same `meta.id`.
    case failed(String)
}

/// An event that is refused, by the server or before it is sent.
public struct InvalidEvent: Hashable, Sendable {
    /// Its place among the events given, from 0.
    public let index: Int
    /// As an HTTP status has it; nil: it was not sent.
    public let status: Int?
    /// Why, in words; the server's where it was sent.
    public let reason: String
}
