internal import Reactor

/// One event loop of a server, as seen from anywhere: the way back to a handler after waiting elsewhere. It does not
/// keep the server alive.
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

    /// Runs `body` on the loop, with its handler. Nil when the server is gone.
    @discardableResult
    public func run<Result: Sendable>(_ body: @Sendable (Handler) -> Result) async -> Result? {
        guard let owner else { return nil }
        return await owner.run(body)
    }

    /// Has the handler's `woken` called soon. May be called from any thread and costs little: calls before that happens
    /// are one.
    public func wake() { loop.wake(ConnectionActor<Handler>.handlerReason) }
}
