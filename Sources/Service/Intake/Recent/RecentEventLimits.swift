/// How many events are known that were stored.
package struct RecentEventLimits: Hashable, Sendable {
    /// How long each is known. Milliseconds; 0: not at all.
    package var window: Int64
    /// Of memory, about 40 for each event, rounded down so that the number of events is a power of two. When it is full, the
    /// oldest are forgotten before their time.
    package var bytes: Int

    package init(window: Int64 = 600_000, bytes: Int = 32 << 20) {
        self.window = window
        self.bytes = bytes
    }
}
