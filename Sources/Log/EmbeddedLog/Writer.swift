internal import EventLog
internal import System

/// The one that changes the log: appends, new topics and retention, one transaction after the other on its thread.
actor Writer {
    private let thread: BlockingThread
    /// For what follows from a commit.
    nonisolated let next: NextOnThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let options: EmbeddedLogOptions
    private let board: Board
    private let queue: AppendQueue
    private let health: Health

    /// Nil before `open` and after `close`.
    private var store: Store?
    private var group: GroupCommit
    /// The results of calls of `append` that have not fetched them yet, by the numbers of the calls.
    private var answers: [Int: [Result<Appended, LogError>]] = [:]
    private var rules: RetentionRules
    private var clock: ClockWatch?
    /// When the last pass of retention was over, on the steady clock.
    private var lastPass: Int64?
    private var counts = LogStatistics()

    init(
        options: EmbeddedLogOptions, board: Board, queue: AppendQueue, health: Health
    ) throws(BlockingThreadError) {
        thread = try BlockingThread()
        next = NextOnThread(thread)
        self.options = options
        self.board = board
        self.queue = queue
        self.health = health
        group = GroupCommit(
            limits: .init(
                records: options.maximumCommitRecords, bytes: options.maximumCommitBytes,
                recordBytes: options.maximumRecordBytes))
        rules = RetentionRules(options.retention, byTopic: options.topicRetention)
    }

    // MARK: - Opening and closing

    /// Takes the directory, and reads what partitions there are.
    func open() throws(LogError) {
        let store = try Store(options, board: board, health: health)
        clock = ClockWatch(at: moment, wait: options.clockWait.milliseconds, last: store.lastMoment)
        lastPass = moment.steady
        self.store = store
        lookAtClock()
    }

    /// Stores what was admitted before, then lets go of the files.
    func close() {
        if let store {
            repeat { commitGroup(store) } while !group.isEmpty
            store.close()
        }
        store = nil
    }

    private func opened() throws(LogError) -> Store {
        guard let store else { throw .closed }
        return store
    }

    // MARK: - Appending

    /// Gives the results of a call that the queue has admitted. Unless it was stored with a call before it, all that wait are stored
    /// now, group by group until this one is done; those behind it then find their answers.
    ///
    /// A call comes to this thread and goes back to its own, with no other one between: a continuation would be resumed by way of
    /// the threads that all tasks share.
    func answer(to number: Int) -> [Result<Appended, LogError>] {
        // `close` has stored what was admitted before it.
        while let store, answers[number] == nil { commitGroup(store) }
        return answers.removeValue(forKey: number) ?? []
    }

    /// Takes records from the front up to a commit's limits, stores them and has the answers to the calls that are done.
    private func commitGroup(_ store: Store) {
        group.add(queue.take())
        let additions = group.place(store.topics)
        if !additions.isEmpty {
            let failed = store.commit(additions)
            for (addition, error) in failed { group.fail(addition, error) }
            counts.failedCommits += failed.isEmpty ? 0 : 1
            counts.commits += failed.count < additions.count ? 1 : 0
            counts.appendedRecords += Int64(additions.values.reduce(0) { $0 + $1.records.count })
            counts.appendedRecords -= Int64(failed.reduce(0) { $0 + $1.addition.records.count })
        }
        for (append, results) in group.takeDone() {
            queue.answered(bytes: append.bytes)
            answers[append.number] = results
        }
    }

    func createTopic(_ name: String, partitions count: Int32) throws(LogError) {
        try TopicName.validate(name)
        guard (1...EmbeddedLog.maximumPartitions).contains(count) else {
            throw .invalid("a topic has 1 to \(EmbeddedLog.maximumPartitions) partitions, not \(count)")
        }
        try opened().createTopic(name, partitions: count)
    }

    // MARK: - Looking after

    /// What is to be done every second or so: looks at files and clocks, and removes old records when that is due.
    func lookAfter() async throws(LogError) {
        let now = lookAtClock()
        let store = try opened()
        store.inspect(clock?.anchor ?? moment)
        guard let lastPass, moment.steady - lastPass >= options.retentionInterval.milliseconds else { return }
        do throws(LogError) {
            try await enforceRetention(now: now)
        } catch {
            self.lastPass = moment.steady
            throw error
        }
        self.lastPass = moment.steady
    }

    private var moment: ClockWatch.Moment {
        .init(now: options.clock.now(), steady: options.clock.steady())
    }

    /// The time that retention may go by. What is odd about the clock is reported.
    @discardableResult private func lookAtClock() -> Timestamp {
        guard var clock else { return moment.now }
        let (now, change) = clock.look(moment)
        self.clock = clock
        switch change {
        case .jumped(let distance, let wait):
            health.say(
                .warning,
                "the time of day is \(distance.magnitude / 1000) seconds \(distance > 0 ? "ahead of" : "behind") what it should "
                    + "be by the clock that nobody sets or by the last run: set the clock right if it is wrong. No records "
                    + "are removed for their age by the new time for \(wait / 1000) seconds (storage.clock_wait)")
        case .returned: health.say(.notice, "the time of day is right again; retention goes by it")
        case .believed:
            health.say(.warning, "the time of day has stayed where it jumped to; retention goes by it from now on")
        case nil: break
        }
        return now
    }

    func setRetention(_ retention: Retention, byTopic: [String: Retention]) {
        rules = RetentionRules(retention, byTopic: byTopic)
    }

    func enforceRetention(now: Timestamp) async throws(LogError) {
        var pass = RetentionPass(rules, topics: try opened().topics.mapValues(\.count), now: now)
        do throws(LogError) {
            while try pass.step(try opened()) { await Task.yield() }
            counts.retentionError = nil
        } catch {
            if error != .closed {
                if counts.retentionError == nil {
                    health.say(.error, "old records can't be removed: \(error)")
                }
                counts.retentionError = error
            }
            throw error
        }
    }

    /// Removes all records of a partition before an offset, slice by slice.
    func remove(_ partition: TopicPartition, before boundary: Offset) async throws(LogError) {
        while try opened().removeSlice(partition, before: boundary) { await Task.yield() }
    }

    func statistics() -> LogStatistics {
        var statistics = counts
        store?.statistics(into: &statistics)
        statistics.waitingBytes = queue.waitingBytes
        statistics.clockDistance = clock?.distance ?? 0
        return statistics
    }
}

extension Duration {
    /// Whole milliseconds, within the range of the type.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }
}
