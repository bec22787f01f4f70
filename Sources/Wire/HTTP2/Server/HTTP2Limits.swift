/// What one HTTP/2 connection may ask of a server.
public struct HTTP2Limits: Hashable, Sendable {
    /// Requests and streams at once (SETTINGS_MAX_CONCURRENT_STREAMS). One more is
    /// refused with REFUSED_STREAM, or ends the connection of a client that has confirmed the limit.
    public var streams = 100
    /// Bytes of a request's header, each field counted with 32 more (SETTINGS_MAX_HEADER_LIST_SIZE): 431. Four times as many end
    /// the connection.
    public var headBytes = 32 * 1024
    /// Header fields of a request: 431.
    public var fields = 100
    /// Bytes of a request's body: 413.
    public var bodyBytes = 1024 * 1024
    /// Bytes that are still read and thrown away of a body that was refused, or whose request was answered early: many clients
    /// send all of it before they look for an answer. Then the stream is reset with NO_ERROR (RFC 9113, section 8.1).
    public var refusedBodyBytes = 64 * 1024 * 1024
    /// Frames a second that cost work and carry nothing (`HTTP2Abuse`), of each kind; on average over `rateSeconds`. More
    /// end the connection.
    public var framesPerSecond = 50
    /// Requests a second that the client resets, or that it has the server reset; on average over `rateSeconds`. More end the
    /// connection.
    public var resetsPerSecond = 20

    /// What the rates are averaged over, which is how long a burst may be.
    public static let rateSeconds = 10

    public init() {}
}

/// How a client wears a server out over HTTP/2. The raw value is a stable name for metrics.
public enum HTTP2Abuse: String, Error, CaseIterable, Sendable {
    /// Requests are made and reset again and again (CVE-2023-44487).
    case rapidReset = "rapid_reset"
    /// The server is made to reset requests again and again, by breaking a rule in each (CVE-2025-8671).
    case madeYouReset = "made_you_reset"
    /// PING, each of which is answered.
    case pings
    /// SETTINGS, each of which is answered.
    case settings
    /// Frames that say nothing: empty DATA, PRIORITY.
    case emptyFrames = "empty_frames"
    /// A header in too many CONTINUATION frames (CVE-2024-27316).
    case continuations
    /// A header that is far larger than is allowed, or unpacks to that.
    case headerBomb = "header_bomb"
    /// Windows opened by a few bytes at a time, so that each of these is a frame.
    case tinyWindows = "tiny_windows"
    /// Answers are asked for and not taken.
    case untakenAnswers = "untaken_answers"
}

/// How many there were lately.
struct HTTP2Rate {
    private var beganAt = Int64.min
    private var count = 0

    /// Counts one; false when there are too many.
    ///
    /// - Parameter now: monotonic milliseconds.
    mutating func take(perSecond: Int, now: Int64) -> Bool {
        if beganAt == .min || now - beganAt >= Int64(HTTP2Limits.rateSeconds) * 1000 {
            beganAt = now
            count = 0
        }
        count += 1
        return count <= perSecond * HTTP2Limits.rateSeconds
    }
}
