internal import Synchronization

/// One request and what has come of its response: filled by the engine's thread, emptied by one reader.
final class Transfer: Sendable {
    let request: HTTPClientRequest
    let target: Target
    let options: HTTPClientOptions
    let isStream: Bool
    private let state = Mutex(State())

    private struct State {
        var head: HTTPClientHead?
        var bytes: [UInt8] = []
        var end: Result<Void, HTTPClientError>?
        var isPaused = false
        var isCancelled = false
        var reader: Reader?
    }

    private struct Reader {
        var wantsHead: Bool
        /// Monotonic milliseconds; nil: waits as long as it takes.
        var deadline: Int64?
        var continuation: CheckedContinuation<Outcome, Never>
    }

    enum Outcome: Sendable {
        case head(HTTPClientHead)
        case part(HTTPBodyPart)
        case failed(HTTPClientError)
    }

    init(_ request: HTTPClientRequest, _ target: Target, _ options: HTTPClientOptions, isStream: Bool) {
        self.request = request
        self.target = target
        self.options = options
        self.isStream = isStream
    }

    // MARK: The reader's side

    /// Waits for the head, or for the next part of the body. Only one may wait.
    ///
    /// - Parameter wake: tells the engine to look at deadlines, and at a transfer that may go on.
    func next(head: Bool, deadline: Int64?, wake: () -> Void) async -> Outcome {
        await withCheckedContinuation { continuation in
            let (outcome, mustWake): (Outcome?, Bool) = state.withLock { state in
                guard state.reader == nil else { return (.failed(.cancelled), false) }
                if let outcome = Self.outcome(&state, head: head) {
                    guard state.isPaused, case .part = outcome else { return (outcome, false) }
                    return (outcome, true)
                }
                state.reader = Reader(wantsHead: head, deadline: deadline, continuation: continuation)
                return (nil, deadline != nil)
            }
            if let outcome { continuation.resume(returning: outcome) }
            if mustWake { wake() }
        }
    }

    func cancel() { state.withLock { $0.isCancelled = true } }

    // MARK: The engine's side

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func take(head: HTTPClientHead) { change { $0.head = head } }

    enum Taking { case taken, paused, tooLarge }

    /// Takes a piece of the body, or refuses it all for now.
    func take(_ piece: UnsafeRawBufferPointer) -> Taking {
        var taking = Taking.taken
        change { state in
            if isStream, state.bytes.count >= options.streamBuffer {
                state.isPaused = true
                taking = .paused
            } else if !isStream, state.bytes.count + piece.count > options.responseLimit {
                taking = .tooLarge
            } else {
                // Lifetime: libcurl's buffer is copied within its callback.
                unsafe state.bytes.append(contentsOf: piece)
            }
        }
        return taking
    }

    /// Whether a paused transfer's reader has taken what there was, so that it may go on.
    func resumes() -> Bool {
        state.withLock { state in
            guard state.isPaused, state.bytes.isEmpty else { return false }
            state.isPaused = false
            return true
        }
    }

    func finish(_ result: Result<Void, HTTPClientError>) { change { $0.end = $0.end ?? result } }

    /// Answers a reader whose deadline has passed.
    ///
    /// - Returns: the deadline that is next.
    func expire(now: Int64) -> Int64? {
        var next: Int64?
        var late: Reader?
        state.withLock { state in
            guard let reader = state.reader, let deadline = reader.deadline else { return }
            if deadline <= now {
                late = reader
                state.reader = nil
            } else {
                next = deadline
            }
        }
        late?.continuation.resume(returning: .part(.idle))
        return next
    }

    private func change(_ body: (inout State) -> Void) {
        let answer: (CheckedContinuation<Outcome, Never>, Outcome)? = state.withLock { state in
            body(&state)
            // What `send` collects is handed over whole.
            guard let reader = state.reader, let outcome = Self.outcome(&state, head: reader.wantsHead) else {
                return nil
            }
            state.reader = nil
            return (reader.continuation, outcome)
        }
        if let (continuation, outcome) = answer { continuation.resume(returning: outcome) }
    }

    private static func outcome(_ state: inout State, head: Bool) -> Outcome? {
        if head {
            if let head = state.head { return .head(head) }
        } else if !state.bytes.isEmpty {
            var bytes: [UInt8] = []
            swap(&bytes, &state.bytes)
            return .part(.bytes(bytes))
        }
        return switch state.end {
        case .success?: head ? .failed(.failed(code: 0, reason: "no response")) : .part(.end)
        case .failure(let error)?: .failed(error)
        case nil: nil
        }
    }
}
