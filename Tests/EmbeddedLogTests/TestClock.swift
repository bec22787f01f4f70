import EmbeddedLog
import EventLog
import Synchronization

/// A clock that moves when the test says so.
final class TestClock: Sendable {
    private struct State {
        var now: Timestamp
        var steady: Int64 = 0
        var sleeper: CheckedContinuation<Void, any Error>?
        var watcher: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(now: Timestamp = 0) {
        state = Mutex(State(now: now))
    }

    var logClock: LogClock {
        LogClock(
            now: { self.state.withLock { $0.now } }, steady: { self.state.withLock { $0.steady } },
            sleep: { _ in try await self.sleep() })
    }

    private func sleep() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { sleeper in
                let watcher = state.withLock { state in
                    state.sleeper = sleeper
                    defer { state.watcher = nil }
                    return state.watcher
                }
                watcher?.resume()
                // Cancelled before there was a sleeper to wake.
                if Task.isCancelled { take()?.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            take()?.resume(throwing: CancellationError())
        }
    }

    /// Returns once somebody sleeps.
    func waitForSleep() async {
        await withCheckedContinuation { watcher in
            let isSleeping = state.withLock { state in
                if state.sleeper == nil { state.watcher = watcher }
                return state.sleeper != nil
            }
            if isSleeping { watcher.resume() }
        }
    }

    /// Lets time pass, with the time of day going its own way by `jump`, ends the sleep of whoever sleeps, now or soon, and
    /// returns when it sleeps again. All in milliseconds.
    func pass(_ milliseconds: Int64, jump: Int64 = 0) async {
        await waitForSleep()
        state.withLock { state in
            state.now += milliseconds + jump
            state.steady += milliseconds
        }
        take()?.resume()
        await waitForSleep()
    }

    private func take() -> CheckedContinuation<Void, any Error>? {
        state.withLock { state in
            defer { state.sleeper = nil }
            return state.sleeper
        }
    }
}
