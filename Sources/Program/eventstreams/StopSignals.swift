internal import Glibc
internal import Reactor
internal import Synchronization
internal import Telemetry

/// What the process's signals mean, from its first moment on: before the server is up a request to stop ends the
/// process, then it is the server's to stop in order, and a second one ends the process at once.
///
/// Ending at once loses nothing that was acknowledged.
final class StopSignals: Sendable {
    /// Those the running server has to answer: `hangUp`, and the first request to stop.
    let requests: AsyncStream<Signal>

    private enum Phase { case starting, running, stopping }
    private let phase = Mutex(Phase.starting)

    /// - Throws: `SystemError` when the handlers can't be set.
    init(_ logger: Logger) throws {
        let arriving = try Signals.arriving()
        let (requests, forward) = AsyncStream.makeStream(of: Signal.self)
        self.requests = requests
        Task { [self] in
            for await signal in arriving { take(signal, forward, logger) }
        }
    }

    /// The server is up.
    func serverIsUp() { phase.withLock { $0 = .running } }

    private func take(_ signal: Signal, _ forward: AsyncStream<Signal>.Continuation, _ logger: Logger) {
        guard signal != .hangUp else {
            forward.yield(signal)
            return
        }
        let before = phase.withLock { phase in
            defer { if phase == .running { phase = .stopping } }
            return phase
        }
        switch before {
        case .starting:
            logger.notice("stopped before the server was up", ("signal", "\(signal)"))
            _exit(0)
        case .running: forward.yield(signal)
        case .stopping: _exit(1)
        }
    }
}
