public import EventFormats

/// The limits of the fan-out, each with its unit.
public struct FanOutOptions: Hashable, Sendable {
    /// What a feed keeps of its newest frames. A client further behind replays. Bytes.
    public var ringBytes = 4 << 20
    /// What the rings of all feeds of a loop keep together: with many feeds each ring is smaller. Bytes.
    public var allRingsBytes = 64 << 20
    /// The most that is written to a client at once. Bytes.
    public var writeBytes = 64 << 10
    /// What all replays of a loop may look at or write in one turn, so that live clients don't wait for them: what a
    /// subscription hides counts as what it shows does. Bytes.
    public var replayTurnBytes = 256 << 10
    /// What a replay may be sent in a second, 0: as much as its client takes. Bytes.
    public var replayBytesPerSecond = 0
    /// What the sockets of all clients of a loop may hold together. Above it, those who hold much and have not moved for
    /// longest are cut off. Bytes.
    public var allUnsentBytes = 1 << 30
    /// What the server itself may hold for all clients of a loop: the rests of frames that their sockets did not take.
    /// Above it, those who hold much and have not moved for longest are cut off. Bytes.
    public var allOwnBytes = 64 << 20
    /// About how many bytes of frames are compressed together at most: what is sent of them is sent whole. Bytes.
    public var gzipPieceBytes = 32 << 10
    /// How many feeds of a loop may compress: each holds a compressor, of 170 KiB.
    public var gzipFeeds = 64
    /// How often `FanOut.tick` is to be called. Milliseconds.
    public static let tickInterval: Int64 = 100
    /// A client that is shown nothing of what passes (hidden canaries, records that are no events) gets an id-only event once in
    /// so long. Milliseconds.
    public var progressInterval: Int64 = 3_600_000
    /// A client whose socket takes nothing for so long is cut off. Milliseconds.
    public var stallTimeout: Int64 = 30_000
    /// A stream is ended after so long, 0: never. Milliseconds.
    public var maximumAge: Int64 = 0
    /// How long a stream that was ended may take to send its last bytes. Milliseconds.
    public var endTimeout: Int64 = 5_000
    /// How long after `until` late records are waited for. Milliseconds.
    public var untilGrace: Int64 = 1_000
    /// How long to wait before the log is asked again after a failure. Milliseconds.
    public var retryDelay: Int64 = 1_000
    /// The bounds of the `retry:` told to clients at an orderly end. Milliseconds.
    public var retry: ClosedRange<Int64> = 1_000...10_000

    public init() {}
}

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
    /// What the rings of all feeds hold. Bytes.
    public var ringBytes = 0
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

    public static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.eventsSent += b.eventsSent
        sum.bytesSent += b.bytesSent
        sum.framesEncoded += b.framesEncoded
        sum.heartbeatsSent += b.heartbeatsSent
        sum.progressSent += b.progressSent
        sum.gaps.merge(b.gaps, uniquingKeysWith: +)
        sum.evictions.merge(b.evictions, uniquingKeysWith: +)
        sum.ended += b.ended
        sum.joins += b.joins
        sum.subscribers += b.subscribers
        sum.replaying += b.replaying
        sum.feeds += b.feeds
        sum.ringBytes += b.ringBytes
        sum.ownBytes += b.ownBytes
        sum.outdatedBlocks += b.outdatedBlocks
        sum.unsentBytes += b.unsentBytes
        sum.gzipFeeds += b.gzipFeeds
        sum.gzipRefused += b.gzipRefused
        sum.gzipInputBytes += b.gzipInputBytes
        sum.gzipOutputBytes += b.gzipOutputBytes
        return sum
    }
}
