internal import Glibc

/// A thread of its own as the executor of one actor: a log blocks here on its disk or its network, never on the threads
/// that all tasks share.
///
/// The thread lives as long as this object. A queued job holds on to it, so no job is left behind, and the thread ends
/// when the last actor that uses it is gone.
package final class BlockingThread: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread.
    ///
    /// - Throws: where the system has no threads left.
    package init() throws(BlockingThreadError) {
        var thread = pthread_t()
        // The thread owns this reference from here on: it takes it over as its first act.
        let context = unsafe Unmanaged.passRetained(queue)
        let result = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            unsafe context.release()
            throw BlockingThreadError(code: result)
        }
        pthread_detach(thread)
    }

    deinit {
        queue.stop()
    }

    /// Runs a job on the thread, after those that came before it.
    package func enqueue(_ job: consuming ExecutorJob) {
        // As soon as the job is there it may be run, and let go of everything that kept this object and its queue.
        let kept = unsafe Unmanaged.passRetained(queue)
        defer { unsafe kept.release() }
        queue.push(JobQueue.Element(job: UnownedJob(job), thread: self, next: nil))
    }

    fileprivate func enqueueNext(_ job: UnownedJob, _ executor: NextOnThread) {
        let kept = unsafe Unmanaged.passRetained(queue)
        defer { unsafe kept.release() }
        queue.push(JobQueue.Element(job: job, thread: self, next: executor))
    }
}

/// Runs tasks on a blocking thread before the other jobs that wait there: short work that follows from what the thread has just
/// done. A task that prefers this executor and is resumed on the thread itself has no other one woken.
package final class NextOnThread: TaskExecutor {
    private let thread: BlockingThread

    package init(_ thread: BlockingThread) { self.thread = thread }

    package func enqueue(_ job: consuming ExecutorJob) { thread.enqueueNext(UnownedJob(job), self) }
}

/// No thread could be started.
package struct BlockingThreadError: Error {
    /// The `errno` of `pthread_create`.
    package var code: Int32
}

/// What a `BlockingThread` is to run, in order.
///
/// `@unchecked Sendable`: the elements and `isStopped` are touched only between `lock` and `unlock` of `mutex`.
@safe private final class JobQueue: @unchecked Sendable {
    struct Element {
        var job: UnownedJob
        /// Keeps the executor alive until the job was run.
        var thread: BlockingThread
        /// The executor that the job was given to, where it comes before others.
        var next: NextOnThread?

        func run() {
            let executor = unsafe thread.asUnownedSerialExecutor()
            if let next {
                unsafe job.runSynchronously(isolatedTo: executor, taskExecutor: next.asUnownedTaskExecutor())
            } else {
                unsafe job.runSynchronously(on: executor)
            }
        }
    }

    // Allocated, because both need an address that never changes; freed by deinit, which runs when neither the thread
    // nor its `BlockingThread`, nor anybody who brings a job, refers to this object any more.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var elements = Queue<Element>()
    /// Those that come before the others.
    private var urgent = Queue<Element>()
    private var isStopped = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func push(_ element: Element) {
        unsafe pthread_mutex_lock(mutex)
        if element.next == nil { elements.append(element) } else { urgent.append(element) }
        unsafe pthread_mutex_unlock(mutex)
        // After the lock is given back, or the thread would wake only to wait for it.
        unsafe pthread_cond_signal(condition)
    }

    func stop() {
        unsafe pthread_mutex_lock(mutex)
        isStopped = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_signal(condition)
    }

    func run() {
        while let element = take() { element.run() }
    }

    /// Waits for a job; nil once stopped and empty.
    private func take() -> Element? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let element = urgent.popFirst() ?? elements.popFirst() { return element }
            if isStopped { return nil }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
