internal import HTTPClient

/// What came of one request for a stream, and when. Times are milliseconds since the request was made.
struct Observation: Sendable {
    /// What one read brought.
    struct Arrival: Hashable, Sendable {
        var time: Int64
        /// The server's own times in the heartbeats that came, Unix milliseconds.
        var heartbeats: [Int64] = []
        /// `meta.dt` of the events that came, Unix milliseconds.
        var events: [Int64] = []
        var bytes = 0
    }

    struct Event: Hashable, Sendable {
        var data: [UInt8]
        var id: [UInt8]
    }

    enum Ending: Hashable, Sendable {
        /// It went on as long as it was watched.
        case open
        /// The body ended as it should; `isOrderly`: the server said when to come back.
        case ended(isOrderly: Bool)
        case lost(String)
        /// There was no stream.
        case refused(status: Int, String)
    }

    /// Arrivals and events that are kept at most.
    static let limit = 10_000

    var head: HTTPClientHead?
    var headTime: Int64?
    var arrivals: [Arrival] = []
    /// The first, with the ids behind them.
    var events: [Event] = []
    var ending = Ending.open
    /// When the watching ended, or the stream did.
    var endTime: Int64 = 0

    /// The longest time without a byte, from the head on and up to the end.
    var longestSilence: Int64 {
        var last = headTime ?? 0
        var longest: Int64 = 0
        for arrival in arrivals {
            longest = max(longest, arrival.time - last)
            last = arrival.time
        }
        return max(longest, endTime - last)
    }

    /// The time without a byte at the end.
    var lastSilence: Int64 { endTime - (arrivals.last?.time ?? headTime ?? 0) }

    var hasHeartbeats: Bool { arrivals.contains { !$0.heartbeats.isEmpty } }
}
