internal import Synchronization

/// Wakes tasks that wait for a change, without missing one that happens just before they wait: what followers of a log
/// are made with.
///
///     let epoch = signal.epoch        // first
///     look for work                   // a change from here on …
///     await signal.wait(since: epoch) // … ends this wait
package final class ChangeSignal: Sendable {
    private struct State {
        var epoch: UInt64 = 0
        var nextWait: UInt64 = 0
        var waits: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<UInt64> = []
    }

    private let state = Mutex(State())

    /// A signal at epoch 0, for which nobody waits.
    package init() {}

    /// Taken before looking at what may change.
    package var epoch: UInt64 { state.withLock { $0.epoch } }

    /// Something changed: all who wait look again.
    package func fire() {
        let waits = state.withLock { state in
            state.epoch &+= 1
            defer { state.waits = [:] }
            return state.waits
        }
        for wait in waits.values { wait.resume() }
    }

    /// Returns once there was a change since `epoch` was taken, or the task is cancelled.
    package nonisolated(nonsending) func wait(since epoch: UInt64) async {
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
