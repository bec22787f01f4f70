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
