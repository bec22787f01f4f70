internal import EventLog
internal import Synchronization
internal import System

/// Reads live records, on a thread of its own: librdkafka's calls may block.
///
/// The queue of its consumer wakes whoever waits in `next`, which takes all there is without waiting for more. A partition that
/// can't be read is looked after by a task of its own, so that the others go on.
actor LiveReader: LogFollower {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    private let client: Client
    private let consumer: LiveConsumer
    private let doctor: LaneDoctor
    private let topology: Topology
    private let troubles: Troubles
    private let ends: PartitionEnds
    private let counters: Counters
    private let retryInterval: Duration
    private nonisolated let signal: ChangeSignal
    private nonisolated let mailbox = Mutex(Mailbox())

    private var lanes: [TopicPartition: LiveLane] = [:]
    /// What looks after the partitions that are in trouble.
    private var examinations: [TopicPartition: Task<Void, Never>] = [:]
    /// What `next` has to say, in order.
    private var news: [LogError] = []
    /// The cluster's answer that was looked at last.
    private var seenVersion = 0
    private var isEnded = false

    /// What other tasks want, and may know.
    private struct Mailbox {
        var added: [(TopicPartition, Offset)] = []
        var ending: Task<Void, Never>?
        var hasEnded = false
        var missing = 0
    }

    /// How much one call of `next` gives, about.
    private static let limit = (records: 2_000, bytes: 1 << 20)

    init(
        _ client: Client, _ doctor: LaneDoctor, _ topology: Topology, _ troubles: Troubles, _ ends: PartitionEnds,
        _ counters: Counters, retryInterval: Duration
    ) throws(LogError) {
        do { thread = try BlockingThread() } catch { throw .unavailable("no thread could be started") }
        signal = ChangeSignal()
        consumer = try LiveConsumer(client, signal)
        self.client = client
        self.doctor = doctor
        self.topology = topology
        self.troubles = troubles
        self.ends = ends
        self.counters = counters
        self.retryInterval = retryInterval
    }

    // MARK: - LogFollower

    func next() async throws(LogError) -> [FollowedRecords] {
        while true {
            let epoch = signal.epoch
            if isClosed || Task.isCancelled || topology.isClosed { throw .closed }
            begin()
            // Before what comes after it.
            if !news.isEmpty { throw news.removeFirst() }
            let found = take()
            if !found.isEmpty { return found }
            await signal.wait(since: epoch)
        }
    }

    nonisolated func add(_ partition: TopicPartition, from offset: Offset) {
        // Negative offsets mean something else to librdkafka.
        mailbox.withLock { $0.added.append((partition, max(0, offset))) }
        signal.fire()
    }

    nonisolated func close() { _ = beginToEnd() }

    /// Returns when the consumer was ended. `next` throws from now on.
    nonisolated func end() async { await beginToEnd().value }

    private nonisolated func beginToEnd() -> Task<Void, Never> {
        let ending = mailbox.withLock { mailbox in
            if let ending = mailbox.ending { return ending }
            let ending = Task { await finish() }
            mailbox.ending = ending
            return ending
        }
        signal.fire()
        return ending
    }

    private func finish() async {
        isEnded = true
        for examination in examinations.values { examination.cancel() }
        for (partition, lane) in lanes where lane.isStarted { consumer.stop(partition) }
        lanes = [:]
        consumer.close()
        await client.close()
        mailbox.withLock { $0.hasEnded = true }
    }

    /// Whether nothing of the consumer is left.
    nonisolated var hasEnded: Bool { mailbox.withLock { $0.hasEnded } }

    private nonisolated var isClosed: Bool { mailbox.withLock { $0.ending != nil } }

    // MARK: Taking

    /// Starts the partitions that were added.
    private func begin() {
        let added = mailbox.withLock { mailbox in
            defer { mailbox.added = [] }
            return mailbox.added
        }
        for (partition, offset) in added where !isEnded && lanes[partition] == nil {
            lanes[partition] = LiveLane(next: offset)
            if !consumer.start(partition, at: offset) { trouble(.notStarted, partition) }
        }
    }

    /// All that is there, without waiting.
    private func take() -> [FollowedRecords] {
        var found: [TopicPartition: FollowedRecords] = [:]
        var (records, bytes) = (0, 0)
        consumer.drain { fetched in
            switch fetched {
            case .record(let partition, let record):
                guard let outcome = lanes[partition]?.take(record), outcome.isNext else { break }
                if outcome.isOver { isWell(partition) }
                found[partition, default: FollowedRecords(topicPartition: partition, records: [], next: 0)].records
                    .append(record)
                found[partition]?.next = record.offset + 1
                records += 1
                bytes += record.byteCount
            case .end(let partition, let end):
                guard let outcome = lanes[partition]?.reach(end) else { break }
                if outcome.isOver { isWell(partition) }
                guard outcome.moves else { break }
                found[partition, default: FollowedRecords(topicPartition: partition, records: [], next: end)].next = end
            case .failure(let partition, let code, let text, _):
                if let trouble = lanes[partition]?.fail(code, text) { look(after: trouble, partition) }
            }
            return records < Self.limit.records && bytes < Self.limit.bytes
        }
        counters.liveRecords.add(records, ordering: .relaxed)
        for (partition, followed) in found {
            if let last = followed.records.last { ends.saw(partition, last.offset, last.timestamp) }
        }
        return Array(found.values)
    }

    // MARK: Trouble

    /// The topics were read again: looks at what became of the partitions, also while nobody waits in `next`.
    nonisolated func notice() {
        Task {
            await lookAround()
            signal.fire()
        }
    }

    /// How many partitions are not there.
    nonisolated var missing: Int { mailbox.withLock { $0.missing } }

    /// Finds partitions that are gone, came back, or have no leader, where the cluster has answered since the last time.
    private func lookAround() {
        let version = topology.version
        guard version != seenVersion, !isEnded else { return }
        seenVersion = version
        for (partition, lane) in lanes {
            let isThere = topology.contains(partition)
            if !isThere, !lane.isGone {
                vanish(partition)
            } else if isThere, lane.isGone {
                trouble(.returned, partition)
            }
            if isThere, topology.isLeaderless(partition) {
                troubles.begin(
                    .leader(partition), "\(partition) has no leader: it can't be read until a broker leads it")
            } else {
                troubles.end(.leader(partition), "\(partition) has a leader again")
            }
        }
        count()
    }

    private func count() {
        let missing = lanes.values.count(where: \.isGone)
        mailbox.withLock { $0.missing = missing }
    }

    private func vanish(_ partition: TopicPartition) {
        guard let lane = lanes[partition], !lane.isGone else { return }
        examinations.removeValue(forKey: partition)?.cancel()
        if lane.isStarted { consumer.stop(partition) }
        lanes[partition]?.vanish()
        troubles.begin(.existence(partition), level: .warning, "\(partition) is not there any more")
        news.append(.gone(partition))
        count()
    }

    private func trouble(_ trouble: LiveLane.Trouble, _ partition: TopicPartition) {
        lanes[partition]?.fall(into: trouble)
        look(after: trouble, partition)
    }

    /// Tries to find out how the partition goes on, again and again until it is found.
    private func look(after trouble: LiveLane.Trouble, _ partition: TopicPartition) {
        if case .refused(let reason) = trouble {
            troubles.begin(.permission(partition), "the cluster does not let \(partition) be read: \(reason)")
        }
        examinations[partition]?.cancel()
        examinations[partition] = Task { [doctor, retryInterval] in
            while !Task.isCancelled, let lane = lanes[partition], lane.trouble == trouble {
                let finding = await doctor.examine(partition, lane)
                if Task.isCancelled { return }
                if apply(finding, partition) { return }
                do { try await Task.sleep(for: retryInterval) } catch { return }
            }
        }
    }

    /// - Returns: whether the trouble is over.
    private func apply(_ finding: LaneDoctor.Finding, _ partition: TopicPartition) -> Bool {
        switch finding {
        case .unclear(let error):
            // While the whole cluster is silent, or nobody leads the partition, that is said already.
            if topology.silence == nil, !topology.isLeaderless(partition), lanes[partition]?.isRefused == false {
                troubles.begin(.reading(partition), "\(partition) can't be read: \(error)")
            }
            return false
        case .gone:
            vanish(partition)
        case .readable:
            lanes[partition]?.recover()
            isWell(partition)
        case .goOn(let offset, let told):
            if let told { news.append(told) }
            restart(partition, at: offset)
        }
        signal.fire()
        return true
    }

    private func restart(_ partition: TopicPartition, at offset: Offset) {
        guard !isEnded, let lane = lanes[partition] else { return }
        if lane.isStarted { consumer.stop(partition) }
        lanes[partition]?.move(to: offset)
        isWell(partition)
        if !consumer.start(partition, at: offset) { trouble(.notStarted, partition) }
    }

    private func isWell(_ partition: TopicPartition) {
        examinations.removeValue(forKey: partition)?.cancel()
        troubles.end(.reading(partition), "\(partition) can be read again")
        troubles.end(.permission(partition), "\(partition) may be read again")
        troubles.end(.existence(partition), "\(partition) is there again")
        count()
    }
}
