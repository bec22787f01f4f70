/// What a request to store events may hold.
package struct IntakeLimits: Hashable, Sendable {
    /// Bytes of the body.
    package var body: Int
    /// Bytes of one event, with what is added to it.
    package var event: Int
    /// Events in a request.
    package var events: Int
    /// Milliseconds that `meta.dt` may be ahead of the server's clock. Records are found by the running maximum of
    /// timestamps: one from the far future would hide every later record from `since`.
    package var future: Int64

    /// Bytes of a timestamp in words: no form of ISO 8601 is longer.
    package static let timestampBytes = 64

    /// Bytes of hasty events that were answered and are not in the log yet, of all requests.
    package var hasty = 32 << 20

    package init(body: Int = 4 << 20, event: Int = 1 << 20, events: Int = 10_000, future: Int64 = 3_600_000) {
        self.body = body
        self.event = event
        self.events = events
        self.future = future
    }
}
