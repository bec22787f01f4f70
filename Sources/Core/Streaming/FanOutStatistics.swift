public import EventFormats

/// What a fan-out has done since it was made, and what it holds.
public struct FanOutStatistics: Sendable, Equatable {
    public var eventsSent = 0
    public var bytesSent = 0
    public var framesEncoded = 0
    public var heartbeatsSent = 0
    /// Id-only events.
    public var progressSent = 0
    /// Told to clients.
    public var gaps: [Gap.Reason: Int] = [:]
    public var evictions: [EvictionReason: Int] = [:]
    /// Ended in order: by a limit, by `until`, by age, or by the server's stop.
    public var ended = 0
    /// Replays that reached their feed.
    public var joins = 0
    public var subscribers = 0
    public var replaying = 0
    public var feeds = 0
    /// What the rings of all feeds hold for clients that are slow or on their way. Bytes.
    public var ringBytes = 0
    /// Rings that hold anything.
    public var rings = 0
    /// How often a ring was trimmed because all together held more than they may.
    public var ringsTrimmed = 0
    /// What the server itself holds for clients: the rests of frames that their sockets did not take. Bytes.
    public var ownBytes = 0
    /// Blocks that came from the log after the rules had changed that they were prepared under: they were asked for again.
    public var outdatedBlocks = 0
    /// What clients' sockets held when each was last looked at. Bytes.
    public var unsentBytes = 0
    /// Feeds that compress.
    public var gzipFeeds = 0
    /// Clients that were served without compression because too many feeds compressed.
    public var gzipRefused = 0
    /// Bytes of frames before they were compressed, by feeds and for replays; each counted once however many got it.
    public var gzipInputBytes = 0
    /// And after.
    public var gzipOutputBytes = 0

    public init() {}

    /// All numbers.
    static var numbers: [WritableKeyPath<Self, Int>] {
        [
            \.eventsSent, \.bytesSent, \.framesEncoded, \.heartbeatsSent, \.progressSent, \.ended, \.joins,
            \.subscribers, \.replaying, \.feeds, \.ringBytes, \.rings, \.ringsTrimmed, \.ownBytes, \.outdatedBlocks,
            \.unsentBytes, \.gzipFeeds, \.gzipRefused, \.gzipInputBytes, \.gzipOutputBytes,
        ]
    }

    /// Of both together.
    public static func + (a: Self, b: Self) -> Self {
        var sum = a
        for number in numbers { sum[keyPath: number] += b[keyPath: number] }
        sum.gaps.merge(b.gaps, uniquingKeysWith: +)
        sum.evictions.merge(b.evictions, uniquingKeysWith: +)
        return sum
    }
}
