import Glibc
import Synchronization

/// A thread for tests that block in system calls, so that they take none from the pool other tests run on.
final class BlockingThread: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isEnded = false
    }

    private let state = Mutex(State())
    /// A pipe that holds a byte for each job that waits, and one for the end.
    private let bell: (reader: Int32, writer: Int32)

    /// Runs `body` on a thread of its own.
    static func run(_ body: () async throws -> Void) async rethrows {
        let thread = BlockingThread()
        defer { thread.end() }
        try await withTaskExecutorPreference(thread, operation: body)
    }

    private init() {
        var ends: [Int32] = [-1, -1]
        _ = unsafe pipe(&ends)
        bell = (ends[0], ends[1])
        var thread = pthread_t()
        // Balanced in the thread's first line.
        let context = unsafe Unmanaged.passRetained(self)
        _ = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<BlockingThread>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, context.toOpaque())
        pthread_detach(thread)
    }

    deinit {
        close(bell.reader)
        close(bell.writer)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        ring()
    }

    private func ring() {
        var byte: UInt8 = 1
        _ = unsafe write(bell.writer, &byte, 1)
    }

    private func end() {
        state.withLock { $0.isEnded = true }
        ring()
    }

    private func work() {
        var byte: UInt8 = 0
        while unsafe read(bell.reader, &byte, 1) == 1 {
            let (job, isEnded) = state.withLock { ($0.jobs.isEmpty ? nil : $0.jobs.removeFirst(), $0.isEnded) }
            if let job {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else if isEnded {
                return
            }
        }
    }
}
