/// So many events and bytes a second, on average. 0: no limit.
package struct EventRate: Hashable, Sendable {
    package var events: Int
    package var bytes: Int

    /// Over so many seconds the average is taken: what was not used in that time may come at once.
    package static let seconds = 10

    package init(events: Int = 0, bytes: Int = 0) {
        self.events = events
        self.bytes = bytes
    }

    package var isUnlimited: Bool { events == 0 && bytes == 0 }
}
