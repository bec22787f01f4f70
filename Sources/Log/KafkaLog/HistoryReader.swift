internal import CRdKafka
internal import EventLog
internal import Synchronization
internal import System

/// Reads old records: one consumer on a thread of its own, one fetch at a time.
actor HistoryReader {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Nil once closed.
    private var client: Client?
    private let timeout: Int32
    private let topology: Topology
    private let ends: PartitionEnds
    private let counters: Counters
    private var ranges: FetchedRanges
    private var times = FoundTimes()

    init(
        _ client: Client, _ options: KafkaLogOptions, _ topology: Topology, _ ends: PartitionEnds, _ counters: Counters
    ) throws(LogError) {
        do { thread = try BlockingThread() } catch { throw .unavailable("no thread could be started") }
        self.client = client
        timeout = options.requestTimeout
        self.topology = topology
        self.ends = ends
        self.counters = counters
        ranges = FetchedRanges(limit: options.fetchedBytes / max(1, options.readers))
    }

    func close() async {
        let last = client
        client = nil
        await last?.close()
    }

    func forget(_ topic: String) {
        ranges.forget(topic)
        times.forget(topic)
    }

    // MARK: Questions

    /// The first offset kept and the next one.
    func watermarks(_ partition: TopicPartition) throws(LogError) -> Range<Offset> {
        try topology.check(partition)
        let client = try instance()
        let low = try client.offset(partition, at: Int64(RD_KAFKA_OFFSET_BEGINNING), timeout: timeout) ?? 0
        let high = try client.offset(partition, at: Int64(RD_KAFKA_OFFSET_END), timeout: timeout) ?? low
        return low..<max(low, high)
    }

    func bounds(of partition: TopicPartition) throws(LogError) -> PartitionBounds {
        let offsets = try watermarks(partition)
        guard offsets.lowerBound < offsets.upperBound else {
            let last = ends.timestamp(partition, before: offsets.upperBound)
            return PartitionBounds(first: offsets.lowerBound, next: offsets.upperBound, lastTimestamp: last)
        }
        let last = try timestamp(before: offsets.upperBound, partition, offsets)
        return PartitionBounds(first: offsets.lowerBound, next: offsets.upperBound, lastTimestamp: last)
    }

    func position(in partition: TopicPartition, at offset: Offset) throws(LogError) -> Position {
        guard offset > 0 else { return Position(offset: offset) }
        return Position(offset: offset, timestamp: try timestamp(before: offset, partition, nil))
    }

    /// The first record whose timestamp is at or after `time`, as the broker knows it: the same as the first whose running
    /// maximum is.
    func position(in partition: TopicPartition, atOrAfter time: Timestamp) throws(LogError) -> Position {
        let client = try instance()
        // To the broker, negative times mean something else.
        guard time > 0 else { return Position(offset: try watermarks(partition).lowerBound) }
        if let found = times.find(partition, time) { return found }
        if let offset = try client.offset(partition, at: time, timeout: timeout) {
            return try remember(partition, time, offset)
        }
        let end = try bounds(of: partition).end
        // A record may have come between these questions. Where there is none at `time` still, whatever comes is behind that end.
        guard let offset = try client.offset(partition, at: time, timeout: timeout) else { return end }
        return try remember(partition, time, offset)
    }

    private func remember(
        _ partition: TopicPartition, _ time: Timestamp, _ offset: Offset
    ) throws(LogError) -> Position {
        let position = try position(in: partition, at: offset)
        times.add(partition, time, position)
        return position
    }

    /// - Returns: nil where `offset` is out of range.
    /// - Throws: `unreadable` where the batch at `offset` is damaged.
    func read(_ partition: TopicPartition, from offset: Offset, limit: ReadLimit) throws(LogError) -> RecordBlock? {
        guard let range = try range(partition, at: offset) else { return nil }
        if let damage = range.damage { throw .unreadable(partition, offset..<range.offsets.upperBound, detail: damage) }
        return range.block(from: offset, limit)
    }

    /// The timestamp of the nearest record before `offset`. Where that is not the one right before, it is looked for in
    /// growing steps. Nil where there is none, and where the one before is damaged: then nothing is known of it.
    private func timestamp(
        before offset: Offset, _ partition: TopicPartition, _ known: Range<Offset>?
    ) throws(LogError) -> Timestamp? {
        if let last = ends.timestamp(partition, before: offset) { return last }
        if known == nil, offset > 0, let range = try range(partition, at: offset - 1) {
            if range.damage != nil { return nil }
            if let found = range.timestamp(before: offset) { return found }
        }
        let offsets: Range<Offset>
        if let known { offsets = known } else { offsets = try watermarks(partition) }
        let end = min(offset, offsets.upperBound)
        var (upper, step): (Offset, Offset) = (end, 1)
        while upper > offsets.lowerBound {
            let lower = max(offsets.lowerBound, upper - step)
            var (place, found, isDamaged): (Offset, Timestamp?, Bool) = (lower, nil, false)
            while place < end {
                guard let range = try range(partition, at: place), range.offsets.upperBound > place else { break }
                if range.damage != nil {
                    (found, isDamaged) = (nil, true)
                } else if let last = range.timestamp(before: end) {
                    (found, isDamaged) = (last, false)
                }
                place = range.offsets.upperBound
            }
            if isDamaged { return nil }
            if let found { return found }
            (upper, step) = (lower, step * 8)
        }
        return nil
    }

    // MARK: Fetches

    private func instance() throws(LogError) -> Client {
        try topology.check()
        guard let client else { throw .closed }
        counters.questions.add(1, ordering: .relaxed)
        return client
    }

    /// The records from `offset` on, fetched now or a moment ago; nil where it is out of range.
    private func range(_ partition: TopicPartition, at offset: Offset) throws(LogError) -> FetchedRange? {
        if let found = ranges.find(partition, offset) { return found }
        try topology.check(partition)
        let range: FetchedRange
        switch try fetch(partition, at: offset) {
        case .records(let found): range = found
        case .outOfRange: return nil
        case .damage:
            // Once more: the bytes may have been damaged on their way.
            switch try fetch(partition, at: offset) {
            case .records(let found): range = found
            case .outOfRange: return nil
            case .damage(let damage):
                let end = try end(of: damage, partition, from: offset)
                range = FetchedRange(offsets: offset..<end, records: [], damage: damage.text)
            }
        }
        ranges.add(partition, range)
        return range
    }

    /// Finds where damaged records end: at the first offset from which on something else can be read, or at the partition's end.
    /// A fetch from within a batch brings the whole batch, so that steps may grow, and then halve what is left.
    private func end(
        of damage: FetchOutcome.Damage, _ partition: TopicPartition, from offset: Offset
    ) throws(LogError) -> Offset {
        func isDamaged(_ place: Offset) throws(LogError) -> Bool {
            guard case .damage(let found) = try fetch(partition, at: place) else { return false }
            return found.batch == damage.batch
        }
        var low = offset + 1
        var high = try watermarks(partition).upperBound
        var step: Offset = 1
        while low < high {
            let place = min(low + step - 1, high - 1)
            guard try isDamaged(place) else {
                high = place
                break
            }
            low = place + 1
            step *= 2
        }
        while low < high {
            let middle = low + (high - low) / 2
            if try isDamaged(middle) { low = middle + 1 } else { high = middle }
        }
        return max(high, offset + 1)
    }

    private func fetch(_ partition: TopicPartition, at offset: Offset) throws(LogError) -> FetchOutcome {
        let client = try instance()
        let topic = unsafe try client.topic(partition.topic)
        guard let queue = unsafe rd_kafka_queue_new(client.handle) else { throw .unavailable("Kafka: no queue") }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        guard unsafe rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0 else {
            throw LogError(rd_kafka_last_error(), partition)
        }
        // Without waiting for more: what is on its way is dropped.
        defer { unsafe rd_kafka_consume_stop(topic, partition.partition) }
        counters.fetches.add(1, ordering: .relaxed)
        return unsafe try collect(queue, client, partition, offset)
    }

    /// Waits for what the fetch brings and takes all of it.
    ///
    /// - Parameter queue: of the partition's fetch, destroyed by the caller afterwards.
    private func collect(
        _ queue: OpaquePointer, _ client: Client, _ partition: TopicPartition, _ offset: Offset
    ) throws(LogError) -> FetchOutcome {
        let deadline = ContinuousClock.now + .milliseconds(Int(timeout))
        var reader = MessageReader()
        var records: [Record] = []
        var next: Offset?
        var wait: Int32 = 3
        fetching: while next == nil {
            guard let message = unsafe rd_kafka_consume_queue(queue, records.isEmpty ? wait : 0) else {
                if !records.isEmpty { break }
                // Having brought more than `queued.min.messages`, the broker's thread may sleep for up to a second before it
                // looks at what else is to be fetched. Any request wakes it.
                _ = try? client.offset(partition, at: Int64(RD_KAFKA_OFFSET_END), timeout: 500)
                wait = 50
                guard ContinuousClock.now < deadline, !topology.isClosed else {
                    throw topology.isClosed ? .closed : .unavailable("Kafka: no answer from \(partition) in time")
                }
                try topology.check(partition)
                continue
            }
            switch unsafe reader.take(message) {
            case .record(_, let record): if record.offset >= offset { records.append(record) }
            case .end(_, let end): next = max(end, offset)
            case .failure(_, let code, let text, let batch):
                if code.isOutOfRange { return .outOfRange }
                if code.isDamage {
                    guard records.isEmpty else { break fetching }
                    return .damage(FetchOutcome.Damage(batch: batch >= 0 ? batch : nil, text: text))
                }
                if code.isUnknownTopic || code.isRefusal { throw LogError(code, partition) }
                // The rest librdkafka tries again by itself.
                if ContinuousClock.now >= deadline { throw .unavailable("Kafka: \(partition): \(text)") }
            case nil: break
            }
        }
        counters.historyRecords.add(records.count, ordering: .relaxed)
        let end = max(next ?? 0, records.last.map { $0.offset + 1 } ?? offset)
        return .records(FetchedRange(offsets: offset..<end, records: records))
    }
}

/// What one fetch found at an offset.
private enum FetchOutcome {
    /// All there was to be had, in order.
    case records(FetchedRange)
    case outOfRange
    case damage(Damage)

    /// A batch that can't be read.
    struct Damage {
        /// Its first offset, where the library knows.
        var batch: Offset?
        /// What is wrong with it.
        var text: String
    }
}
