internal import Synchronization

/// Wakes tasks that wait for a change, without missing one that happens just before they wait.
final class ChangeSignal: Sendable {
    private struct State {
        var epoch: UInt64 = 0
        var nextWait: UInt64 = 0
        var waits: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// Taken before looking at what may change.
    var epoch: UInt64 { state.withLock { $0.epoch } }

    func fire() {
        let waits = state.withLock { state in
            state.epoch &+= 1
            defer { state.waits = [:] }
            return state.waits
        }
        for wait in waits.values { wait.resume() }
    }

    /// Returns once there was a change since `epoch` was taken, or the task is cancelled.
    func wait(since epoch: UInt64) async {
        let id = state.withLock { state in
            state.nextWait &+= 1
            return state.nextWait
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.cancelled.contains(id) || state.epoch != epoch { return true }
                    state.waits[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let wait = state.withLock { state in
                state.cancelled.insert(id)
                return state.waits.removeValue(forKey: id)
            }
            wait?.resume()
        }
        _ = state.withLock { $0.cancelled.remove(id) }
    }
}
