internal import CLinux
internal import Glibc
internal import Synchronization
public import Time

/// One thread that waits for descriptors (epoll), and the serial executor of the actors that live on it.
///
/// Sending it a job or waking it costs one atomic operation; only the first since the loop last looked also writes to
/// the loop's one eventfd, so many wakes in a burst are one system call.
///
/// Sendable by hand: what is not atomic, locked or constant is touched by the loop's thread alone.
public final class EventLoop: SerialExecutor, @unchecked Sendable {
    /// How often a loop ticks while its client wants it to, in milliseconds.
    public static let tickMilliseconds: Int64 = 100
    static let eventsPerTurn = 128
    /// Few, so that nothing else waits for long while thousands of them are ready.
    static let patientEventsPerTurn = 32
    private static let doorbellKey = SlabKey(index: .max, generation: SlabKey.reservedGeneration)
    private static let patientKey = SlabKey(index: .max - 1, generation: SlabKey.reservedGeneration)
    private static let jobsBit: UInt32 = 1 << 31
    private static let stopBit: UInt32 = 1 << 30

    private struct Jobs {
        var waiting: ContiguousArray<UnownedJob> = []
        /// The thread is gone: whoever brings a job also runs it.
        var isStopped = false
        var isDraining = false
    }

    public let name: String
    private let clock: MonotonicClock
    private let poll: Int32
    /// The patient descriptors, in an epoll of their own that the first one watches.
    private let patientPoll: Int32
    private let doorbell: Int32
    private let rung = Atomic<UInt32>(0)
    private let jobs = Mutex(Jobs())
    /// The thread whose code is isolated to this loop: its own, or after the stop the one that runs a late job.
    private let owner = Atomic<UInt>(0)
    private let stopWaiter = Mutex<CheckedContinuation<Void, Never>?>(nil)
    // Set before the thread starts, then touched by the thread alone.
    private var client: (any EventLoopClient)?
    private let thread = Atomic<UInt>(0)

    /// A loop that does not run yet. `name` is its thread's (15 bytes at most are kept).
    public init(name: String, clock: MonotonicClock = .system) throws(SystemError) {
        self.name = name
        self.clock = clock
        var opened: [Int32] = []
        do throws(SystemError) {
            opened.append(try SystemCall.checked("epoll_create1") { linux_epoll_create() })
            opened.append(try SystemCall.checked("epoll_create1") { linux_epoll_create() })
            opened.append(try SystemCall.checked("eventfd") { linux_eventfd() })
        } catch {
            for descriptor in opened { Socket.close(descriptor) }
            throw error
        }
        (poll, patientPoll, doorbell) = (opened[0], opened[1], opened[2])
        try register(doorbell, key: Self.doorbellKey, for: .readable)
        try register(patientPoll, key: Self.patientKey, for: .readable)
    }

    deinit {
        Socket.close(poll)
        Socket.close(patientPoll)
        Socket.close(doorbell)
    }

    /// Starts the thread. The loop holds on to `client`, and the thread to the loop, until `stop()`.
    public func start(_ client: any EventLoopClient) throws(SystemError) {
        self.client = client
        var thread = pthread_t()
        // The retain is balanced in the thread's first line, or below when there is no thread.
        let context = unsafe Unmanaged.passRetained(self)
        let failure = unsafe pthread_create(
            &thread, nil,
            { context in
                // pthread_create hands back the pointer it was given.
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            self.client = nil
            throw SystemError(call: "pthread_create", number: failure)
        }
        self.thread.store(UInt(thread), ordering: .releasing)
        _ = unsafe String(name.prefix(15)).withCString { unsafe linux_thread_name(thread, $0) }
    }

    /// Ends the loop after its present turn and waits for the thread to be gone. Jobs that come later are still run, by
    /// whoever brings them. Call it once, from outside the loop.
    public func stop() async {
        let thread = self.thread.exchange(0, ordering: .acquiringAndReleasing)
        guard thread != 0 else { return }
        await withCheckedContinuation { continuation in
            stopWaiter.withLock { $0 = continuation }
            ring(Self.stopBit)
        }
        // The thread has done its last work: this waits only for it to unwind.
        _ = pthread_join(pthread_t(thread), nil)
    }

    // MARK: From any thread

    /// Has the client's `woken` called soon, on the loop. Calls before that happens are one.
    public func wake(_ reasons: WakeReasons) { ring(reasons.rawValue) }

    private func ring(_ bits: UInt32) {
        // The loop takes the bits after it has cleared the eventfd, so bits set over others are never left behind.
        guard rung.bitwiseOr(bits, ordering: .acquiringAndReleasing).oldValue == 0 else { return }
        _ = linux_eventfd_ring(doorbell)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        // The caller holds the loop through an unowned reference, and as soon as the job is in the queue it may be run
        // and let go of everything that kept the loop alive.
        let kept = unsafe Unmanaged.passRetained(self)
        defer { unsafe kept.release() }
        let job = UnownedJob(job)
        let runHere = jobs.withLock { jobs in
            jobs.waiting.append(job)
            guard jobs.isStopped, !jobs.isDraining else { return false }
            jobs.isDraining = true
            return true
        }
        if runHere { drainAfterStop() } else { ring(Self.jobsBit) }
    }

    public func isIsolatingCurrentContext() -> Bool? { owner.load(ordering: .acquiring) == UInt(pthread_self()) }

    public func checkIsolated() {
        precondition(isIsolatingCurrentContext() == true, "not on the event loop \(name)")
    }

    // MARK: On the loop

    /// Watches a descriptor. Events bring `key`. Closing the descriptor ends the watch.
    ///
    /// - Parameter isPatient: it may wait while others are ready. Descriptors that are ready stand in line, first come,
    ///   first served: behind thousands of clients who connect at once. The patient ones have a line of their own, of which a turn
    ///   takes a few.
    public func register(
        _ descriptor: Int32, key: SlabKey, for readiness: Readiness, isPatient: Bool = false
    ) throws(SystemError) {
        try SystemCall.checked("epoll_ctl") {
            linux_epoll_control(
                isPatient ? patientPoll : poll, EPOLL_CTL_ADD, descriptor, readiness.rawValue, key.word)
        }
    }

    /// Watches a registered descriptor, which is not a patient one, for something else.
    public func modify(_ descriptor: Int32, key: SlabKey, for readiness: Readiness) throws(SystemError) {
        try SystemCall.checked("epoll_ctl") {
            linux_epoll_control(poll, EPOLL_CTL_MOD, descriptor, readiness.rawValue, key.word)
        }
    }

    private func run() {
        owner.store(UInt(pthread_self()), ordering: .releasing)
        TimeSlices.restore()
        let events = UnsafeMutablePointer<epoll_event>.allocate(
            capacity: Self.eventsPerTurn + Self.patientEventsPerTurn)
        defer { unsafe events.deallocate() }
        var outcome = TurnOutcome(hasMoreWork: false, needsTick: false)
        var lastTick = clock.now()
        var isStopping = false
        while !isStopping {
            let patience: Int32 = outcome.hasMoreWork ? 0 : outcome.needsTick ? Int32(Self.tickMilliseconds) : -1
            // The array has room for the number of events the call is told; an interruption counts as no event.
            var count = Int(max(0, unsafe linux_epoll_wait(poll, events, Int32(Self.eventsPerTurn), patience)))
            let now = clock.now()
            // The doorbell waits in line behind every descriptor that was ready before it: the bits tell sooner.
            var isRung = rung.load(ordering: .acquiring) != 0
            var hasPatient = false
            var index = 0
            while index < count {
                switch unsafe events[index].data.u64 {
                case Self.doorbellKey.word: isRung = true
                case Self.patientKey.word: hasPatient = true
                default:
                    index += 1
                    continue
                }
                count -= 1
                unsafe events[index] = unsafe events[count]
            }
            if hasPatient {
                // Behind the others there is room for as many as the call is told.
                count += Int(
                    max(0, unsafe linux_epoll_wait(patientPoll, events + count, Int32(Self.patientEventsPerTurn), 0)))
            }
            if count > 0 { unsafe client?.ready(ReadyEvents(events, count: count), now: now) }
            if isRung { isStopping = answerDoorbell() }
            if outcome.needsTick, now - lastTick >= Self.tickMilliseconds {
                lastTick = now
                client?.tick(now: now)
            }
            outcome = client?.endTurn(now: now) ?? TurnOutcome(hasMoreWork: false, needsTick: false)
        }
        finish()
    }

    /// Runs the jobs and tells the client; true when the loop is to stop.
    private func answerDoorbell() -> Bool {
        _ = linux_eventfd_clear(doorbell)
        let bits = rung.exchange(0, ordering: .acquiringAndReleasing)
        if bits & Self.jobsBit != 0 { runJobs() }
        let reasons = WakeReasons(rawValue: bits)
        if !reasons.isEmpty { client?.woken(reasons) }
        return bits & Self.stopBit != 0
    }

    private func runJobs() {
        let batch = jobs.withLock { jobs in
            let batch = jobs.waiting
            jobs.waiting = []
            return batch
        }
        // Each job was given to this executor once and is run once.
        for job in batch { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    private func finish() {
        // The thread gives the isolation up in one step with the queue: whoever brings a job after that takes it, and
        // nothing here may wipe that out.
        while jobs.withLock({ jobs in
            if jobs.waiting.isEmpty {
                jobs.isStopped = true
                owner.store(0, ordering: .releasing)
            }
            return !jobs.isStopped
        }) { runJobs() }
        client = nil
        stopWaiter.withLock { $0.take() }?.resume()
    }

    /// Runs jobs that came after the stop on the thread that brought them, one at a time.
    private func drainAfterStop() {
        owner.store(UInt(pthread_self()), ordering: .releasing)
        while jobs.withLock({ jobs in
            if jobs.waiting.isEmpty {
                jobs.isDraining = false
                owner.store(0, ordering: .releasing)
            }
            return jobs.isDraining
        }) { runJobs() }
    }
}
