internal import JSONSchema
internal import Synchronization

/// Schemas on their way, and one who waits for them until they are all there or it has been long enough.
final class LoadingRace: Sendable {
    private struct State {
        var waiting: Set<String>
        var found: EventValidation.Found = [:]
        var isOver = false
        var continuation: CheckedContinuation<EventValidation.Found, Never>?
    }

    private let state: Mutex<State>

    init(_ addresses: [String]) { state = Mutex(State(waiting: Set(addresses))) }

    func end(_ address: String, _ result: Result<CompiledSchema, SchemaError>) {
        finish { state in
            guard state.waiting.remove(address) != nil else { return }
            state.found[address] = result
            state.isOver = state.waiting.isEmpty
        }
    }

    /// Whatever is not there by now is unavailable.
    func giveUp() {
        finish { state in
            for address in state.waiting {
                state.found[address] = .failure(
                    SchemaError(.unavailable, "Its source takes too long to answer. Send the event again later."))
            }
            state.waiting = []
            state.isOver = true
        }
    }

    private func finish(_ change: (inout sending State) -> Void) {
        let ready = state.withLock {
            state -> (CheckedContinuation<EventValidation.Found, Never>, EventValidation.Found)? in
            change(&state)
            guard state.isOver, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.found)
        }
        if let (continuation, found) = ready { continuation.resume(returning: found) }
    }

    /// All that was asked for. To be read once.
    var result: EventValidation.Found {
        get async {
            await withCheckedContinuation { continuation in
                let found = state.withLock { state -> EventValidation.Found? in
                    if state.isOver { return state.found }
                    state.continuation = continuation
                    return nil
                }
                if let found { continuation.resume(returning: found) }
            }
        }
    }
}
