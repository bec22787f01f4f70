/// What lives on an event loop: an actor whose executor the loop is. Every call comes on the loop's thread.
///
/// A turn of the loop is: wait, `ready`, the jobs of the actors that live here, `woken`, `tick`, `endTurn`.
public protocol EventLoopClient: AnyObject, Sendable {
    /// Descriptors are ready. Called once a turn, with all of them.
    func ready(_ events: ReadyEvents, now: Int64)
    /// Somebody called `EventLoop.wake` since the last time; `reasons` is the union of what they gave.
    func woken(_ reasons: WakeReasons)
    /// About `EventLoop.tickMilliseconds` have gone by since the last tick. `now` is monotonic, in milliseconds.
    func tick(now: Int64)
    /// Everything else of this turn is done.
    func endTurn(now: Int64) -> TurnOutcome
}

/// Why a loop was woken: a small set of bits whose meaning is its client's.
public struct WakeReasons: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue & 0xFFFF }
}

/// What a client of a loop wants after a turn.
public struct TurnOutcome: Sendable {
    /// There is work left that no descriptor will announce: the next turn begins at once.
    public var hasMoreWork: Bool
    /// Something waits for time to pass: ticks go on. A loop without it sleeps until a descriptor is ready.
    public var needsTick: Bool

    public init(hasMoreWork: Bool, needsTick: Bool) {
        self.hasMoreWork = hasMoreWork
        self.needsTick = needsTick
    }
}
