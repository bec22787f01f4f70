internal import EventFormats
package import EventLog
package import History
package import Streaming

/// Reads the topics' live records once, for all clients, and puts them into the tail. It begins some way before the end, so
/// that the tail is full and every partition's last record known before anybody is served.
///
/// It begins with the partitions that answer, and asks the others again until they do.
package actor Ingest {
    private let log: any EventLog
    private let tail: SharedTail
    private let loader: BlockLoader
    private let preparer: any RecordPreparer
    private let activity: TopicActivity
    private let observer: (any IngestObserver)?
    private let wake: @Sendable () -> Void
    private let report: @Sendable (IngestNews) -> Void
    private let now: @Sendable () -> Timestamp
    private nonisolated let known = FollowedPartitions()
    private var topics: [String] = []
    /// How many partitions each topic had when it was first looked at: those that come later were not there before.
    private var firstCounts: [String: Int32] = [:]
    private var reader: (any LogFollower)?
    private var isStarted = false
    private var reading: Task<Void, Never>?
    private var upkeep: Task<Void, Never>?
    private var isLooking = false
    /// How often partitions that had not answered before were asked.
    private var attempts = 0
    /// The ends of partitions at the start that the tail has yet to reach.
    private var goals: [TopicPartition: Offset] = [:]
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// How many records before its end a partition is read from, at most. What the tail has no room for it drops.
    private static let head: Offset = 2_000
    /// How old the oldest of them may be, in milliseconds.
    private static let headAge: Timestamp = 3_600_000
    /// How often a partition is asked before the server is ready without it.
    private static let attemptsBeforeReady = 3
    /// How long a log or a partition that does not answer is left alone.
    private static let retryInterval: Duration = .seconds(1)

    /// - Parameters:
    ///   - observer: is told of all that is read; nil: nobody is.
    ///   - wake: has every loop look at the tail.
    ///   - report: takes what the operator should know.
    package init(
        log: any EventLog, tail: SharedTail, loader: BlockLoader, preparer: any RecordPreparer, activity: TopicActivity,
        observer: (any IngestObserver)? = nil, now: @escaping @Sendable () -> Timestamp,
        wake: @escaping @Sendable () -> Void,
        report: @escaping @Sendable (IngestNews) -> Void
    ) {
        self.log = log
        self.tail = tail
        self.loader = loader
        self.preparer = preparer
        self.activity = activity
        self.observer = observer
        self.now = now
        self.wake = wake
        self.report = report
    }

    // MARK: What others may ask

    /// Whether the tail was filled from all partitions that answer.
    package nonisolated var isReady: Bool { known.isReady }

    /// Why live records can't be read at the moment; nil while they can.
    package nonisolated var failure: LogError? { known.failure }

    /// Whether a partition stands for a topic that does not exist (yet, or any more).
    package nonisolated func isMissing(_ partition: TopicPartition) -> Bool { known.isMissing(partition) }

    /// A partition of these topics that exists and has never answered. Nobody can be placed in it.
    package nonisolated func unread(in topics: [String]) -> TopicPartition? { known.unread(in: topics) }

    // MARK: Topics

    /// Follows these topics, also those that are followed already. A topic that doesn't exist is empty until it does. What does
    /// not answer is asked again later.
    ///
    /// - Throws: what trying again does not mend.
    package func follow(_ topics: some Sequence<String> & Sendable) async throws(LogError) {
        self.topics = topics.sorted()
        known.keep(self.topics)
        do throws(LogError) {
            try await lookAround()
        } catch {
            guard error.isTransient else { throw error }
        }
    }

    /// Looks at the topics that there are: follows what is new, and forgets what is gone.
    private func lookAround() async throws(LogError) {
        guard !isLooking else { return }
        isLooking = true
        defer { isLooking = false }
        let existing = try await log.topics()
        if reader == nil {
            reader = try await log.follow([:])
            if isStarted { beginToRead() }
        }
        for topic in topics {
            let count = existing[topic] ?? 0
            let firstCount = firstCounts[topic] ?? count
            firstCounts[topic] = firstCount
            if count > 0 { await forget(topic, from: count) } else { standIn(for: topic) }
            for number in 0..<count {
                try await look(at: TopicPartition(topic, number), isAdded: number >= firstCount)
            }
        }
        if known.hasUnread { attempts += 1 }
        checkGoals()
        wake()
    }

    /// Something for clients to stand in until the topic exists.
    private func standIn(for topic: String) {
        let partition = TopicPartition(topic, 0)
        // One that was there is no empty one: it was removed, or the log does not know it for a moment.
        guard tail.withLock({ $0.number(of: partition) == nil }) else { return }
        add(partition, at: Position(offset: 0), origin: Position(offset: 0))
        _ = known.lose(partition)
    }

    /// A topic never loses partitions: where it has fewer, it was made anew.
    private func forget(_ topic: String, from count: Int32) async {
        var partition = TopicPartition(topic, count)
        while tail.withLock({ $0.number(of: partition) != nil }) {
            if known.lose(partition, isForGood: true) {
                goals[partition] = nil
                await restart(partition, at: Position(offset: 0))
                report(.gone(partition))
            }
            partition.partition += 1
        }
    }

    private func look(at partition: TopicPartition, isAdded: Bool) async throws(LogError) {
        let wasMissing = known.isMissing(partition)
        guard tail.withLock({ $0.number(of: partition) == nil }) || wasMissing else { return }
        do throws(LogError) {
            let start = try await begin(partition, wasMissing: wasMissing, isAdded: isAdded)
            // At once: when the next one fails, this one is known already and not looked at again.
            reader?.add(partition, from: start)
            await observer?.began(partition)
        } catch {
            switch error {
            case .unavailable, .full:
                // What is added to a topic is not missed by anybody until it can be read.
                guard !isAdded, !wasMissing else { return }
                if known.wait(for: partition) { report(.unread(partition, error)) }
            case .topicNotFound, .partitionNotFound, .gone, .recreated, .offsetOutOfRange, .unreadable:
                // It changed while it was asked: the next look shows how.
                return
            case .recordTooLarge, .refused, .invalid, .closed: throw error
            }
        }
    }

    private func begin(
        _ partition: TopicPartition, wasMissing: Bool, isAdded: Bool
    ) async throws(LogError) -> Offset {
        let bounds = try await log.bounds(of: partition)
        if wasMissing {
            answer(partition)
            return bounds.first
        }
        // What appears while the server runs was not there before: those who listen already get it from its beginning.
        let isYoung = bounds.first == 0 && bounds.next <= Self.head
        let isNew = known.isReady && (isAdded || isYoung && known.unread(in: [partition.topic]) == nil)
        var start = isNew ? bounds.first : max(bounds.first, bounds.next - Self.head)
        if !isNew, start < bounds.next {
            start = max(start, try await log.position(in: partition, atOrAfter: now() - Self.headAge).offset)
            // One at the least: it is the fingerprint of the partition's end.
            start = min(start, bounds.next - 1)
        }
        let position = start == bounds.next ? bounds.end : try await log.position(in: partition, at: start)
        add(partition, at: position, origin: isNew ? position : bounds.end)
        answer(partition)
        if start < bounds.next { goals[partition] = bounds.next }
        return start
    }

    private func answer(_ partition: TopicPartition) {
        if known.answer(partition) { report(.read(partition)) }
    }

    private func add(_ partition: TopicPartition, at position: Position, origin: Position) {
        tail.withLock { _ = $0.add(partition, at: position, origin: origin) }
    }

    // MARK: Reading

    /// Begins to read, for ever.
    ///
    /// - Parameter interval: how often the topics are looked at.
    package func start(lookingEvery interval: Duration) {
        isStarted = true
        upkeep = Task { await keepUp(interval) }
        if reader != nil { beginToRead() }
    }

    package func stop() async {
        upkeep?.cancel()
        reading?.cancel()
        reader?.close()
        await upkeep?.value
        await reading?.value
        isStarted = false
        resumeWaiters()
    }

    private func keepUp(_ interval: Duration) async {
        while !Task.isCancelled {
            let isWaiting = reader == nil || known.hasUnread
            do { try await Task.sleep(for: isWaiting ? min(interval, Self.retryInterval) : interval) } catch { return }
            do throws(LogError) {
                try await lookAround()
            } catch {
                // What is out of reach the log itself tells of.
                guard !error.isTransient, error != .closed else { continue }
                report(.failed(error))
            }
        }
    }

    private func beginToRead() { reading = Task(executorPreference: reader?.executor) { [self] in await read() } }

    private func read() async {
        while !Task.isCancelled {
            guard let reader else { return }
            do throws(LogError) {
                for batch in try await reader.next() { await take(batch) }
                if known.fail(nil) { report(.recovered) }
                checkGoals()
                wake()
            } catch {
                guard await recover(error) else { return }
            }
        }
    }

    private func take(_ batch: FollowedRecords) async {
        let partition = batch.topicPartition
        guard let (number, end) = place(partition) else { return }
        // Offsets may have holes: the block covers them, also where there is nothing else.
        let first = batch.records.first?.offset ?? end
        guard batch.next > min(first, end) else { return }
        // Offsets that begin anew are of a topic that was made anew.
        if first < end {
            observer?.lost(partition)
            await loader.forget(partition.topic)
        }
        var block = preparer.block(of: partition, batch.records, range: min(first, end)..<batch.next)
        // Where the rules changed meanwhile, the records are prepared anew.
        while !tail.withLock({ $0.append(block, to: number) }) {
            block = preparer.block(of: partition, batch.records, range: min(first, end)..<batch.next)
        }
        await loader.noteLive(block, of: partition)
        // Records with an index came in by this process, which knows them.
        if batch.records.contains(where: \.index.isEmpty) { observer?.read(block, of: partition) }
        guard let last = batch.records.last else { return }
        let skipped = block.entries.count { $0.kind == .skipped }
        // Records from before the start are read again: they did not come in now.
        if let goal = goals[partition], batch.next <= goal {
            activity.add(partition.topic, events: 0, skipped: 0, newest: last.timestamp)
        } else {
            activity.add(
                partition.topic, events: batch.records.count - skipped, skipped: skipped, newest: last.timestamp)
        }
    }

    private func place(_ partition: TopicPartition) -> (number: Int, end: Offset)? {
        tail.withLock { tail in
            guard let number = tail.number(of: partition) else { return nil }
            return (number, tail.partitions[number].end.offset)
        }
    }

    private func checkGoals() {
        goals = goals.filter { partition, goal in (place(partition)?.end ?? .max) < goal }
        guard reader != nil, goals.isEmpty, !known.hasUnread || attempts >= Self.attemptsBeforeReady else { return }
        known.becomeReady()
        resumeWaiters()
    }

    private func resumeWaiters() {
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    /// Returns when the tail was filled, or nothing more will be read.
    package func filled() async {
        guard !isReady, isStarted else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    // MARK: Failures

    /// What can't be read is told to all as a gap. Returns false when there is nothing more to read.
    private func recover(_ error: LogError) async -> Bool {
        switch error {
        case .closed: return false
        case .offsetOutOfRange(let partition, let bounds):
            if let (_, end) = place(partition), bounds.next < end {
                // The log has lost the newest records: their offsets are given anew.
                report(.lost(partition, bounds.next..<end, why: "the log has lost them"))
                await restart(partition, at: bounds.end)
            } else {
                let why = "retention removed records before this server had read them"
                skip(partition, to: bounds.first, .retention, why)
            }
        case .unreadable(let partition, let range, let detail):
            if let (_, end) = place(partition), end < range.upperBound {
                report(.lost(partition, end..<range.upperBound, why: detail))
            }
            skip(partition, to: range.upperBound, .unreadable, "the records can't be read")
        case .recreated(let partition, let bounds):
            answer(partition)
            report(.recreated(partition))
            await restart(partition, at: Position(offset: bounds.first))
        case .gone(let partition), .partitionNotFound(let partition):
            await drop(partition)
        case .topicNotFound(let topic):
            var partition = TopicPartition(topic, 0)
            while place(partition) != nil {
                await drop(partition)
                partition.partition += 1
            }
        default:
            if known.fail(error) { report(.failed(error)) }
            try? await Task.sleep(for: Self.retryInterval)
        }
        return true
    }

    /// Passes over records that nobody will get, and tells everybody.
    private func skip(_ partition: TopicPartition, to next: Offset, _ reason: Gap.Reason, _ detail: String) {
        guard let (number, end) = place(partition), next > end else { return }
        let gap = Gap(partition, from: end, to: next, reason: reason, detail: detail)
        tail.withLock { _ = $0.append(Block(gap, range: end..<next), to: number) }
        checkGoals()
        wake()
    }

    /// A partition is not there any more. Its records are forgotten at once: it may have been deleted because of them. Where it
    /// stood is remembered, for it may come back as it was.
    private func drop(_ partition: TopicPartition) async {
        goals[partition] = nil
        observer?.lost(partition)
        if known.lose(partition) { report(.gone(partition)) }
        await loader.forget(partition.topic)
        guard let (number, _) = place(partition) else { return }
        tail.withLock { $0.drop(number) }
        checkGoals()
        wake()
    }

    /// All that was known of a partition is forgotten, and everybody goes on at a place of the new one.
    private func restart(_ partition: TopicPartition, at position: Position) async {
        goals[partition] = nil
        observer?.lost(partition)
        await loader.forget(partition.topic)
        guard let (number, _) = place(partition) else { return }
        tail.withLock { $0.forget(number, restartingAt: position) }
        checkGoals()
        wake()
    }
}
