/// What a request to store events may hold.
public struct IntakeLimits: Hashable, Sendable {
    /// Bytes of the body.
    public var body: Int
    /// Bytes of one event, with what is added to it.
    public var event: Int
    /// Events in a request.
    public var events: Int
    /// Milliseconds that `meta.dt` may be ahead of the server's clock. Records are found by the running maximum of
    /// timestamps: one from the far future would hide every later record from `since`.
    public var future: Int64

    /// Bytes of hasty events that were answered and are not in the log yet, of all requests.
    public var hasty = 32 << 20

    public init(body: Int = 4 << 20, event: Int = 1 << 20, events: Int = 10_000, future: Int64 = 3_600_000) {
        self.body = body
        self.event = event
        self.events = events
        self.future = future
    }
}
