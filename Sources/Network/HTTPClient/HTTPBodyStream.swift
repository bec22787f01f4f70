/// A response whose body comes in parts. The server is held back while they are not taken.
///
/// Letting go of it, or cancelling the task that waits for a part, closes the connection.
public final class HTTPBodyStream: Sendable {
    public let head: HTTPClientHead
    private let transfer: Transfer
    private let engine: Engine
    /// Kept because its end would be the transfer's.
    private let client: HTTPClient

    init(
        _ transfer: Transfer, _ engine: Engine, of client: HTTPClient, timeout: Int64?
    ) async throws(HTTPClientError) {
        self.transfer = transfer
        self.engine = engine
        self.client = client
        switch await Self.wait(transfer, engine, head: true, timeout: timeout) {
        case .head(let head): self.head = head
        case .failed(let error): throw error
        case .part:
            transfer.cancel()
            engine.wake()
            throw .timedOut(host: transfer.target.host, seconds: Int((timeout ?? 0) / 1000))
        }
    }

    deinit { cancel() }

    /// The next part. Only one task may wait for it.
    ///
    /// - Parameter timeout: milliseconds to wait before `.idle`; nil: as long as it takes.
    public func next(timeout: Int64? = nil) async throws(HTTPClientError) -> HTTPBodyPart {
        switch await Self.wait(transfer, engine, head: false, timeout: timeout) {
        case .part(let part): return part
        case .failed(let error): throw error
        case .head: return .idle
        }
    }

    /// Closes the connection. Whoever waits gets `cancelled`.
    public func cancel() {
        transfer.cancel()
        engine.wake()
    }

    private static func wait(
        _ transfer: Transfer, _ engine: Engine, head: Bool, timeout: Int64?
    ) async -> Transfer.Outcome {
        let deadline = timeout.map { Engine.now + min(max($0, 0), 1 << 40) }
        return await withTaskCancellationHandler {
            await transfer.next(head: head, deadline: deadline) { engine.wake() }
        } onCancel: {
            transfer.cancel()
            engine.wake()
        }
    }
}
