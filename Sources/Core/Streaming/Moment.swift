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
