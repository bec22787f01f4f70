internal import EventFormats
public import EventLog
package import History
package import Streaming
internal import Synchronization

/// Reads the topics' live records once, for all clients, and puts them into the tail. It begins some way before the end, so
/// that the tail is full and every partition's last record known before anybody is served.
public actor Ingest {
    private let log: any EventLog
    private let tail: SharedTail
    private let loader: BlockLoader
    private let preparer: any RecordPreparer
    private let activity: TopicActivity
    private let wake: @Sendable () -> Void
    private let report: @Sendable (LogError) -> Void
    private let now: @Sendable () -> Timestamp
    private var follower: (any LogFollower)?
    private var task: Task<Void, Never>?
    /// The ends of partitions at the start that the tail has yet to reach.
    private var goals: [TopicPartition: Offset] = [:]
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private let shared = Mutex(Shared())

    /// How many records before its end a partition is read from, at most. What the tail has no room for it drops.
    private static let head: Offset = 2_000
    /// How old the oldest of them may be, in milliseconds.
    private static let headAge: Timestamp = 3_600_000

    private struct Shared {
        var isReady = false
        var error: LogError?
        var missing: Set<TopicPartition> = []
    }

    /// - Parameters:
    ///   - wake: has every loop look at the tail.
    ///   - report: is told of each failure to read.
    package init(
        log: any EventLog, tail: SharedTail, loader: BlockLoader, preparer: any RecordPreparer, activity: TopicActivity,
        now: @escaping @Sendable () -> Timestamp, wake: @escaping @Sendable () -> Void,
        report: @escaping @Sendable (LogError) -> Void
    ) {
        self.log = log
        self.tail = tail
        self.loader = loader
        self.preparer = preparer
        self.activity = activity
        self.now = now
        self.wake = wake
        self.report = report
    }

    // MARK: What others may ask

    /// Whether the tail was filled.
    public nonisolated var isReady: Bool { shared.withLock { $0.isReady } }

    /// Why live records can't be read at the moment; nil while they can.
    public nonisolated var failure: LogError? { shared.withLock { $0.error } }

    /// Whether a partition stands for a topic that does not exist yet.
    public nonisolated func isMissing(_ partition: TopicPartition) -> Bool {
        shared.withLock { $0.missing.contains(partition) }
    }

    // MARK: Topics

    /// Follows these topics, also those that are followed already. A topic that doesn't exist is empty until it does.
    public func follow(_ topics: some Sequence<String> & Sendable) async throws(LogError) {
        let existing = try await log.topics()
        var starts: [TopicPartition: Offset] = [:]
        for topic in topics.sorted() {
            guard let count = existing[topic] else {
                let partition = TopicPartition(topic, 0)
                // One that was there is no empty one: it was removed, or the log does not know it for a moment.
                guard tail.withLock({ $0.number(of: partition) == nil }) else { continue }
                add(partition, at: Position(offset: 0), origin: Position(offset: 0))
                shared.withLock { _ = $0.missing.insert(partition) }
                continue
            }
            // What is added to a topic that is followed was not there before: those who listen to it get all of it.
            let isFollowed = tail.withLock { $0.number(of: TopicPartition(topic, 0)) != nil }
            for number in 0..<count {
                let partition = TopicPartition(topic, number)
                let isKnown = tail.withLock { $0.number(of: partition) != nil }
                let wasMissing = isMissing(partition)
                if isKnown && !wasMissing { continue }
                let start = try await begin(partition, wasMissing: wasMissing, isAdded: isFollowed)
                shared.withLock { _ = $0.missing.remove(partition) }
                // At once: when the next one fails, this one is known already and not looked at again.
                follower?.add(partition, from: start)
                starts[partition] = start
            }
        }
        guard !starts.isEmpty || follower == nil else { return }
        if follower == nil { follower = try await log.follow(starts) }
        checkGoals()
        wake()
    }

    private func begin(
        _ partition: TopicPartition, wasMissing: Bool, isAdded: Bool
    ) async throws(LogError) -> Offset {
        let bounds = try await log.bounds(of: partition)
        if wasMissing { return bounds.first }
        // What appears while the server runs was not there before: those who listen already get it from its beginning.
        let isReady = shared.withLock { $0.isReady }
        let isNew = isReady && (isAdded || bounds.first == 0 && bounds.next <= Self.head)
        var start = isNew ? bounds.first : max(bounds.first, bounds.next - Self.head)
        if !isNew, start < bounds.next {
            start = max(start, try await log.position(in: partition, atOrAfter: now() - Self.headAge).offset)
            // One at the least: it is the fingerprint of the partition's end.
            start = min(start, bounds.next - 1)
        }
        let position = start == bounds.next ? bounds.end : try await log.position(in: partition, at: start)
        add(partition, at: position, origin: isNew ? position : bounds.end)
        if start < bounds.next { goals[partition] = bounds.next }
        return start
    }

    private func add(_ partition: TopicPartition, at position: Position, origin: Position) {
        tail.withLock { _ = $0.add(partition, at: position, origin: origin) }
    }

    // MARK: Reading

    /// Begins to read, for ever.
    public func start() { task = Task { await run() } }

    public func stop() async {
        task?.cancel()
        follower?.close()
        await task?.value
        task = nil
        resumeWaiters()
    }

    private func run() async {
        while !Task.isCancelled {
            guard let follower else { return }
            do throws(LogError) {
                for batch in try await follower.next() { await take(batch) }
                succeed()
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
        if first < end { await loader.forget(partition.topic) }
        var block = preparer.block(of: partition, batch.records, range: min(first, end)..<batch.next)
        // Where the rules changed meanwhile, the records are prepared anew.
        while !tail.withLock({ $0.append(block, to: number) }) {
            block = preparer.block(of: partition, batch.records, range: min(first, end)..<batch.next)
        }
        guard let last = batch.records.last else { return }
        let skipped = block.entries.count { $0.kind == .skipped }
        activity.add(
            partition.topic, events: batch.records.count - skipped, skipped: skipped, newest: last.timestamp)
    }

    private func place(_ partition: TopicPartition) -> (number: Int, end: Offset)? {
        tail.withLock { tail in
            guard let number = tail.number(of: partition) else { return nil }
            return (number, tail.partitions[number].end.offset)
        }
    }

    private func checkGoals() {
        goals = goals.filter { partition, goal in (place(partition)?.end ?? .max) < goal }
        guard goals.isEmpty else { return }
        shared.withLock { $0.isReady = true }
        resumeWaiters()
    }

    private func resumeWaiters() {
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    /// Returns when the tail was filled, or nothing more will be read.
    public func filled() async {
        guard !isReady, task != nil else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    // MARK: Failures

    private func succeed() { shared.withLock { $0.error = nil } }

    /// What can't be read is told to all as a gap. Returns false when there is nothing more to read.
    private func recover(_ error: LogError) async -> Bool {
        switch error {
        case .closed: return false
        case .offsetOutOfRange(let partition, let bounds):
            let detail = "retention removed records before this server had read them"
            skip(partition, to: bounds.first, .retention, detail)
        case .unreadable(let partition, let range, let detail):
            skip(partition, to: range.upperBound, .unreadable, detail)
        default:
            shared.withLock { $0.error = error }
            report(error)
            try? await Task.sleep(for: .seconds(1))
        }
        return true
    }

    private func skip(_ partition: TopicPartition, to next: Offset, _ reason: Gap.Reason, _ detail: String) {
        guard let (number, end) = place(partition), next > end else { return }
        let gap = Gap(partition, from: end, to: next, reason: reason, detail: detail)
        tail.withLock { _ = $0.append(Block(gap, range: end..<next), to: number) }
        checkGoals()
        wake()
    }
}
