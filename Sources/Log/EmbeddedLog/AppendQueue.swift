internal import EventLog
internal import Synchronization

/// One call of `append`, waiting for its answer.
struct PendingAppend: Sendable {
    var records: [NewRecord]
    /// Of keys and values.
    var bytes: Int
    var answer: CheckedContinuation<[Result<Appended, LogError>], Never>
}

/// Appends on their way to the writer, bounded in bytes.
final class AppendQueue: Sendable {
    private struct State {
        var pending: [PendingAppend] = []
        /// Of all calls not answered yet, taken by the writer or not.
        var bytes = 0
        /// The writer is at work and will look here again before it rests.
        var isServed = false
        var isClosed = false
    }

    enum Entry {
        case queued
        /// Queued, and the writer rests: wake it.
        case first
        case refused(LogError)
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: bytes. A single call may be larger: it is taken when nothing else waits.
    init(limit: Int) {
        self.limit = limit
    }

    /// Nothing waits to be taken.
    var isEmpty: Bool { state.withLock { $0.pending.isEmpty } }

    var waitingBytes: Int { state.withLock { $0.bytes } }

    func enter(_ append: PendingAppend) -> Entry {
        state.withLock { state in
            guard !state.isClosed else { return .refused(.closed) }
            guard state.bytes == 0 || append.bytes <= limit - state.bytes else {
                return .refused(
                    .unavailable("\(state.bytes) bytes wait for the disk (the limit is \(limit)); try again later"))
            }
            state.pending.append(append)
            state.bytes += append.bytes
            guard !state.isServed else { return .queued }
            state.isServed = true
            return .first
        }
    }

    /// All that came since the last time; nil: nothing came, and the next `enter` wakes the writer, which may rest.
    func take(orRest mayRest: Bool) -> [PendingAppend]? {
        state.withLock { state in
            if state.pending.isEmpty, mayRest {
                state.isServed = false
                return nil
            }
            defer { state.pending = [] }
            return state.pending
        }
    }

    func answered(bytes: Int) {
        state.withLock { $0.bytes -= bytes }
    }

    /// Takes no more. What waits is still served.
    func close() {
        state.withLock { $0.isClosed = true }
    }
}
