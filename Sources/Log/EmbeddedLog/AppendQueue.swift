internal import EventLog
internal import Synchronization

/// One call of `append` that was admitted.
struct PendingAppend: Sendable {
    /// Its answer is asked for by this.
    var number: Int
    var records: [NewRecord]
    /// Of keys and values.
    var bytes: Int
}

/// Appends on their way to the writer, bounded in bytes.
final class AppendQueue: Sendable {
    private struct State {
        var pending: [PendingAppend] = []
        /// Of all calls not answered yet, taken by the writer or not.
        var bytes = 0
        var lastNumber = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: bytes. A single call may be larger: it is taken when nothing else waits.
    init(limit: Int) {
        self.limit = limit
    }

    var waitingBytes: Int { state.withLock { $0.bytes } }

    /// - Returns: the call's number.
    func enter(_ records: [NewRecord]) throws(LogError) -> Int {
        let bytes = records.reduce(0) { $0 + $1.byteCount }
        return try state.withLock { state throws(LogError) in
            guard !state.isClosed else { throw .closed }
            guard state.bytes == 0 || bytes <= limit - state.bytes else {
                throw .unavailable("\(state.bytes) bytes wait for the disk (the limit is \(limit)); try again later")
            }
            state.lastNumber += 1
            state.pending.append(PendingAppend(number: state.lastNumber, records: records, bytes: bytes))
            state.bytes += bytes
            return state.lastNumber
        }
    }

    /// All that came since the last time, in order.
    func take() -> [PendingAppend] {
        state.withLock { state in
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
