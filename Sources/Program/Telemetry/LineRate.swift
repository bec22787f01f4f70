internal import Synchronization
public import Time

/// Lets so many lines a second through, and counts those that are left out.
public final class LineRate: Sendable {
    private let perSecond: Int
    private let now: @Sendable () -> Int64

    private struct State {
        var second = Int64.min
        var taken = 0
        var untold = 0
        var leftOut = 0
    }

    private let state = Mutex(State())

    /// - Parameter now: milliseconds; a clock that goes back lets at most one more second's lines through.
    public init(perSecond: Int, now: @escaping @Sendable () -> Int64 = WallClock.now) {
        self.perSecond = perSecond
        self.now = now
    }

    /// Takes the place of one line.
    ///
    /// - Returns: how many were left out since the last line; nil: this one is left out.
    public func take() -> Int? {
        let second = now() / 1000
        return state.withLock { state in
            if state.second != second { (state.second, state.taken) = (second, 0) }
            guard state.taken < perSecond else {
                state.untold += 1
                state.leftOut += 1
                return nil
            }
            state.taken += 1
            defer { state.untold = 0 }
            return state.untold
        }
    }

    /// Lines left out so far.
    public var leftOut: Int { state.withLock { $0.leftOut } }
}
