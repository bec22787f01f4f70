public import EventFilter

/// The limits of the fan-out, each with its unit.
public struct FanOutOptions: Hashable, Sendable {
    /// What a feed keeps of its newest frames, while it has clients that have yet to get them. A client further behind
    /// replays. Bytes.
    public var ringBytes = 4 << 20
    /// What the rings of all feeds of a loop keep together. Above it, those that keep more than an equal share are trimmed
    /// to it. Bytes.
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
    /// The fields whose values whoever reads the log for this fan-out sums up for each block.
    public var summaryFields = SummaryFields.none
    /// How many feeds of a loop may compress: each holds a compressor, of 170 KiB.
    public var gzipFeeds = 64
    /// How often `FanOut.tick` is to be called. Milliseconds.
    public static let tickInterval: Int64 = 100
    /// A client that is shown nothing of what passes (hidden canaries, records that are no events) gets an id-only event once in
    /// so long; one with a filter, with each heartbeat. Milliseconds.
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
