package import EventLog

/// What was measured at one moment: what the history is made from.
package struct StatusReading: Hashable, Sendable {
    package struct Stream: Hashable, Sendable {
        package var name: String
        /// Events since the server's start.
        package var events: Int
        /// The newest event's time; nil: there was none. Canaries count.
        package var newest: Timestamp?
        /// Events a second, lately.
        package var rate: Double
        package var clients: Int
        /// Nil: none was sent through it yet.
        package var canary: Canary?
        /// Whether all its partitions can be read.
        package var isReadable: Bool

        package init(
            _ name: String, events: Int = 0, newest: Timestamp? = nil, rate: Double = 0, clients: Int = 0,
            canary: Canary? = nil, isReadable: Bool = true
        ) {
            self.name = name
            self.events = events
            self.newest = newest
            self.rate = rate
            self.clients = clients
            self.canary = canary
            self.isReadable = isReadable
        }
    }

    package struct Canary: Hashable, Sendable {
        /// When the last one that came through was sent; nil: none did yet.
        package var seen: Timestamp?
        package var isHealthy: Bool

        package init(seen: Timestamp?, isHealthy: Bool) {
            self.seen = seen
            self.isHealthy = isHealthy
        }
    }

    /// In the catalogue's order.
    package var streams: [Stream]
    /// Since the server's start, but for clients, which are those of the moment.
    package var figures: [StatusFigure: Int]
    package var isLogReadable: Bool

    package init(streams: [Stream], figures: [StatusFigure: Int] = [:], isLogReadable: Bool = true) {
        self.streams = streams
        self.figures = figures
        self.isLogReadable = isLogReadable
    }
}

/// A number of the whole service that is kept for each minute. The raw value is its place in the file.
package enum StatusFigure: Int, Hashable, Sendable, CaseIterable {
    /// Streams that are open at the end of the minute.
    case clients = 0
    /// Events that came in, and that were sent.
    case received, sent
    /// Thousands of bytes that were sent.
    case kilobytes
    /// Gaps that clients were told.
    case gaps
    /// Clients that were cut off.
    case evictions
    /// Requests and connections that were refused before a stream began.
    case refused

    package var name: String { "\(self)" }

    /// Whether it is of a moment; else it is counted.
    package var isMomentary: Bool { self == .clients }
}
