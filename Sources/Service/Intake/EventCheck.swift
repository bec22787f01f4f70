package import Events

/// What the intake asks before it stores events: whether they fit their schema, whether their producer may send so many. It may
/// wait for something; until it answers, nothing of the request is stored.
package protocol EventCheck: Sendable {
    /// - Parameter events: the right ones of one request, in its order.
    /// - Returns: for each of them why it must not be stored, or nil.
    func refusals(of events: [CheckedEvent]) async -> [IntakeError?]
}

/// An event that may be stored if nobody has anything against it.
package struct CheckedEvent: Sendable {
    /// As it will be stored.
    package var event: Event
    /// The stream's canonical name.
    package var stream: String
}
