import Synchronization

/// What happened, in order, to be awaited by a test. A wait is bounded by its deadline.
final class Journal<Entry: Sendable & Equatable>: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var entries: [Entry] = []
        var next = 0
        var waiters: [Int: (isMet: @Sendable ([Entry]) -> Bool, continuation: CheckedContinuation<Bool, Never>)] = [:]
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock { $0.entries } }

    func note(_ entry: Entry) {
        let met = state.withLock { state in
            state.entries.append(entry)
            let met = state.waiters.filter { $0.value.isMet(state.entries) }
            for key in met.keys { state.waiters[key] = nil }
            return met.values.map(\.continuation)
        }
        for continuation in met { continuation.resume(returning: true) }
    }

    /// Returns once the entries satisfy the condition.
    func wait(seconds: Int = TestClient.patienceSeconds, until isMet: @escaping @Sendable ([Entry]) -> Bool)
        async throws
    {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        let deadline = Task {
            try await Task.sleep(for: .seconds(seconds))
            state.withLock { $0.waiters.removeValue(forKey: key) }?.continuation.resume(returning: false)
        }
        defer { deadline.cancel() }
        let isDone = await withCheckedContinuation { continuation in
            let isMetAlready = state.withLock { state in
                if isMet(state.entries) { return true }
                state.waiters[key] = (isMet, continuation)
                return false
            }
            if isMetAlready { continuation.resume(returning: true) }
        }
        if !isDone { throw TimedOut(description: "waited \(seconds) s; so far: \(entries)") }
    }

    func wait(for entry: Entry) async throws { try await wait { $0.contains(entry) } }
}
