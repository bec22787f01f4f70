internal import Reactor

/// One event loop of a server, as its handler has it: the way back after waiting elsewhere. It does not keep the server alive.
public struct HTTPLoop<Handler: HTTPHandler>: Sendable {
    /// The loop's number in its server, from zero.
    public let index: Int
    private let loop: EventLoop
    private weak let owner: ConnectionActor<Handler>?

    init(_ owner: ConnectionActor<Handler>) {
        index = owner.index
        loop = owner.loop
        self.owner = owner
    }

    /// Has something done elsewhere, and goes on with its result on the loop. To be called on the loop, by its handler.
    ///
    /// Also when the server has stopped meanwhile: all connections are closed then. Nothing is done where it is gone already.
    ///
    /// - Parameter work: begins on the loop, and goes on there after each wait. If it waits for nothing, `goOn` comes before this
    ///   returns.
    /// - Returns: what may be cancelled; `goOn` comes all the same. Nil where the server is gone.
    @discardableResult
    public func perform<Result: Sendable>(
        _ work: nonisolated(nonsending) @escaping @Sendable () async -> Result,
        then goOn: @escaping @Sendable (Handler, Result) -> Void
    ) -> Task<Void, Never>? {
        owner?.perform(work, then: goOn)
    }

    /// Has the handler's `woken` called soon. May be called from any thread and costs little: calls before that happens
    /// are one.
    public func wake() { loop.wake(ConnectionActor<Handler>.handlerReason) }
}
