/// Where subscribers' bytes go: the connections of one loop, or a simulation of them.
///
/// Nothing here may call back into `FanOut`: what happens to a sink is told to it later, as an event of its own.
public protocol SinkTable {
    associatedtype ID: Hashable & Sendable

    /// Hands bytes to a sink, which takes as many as it can now and returns their number. When it took fewer than all it is
    /// not writable any more, until `FanOut.sinkIsWritable` says otherwise. One that is gone takes none.
    func write(_ bytes: Span<UInt8>, to id: ID) -> Int

    /// How many bytes the sink took and has not yet got rid of. Shows whether a client that isn't writable moves at all.
    func unsentBytes(of id: ID) -> Int
}

/// What is to be done with a sink once `FanOut` has returned.
public enum SinkAction<ID: Hashable & Sendable>: Hashable, Sendable {
    /// The body is complete: end it in order, once all that was written is sent.
    case finish(ID)
    case abort(ID, EvictionReason)
}

/// Why a client is cut off. The raw values name them in metrics.
public enum EvictionReason: String, Hashable, Sendable, CaseIterable {
    /// Its socket took nothing for the stall timeout.
    case stalled
    /// All sockets together held too much, and this one much of it.
    case overBudget = "over_budget"
    /// It had taken a part of an event that was prepared under rules that do not hold any more.
    case outdated
    /// It did not take the end of its stream in time.
    case drainTimeout = "drain_timeout"
}

/// A point in time, on both clocks. Milliseconds.
public struct Moment: Hashable, Sendable {
    /// Never goes back: for timeouts.
    public var monotonic: Int64
    /// Since 1970: what people and records see.
    public var wall: Int64

    public init(monotonic: Int64, wall: Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }
}
