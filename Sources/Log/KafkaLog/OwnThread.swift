internal import EventLog
internal import System

/// Runs one call that may block for as long as it likes, on a thread of its own.
actor OwnThread {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private init() throws(BlockingThreadError) { thread = try BlockingThread() }

    /// Where no thread can be started, the call blocks the caller's.
    static func run(_ body: @escaping @Sendable () -> Void) async {
        guard let thread = try? OwnThread() else { return body() }
        await thread.run(body)
    }

    private func run(_ body: @Sendable () -> Void) { body() }
}

extension Task where Success == Void, Failure == Never {
    /// Waits until the task has ended, but no longer than a time; the task itself goes on.
    ///
    /// - Returns: whether it has ended.
    func ended(within time: Duration) async -> Bool {
        let (ends, end) = AsyncStream.makeStream(of: Bool.self)
        let timer = Task {
            try? await Task<Never, Never>.sleep(for: time)
            end.yield(false)
        }
        Task {
            await value
            end.yield(true)
        }
        defer { timer.cancel() }
        return await ends.first { _ in true } ?? false
    }
}
