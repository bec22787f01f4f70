public import EventLog
internal import Synchronization

/// An event log in a Kafka cluster. Any number of processes may use it; none has a state of its own.
///
///     append ──▶ Producer ──────▶ cluster ──▶ HistoryReaders ◀── read, position, bounds
///                                   └───────▶ LiveReader ──▶ live records
///     topics, createTopic ──▶ Control
public final class KafkaLog: EventLog {
    private let options: KafkaLogOptions
    private let topology: Topology
    private let control: Control
    private let history: HistoryReaders
    private let producer: Producer
    private let ends: PartitionEnds
    private let counters: Counters
    private let readers = Mutex<[LiveReader]>([])
    private let watch = Mutex<Task<Void, Never>?>(nil)
    private let events: EventSink
    /// How long records are still taken in the hope that a silent cluster comes back.
    private static let patience: Duration = .seconds(2)

    private init(
        _ options: KafkaLogOptions, _ topology: Topology, _ control: Control, _ history: HistoryReaders,
        _ producer: Producer, _ ends: PartitionEnds, _ counters: Counters, _ events: EventSink
    ) {
        self.options = options
        self.topology = topology
        self.control = control
        self.history = history
        self.producer = producer
        self.ends = ends
        self.counters = counters
        self.events = events
    }

    deinit { watch.withLock { $0?.cancel() } }

    /// Connects to the cluster.
    ///
    /// - Throws: `invalid`, with what to change, where the properties can't be used or no broker answers.
    public static func open(_ options: KafkaLogOptions) async throws(LogError) -> KafkaLog {
        guard !options.brokers.isEmpty else {
            throw .invalid("kafka.brokers is empty; write HOST:PORT of a broker or more")
        }
        let mistakes = KafkaProperties.mistakes(options.properties, hint: options.hint)
        guard mistakes.isEmpty else { throw .invalid(mistakes.joined(separator: "\n")) }
        let topology = Topology()
        let counters = Counters()
        let ends = PartitionEnds()
        let events = EventSink(options, counters, topology)
        let control = try Control(options, topology, events, try Client(.control, options, onEvent: events.handler()))
        let producer: Producer
        do throws(LogError) {
            producer = try Producer(options, ends, events)
            try await reach(control, options, events)
        } catch {
            _ = await Task { await control.close() }.ended(within: options.closeTime)
            throw events.explain(error)
        }
        var readers: [HistoryReader] = []
        do throws(LogError) {
            for _ in 0..<max(1, options.readers) {
                let client = try Client(.history, options, onEvent: events.handler())
                readers.append(try HistoryReader(client, options, topology, ends, counters))
            }
        } catch {
            let made = HistoryReaders(readers, control)
            _ = await Task {
                await made.close()
                await control.close()
            }.ended(within: options.closeTime)
            throw error
        }
        let history = HistoryReaders(readers, control)
        let log = KafkaLog(options, topology, control, history, producer, ends, counters, events)
        log.startWatch()
        return log
    }

    /// Asks the cluster for its topics until it answers, or `grace` has passed. Brokers may be starting at the same moment, or
    /// electing a controller.
    private static func reach(
        _ control: Control, _ options: KafkaLogOptions, _ events: EventSink
    ) async throws(LogError) {
        let deadline = ContinuousClock.now + options.grace
        while true {
            do throws(LogError) {
                try await control.topics()
                return
            } catch {
                guard error.isTransient, .now < deadline, !events.isRefused else { throw error }
            }
            do { try await Task.sleep(for: options.retryInterval) } catch { throw .closed }
        }
    }

    // MARK: - EventLog

    public func topics() async throws(LogError) -> [String: Int32] {
        guard !topology.isClosed else { throw .closed }
        return try await control.topics()
    }

    public func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        guard !topology.isClosed else { throw .closed }
        try await control.create(name, partitions: partitions)
    }

    public func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await find(partition)
        return try await history.bounds(of: partition)
    }

    public func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try await find(partition)
        if offset >= 0, let block = try await history.read(partition, from: offset, limit: limit) { return block }
        let bounds = try await history.bounds(of: partition)
        // The broker may know better than a moment ago.
        if offset >= bounds.first, offset <= bounds.next {
            throw .unavailable("Kafka: \(partition) moved on meanwhile")
        }
        throw .offsetOutOfRange(partition, bounds: bounds)
    }

    /// What is gone counts for nothing here: the cluster does not know its timestamps.
    public func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try await find(partition)
        return try await history.position(in: partition, atOrAfter: time)
    }

    public func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try await find(partition)
        return try await history.position(in: partition, at: offset)
    }

    /// A record counts as stored when all replicas in sync have it. Timestamps before 1970 become the first millisecond
    /// after its beginning: Kafka has no other.
    public func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        guard !topology.isClosed else { return records.map { _ in .failure(.closed) } }
        if let silence = topology.silence, .now - silence.since > Self.patience {
            // Records that wait for a cluster that is away keep their senders waiting until they give up.
            return records.map { _ in .failure(.unavailable("Kafka: \(silence.reason)")) }
        }
        var results: [Result<Appended, LogError>] = []
        var known: [NewRecord] = []
        var places: [Int] = []
        var topics: [String: LogError?] = [:]
        for (index, record) in records.enumerated() {
            let refusal: LogError?
            if let asked = topics[record.topic] {
                refusal = asked
            } else {
                refusal = await self.refusal(of: record.topic)
                topics[record.topic] = .some(refusal)
            }
            results.append(.failure(refusal ?? .closed))
            guard refusal == nil else { continue }
            known.append(record)
            places.append(index)
        }
        for (place, result) in zip(places, await producer.append(known)) {
            results[place] = result
        }
        return results
    }

    public func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        for partition in starts.keys { try await find(partition) }
        let client = try Client(.live, options, onEvent: events.handler())
        let reader: LiveReader
        do throws(LogError) {
            reader = try LiveReader(
                client, LaneDoctor(history: history, ends: ends), topology, events.troubles, ends, counters,
                retryInterval: options.retryInterval)
        } catch {
            await client.close()
            throw error
        }
        readers.withLock { readers in
            readers.removeAll(where: \.hasEnded)
            readers.append(reader)
        }
        guard !topology.isClosed else {
            // The log was closed meanwhile, and may not have seen it.
            reader.close()
            throw .closed
        }
        for (partition, offset) in starts { reader.add(partition, from: offset) }
        return reader
    }

    /// Stores what was taken and ends the instances, for `closeTime` at most: librdkafka may wait for a broker for ever. What
    /// has not ended by then is left behind, with its threads.
    public func close() async {
        guard topology.close() else { return }
        watch.withLock { $0 }?.cancel()
        let ending = Task { [readers = readers.withLock { $0 }, producer, history, control] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await producer.close() }
                for reader in readers { group.addTask { await reader.end() } }
                group.addTask { await history.close() }
                group.addTask { await control.close() }
            }
        }
        if await !ending.ended(within: options.closeTime) {
            events.troubles.tell(
                .warning, "the connections to the Kafka cluster did not end in time and are left behind")
        }
    }

    public var failure: LogError? {
        if let silence = topology.silence, .now - silence.since >= options.grace {
            return .unavailable("the Kafka cluster can't be reached: \(events.lastFailure ?? silence.reason)")
        }
        if let partition = events.troubles.refused(for: options.grace) {
            return .unavailable("the Kafka cluster does not let \(partition) be read")
        }
        return nil
    }

    // MARK: -

    public var statistics: KafkaStatistics {
        KafkaStatistics(
            isReachable: topology.silence == nil, receivedBytes: counters.received.withLock { $0.values.reduce(0, +) },
            liveRecords: counters.liveRecords.load(ordering: .relaxed),
            historyRecords: counters.historyRecords.load(ordering: .relaxed),
            fetches: counters.fetches.load(ordering: .relaxed), unreadPartitions: events.troubles.unreadPartitions)
    }

    /// Partitions that are read live and are not there.
    package var missingPartitions: Int { readers.withLock { $0.reduce(0) { $0 + $1.missing } } }

    /// How often the threads that read history have turned to the cluster.
    package var questions: Int { counters.questions.load(ordering: .relaxed) }

    /// Bytes of key and value.
    public var maximumRecordBytes: Int { producer.maximumRecordBytes }

    /// Removes a partition's records before `offset`. Its other records and its next offset stay.
    public func truncate(_ partition: TopicPartition, before offset: Offset) async throws(LogError) {
        try await control.deleteRecords(partition, before: offset)
        await history.forget(partition.topic)
    }

    public func deleteTopic(_ name: String) async throws(LogError) {
        try await control.deleteTopic(name)
        await history.forget(name)
        ends.forget(name)
    }

    /// - Throws: `topicNotFound` or `partitionNotFound`, once the cluster was asked.
    private func find(_ partition: TopicPartition) async throws(LogError) {
        guard !topology.isClosed else { throw .closed }
        if topology.contains(partition) { return }
        try topology.check()
        guard let count = try await control.topics()[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard (0..<count).contains(partition.partition) else { throw .partitionNotFound(partition) }
    }

    /// Why nothing can be appended to a topic; nil where it exists.
    private func refusal(of topic: String) async -> LogError? {
        if topology.count(topic) != nil { return nil }
        do throws(LogError) {
            try topology.check()
            return try await control.topics()[topic] == nil ? .topicNotFound(topic) : nil
        } catch {
            return error
        }
    }

    /// Asks for the topics now and then: what is new or gone shows, and whether the cluster answers.
    private func startWatch() {
        let task = Task { [weak self, control, options, topology] in
            var last = ContinuousClock.now
            while !Task.isCancelled, !topology.isClosed {
                do { try await Task.sleep(for: min(options.refreshInterval, .milliseconds(500))) } catch { return }
                // A cluster that does not answer is asked more often: nobody is served from it until it does.
                let isDue = .now - last >= options.refreshInterval
                let isUnsettled = topology.silence != nil || topology.isInDoubt || topology.hasLeaderless
                guard isDue || isUnsettled else { continue }
                last = .now
                let timeout: Int32 = topology.isInDoubt ? 2_000 : 5_000
                topology.isInDoubt = false
                guard (try? await control.topics(timeout: timeout)) != nil else { continue }
                for reader in self?.readers.withLock({ $0 }) ?? [] { reader.notice() }
            }
        }
        watch.withLock { $0 = task }
    }
}
