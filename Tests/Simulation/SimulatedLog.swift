internal import EventFormats
internal import EventLog
internal import JSON
internal import Streaming
internal import Synchronization

/// A log in memory that forgets nothing, so that it can say what should have been delivered; and that fails on request.
final class SimulatedLog: EventLog {
    struct Partition: Sendable {
        /// All records that ever were, by offset.
        var records: [Record] = []
        /// What retention has left: offsets from here on.
        var first: Offset = 0
        var damage: [Range<Offset>] = []

        var bounds: PartitionBounds {
            PartitionBounds(
                first: first, next: Offset(records.count), lastTimestamp: timestamp(before: Offset(records.count)),
                maximumTimestamp: records.lazy.filter { !SimulatedPreparer.isHole($0) }.map(\.timestamp).max())
        }

        /// Of the nearest record before an offset, from `start` on.
        func timestamp(before offset: Offset, from start: Offset = 0) -> Timestamp? {
            guard offset > start else { return nil }
            return records[Int(start)..<Int(offset)].last { !SimulatedPreparer.isHole($0) }?.timestamp
        }

        /// Whether the record right before a place is kept and whole.
        func canRead(before place: RequestedPosition.Place?) -> Bool {
            guard case .at(let offset)? = place, offset > first, offset <= Offset(records.count) else { return false }
            return !damage.contains { $0.contains(offset - 1) } && !SimulatedPreparer.isHole(records[Int(offset) - 1])
        }

        /// Of the nearest record before an offset that can be read, from `start` on.
        func readableTimestamp(before offset: Offset, from start: Offset = 0) -> Timestamp? {
            var end = offset
            while let range = damage.first(where: { $0.contains(end - 1) }) { end = range.lowerBound }
            return timestamp(before: end, from: start)
        }
    }

    private struct State {
        var partitions: [TopicPartition: Partition] = [:]
        /// What partitions were before they were made anew.
        var history: [TopicPartition: [Partition]] = [:]
        var failures = 0
        var failed = 0
        var questions = 0
    }

    private let state = Mutex(State())

    subscript(_ partition: TopicPartition) -> Partition {
        state.withLock { $0.partitions[partition] ?? Partition() }
    }

    /// How often a partition was made anew.
    func incarnation(of partition: TopicPartition) -> Int { state.withLock { $0.history[partition]?.count ?? 0 } }

    /// A partition as it was in one of its incarnations.
    func partition(_ partition: TopicPartition, incarnation: Int) -> Partition {
        state.withLock { state in
            let history = state.history[partition] ?? []
            return history.indices.contains(incarnation)
                ? history[incarnation] : state.partitions[partition] ?? Partition()
        }
    }

    /// A new and empty partition under the same name.
    func makeAnew(_ partition: TopicPartition) {
        state.withLock { state in
            state.history[partition, default: []].append(state.partitions[partition] ?? Partition())
            state.partitions[partition] = Partition()
        }
    }

    /// Puts other records in the place of all.
    func replace(_ partition: TopicPartition, _ records: [Record]) {
        state.withLock { $0.partitions[partition] = Partition(records: records) }
    }

    func create(_ partition: TopicPartition) { state.withLock { $0.partitions[partition] = Partition() } }

    func append(_ record: Record, to partition: TopicPartition) {
        state.withLock { $0.partitions[partition]?.records.append(record) }
    }

    func truncate(_ partition: TopicPartition, before offset: Offset) {
        state.withLock { state in
            guard let first = state.partitions[partition]?.first else { return }
            state.partitions[partition]?.first = max(first, offset)
        }
    }

    func damage(_ partition: TopicPartition, _ range: Range<Offset>) {
        state.withLock { $0.partitions[partition]?.damage.append(range) }
    }

    func failNextReads(_ count: Int) { state.withLock { $0.failures = count } }

    var failedReads: Int { state.withLock { $0.failed } }

    /// How often anything was asked about a partition.
    var questions: Int { state.withLock { $0.questions } }

    // MARK: EventLog

    func topics() async throws(LogError) -> [String: Int32] {
        state.withLock { Dictionary($0.partitions.keys.map { ($0.topic, 1) }, uniquingKeysWith: +) }
    }

    func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        for number in 0..<partitions { create(TopicPartition(name, number)) }
    }

    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try lookUp(partition).bounds
    }

    func read(_ partition: TopicPartition, from offset: Offset, limit: ReadLimit) async throws(LogError) -> RecordBlock
    {
        let isFailing = state.withLock { state in
            guard state.failures > 0 else { return false }
            state.failures -= 1
            state.failed += 1
            return true
        }
        if isFailing { throw .unavailable("as asked for") }
        let all = try lookUp(partition)
        guard offset >= all.first, offset <= Offset(all.records.count) else {
            throw .offsetOutOfRange(partition, bounds: all.bounds)
        }
        var end = min(Offset(all.records.count), offset + Offset(limit.records))
        for range in all.damage where range.upperBound > offset && range.lowerBound < end {
            if range.lowerBound <= offset { throw .unreadable(partition, range, detail: "as asked for") }
            end = min(end, range.lowerBound)
        }
        var bytes = 0
        var records: [Record] = []
        for record in all.records[Int(offset)..<Int(end)] where !SimulatedPreparer.isHole(record) {
            bytes += record.value.count
            if bytes > limit.bytes, !records.isEmpty { return RecordBlock(records: records, next: record.offset) }
            records.append(record)
        }
        return RecordBlock(records: records, next: end)
    }

    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        let all = try lookUp(partition)
        var newest = Timestamp.min
        for record in all.records {
            if !SimulatedPreparer.isHole(record) { newest = max(newest, record.timestamp) }
            // What is damaged may have been a record.
            let isThere = !SimulatedPreparer.isHole(record) || all.damage.contains { $0.contains(record.offset) }
            if newest >= time, record.offset >= all.first, isThere { return position(all, record.offset) }
        }
        return all.bounds.end
    }

    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        position(try lookUp(partition), offset)
    }

    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] { records.map { _ in .failure(.closed) } }

    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower { throw .closed }

    func close() async {}

    private func lookUp(_ partition: TopicPartition) throws(LogError) -> Partition {
        let found = state.withLock { state in
            state.questions += 1
            return state.partitions[partition]
        }
        guard let found else { throw .partitionNotFound(partition) }
        return found
    }

    /// As the embedded log: with the timestamp of the nearest record before it that can be read.
    private func position(_ all: Partition, _ offset: Offset) -> Position {
        Position(offset: offset, timestamp: all.readableTimestamp(before: offset, from: all.first))
    }
}

/// Prepares blocks under the rules that hold when each is made.
final class CurrentPreparer: RecordPreparer {
    private let rules = Mutex(0)

    var version: Int { rules.withLock { $0 } }

    func change() { rules.withLock { $0 += 1 } }

    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        SimulatedPreparer(version: version).block(of: partition, records, range: range)
    }
}

/// What a record of the simulation is, and its data.
struct SimulatedPreparer: RecordPreparer {
    /// Of the rules that hold: each lets every third record keep its value and takes a part of it from the others.
    var version: Int

    /// An offset that no record has.
    static func isHole(_ record: Record) -> Bool { record.value.first == UInt8(ascii: "h") }

    static func kind(of record: Record) -> Block.Entry.Kind {
        switch record.value.first {
        case UInt8(ascii: "e"): .event
        case UInt8(ascii: "c"): .canary
        default: .skipped
        }
    }

    /// The event of a record.
    ///
    /// - Parameter members: those of the event's that a client asks for.
    static func data(
        of record: Record, in partition: TopicPartition, under version: Int, _ members: Members = .all
    ) -> [UInt8] {
        let isWhole = version == 0 || Int(record.offset) % 3 == version % 3
        let facts = Facts(record.value)
        var text = String(decoding: record.value.drop { $0 != UInt8(ascii: ".") }, as: UTF8.self)
        if !isWhole { text = String(repeating: "#", count: text.utf8.count + version % 5) }
        let place = "\"topic\":\"\(partition.topic)\",\"partition\":\(partition.partition),\"offset\":\(record.offset)"
        let all = [
            ("wiki", facts.wiki.map { "\"w\($0)\"" }), ("number", facts.number.map { "\($0)" }),
            ("bot", facts.isBot.map { "\($0)" }), ("text", "\"\(text)\""), ("meta", "{\(place)}"),
        ]
        let kept = all.compactMap { name, value in
            members.has(name) ? value.map { "\"\(name)\":\($0)" } : nil
        }
        return Array("{\(kept.joined(separator: ","))}".utf8)
    }

    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        var bytes: [UInt8] = []
        var entries: ContiguousArray<Block.Entry> = []
        var index: [UInt16] = []
        var scanner = JSONScanner()
        for record in records {
            let start = bytes.count
            let data = Self.data(of: record, in: partition, under: version)
            bytes += data
            scanner.removeAll()
            let isScanned = (try? scanner.scanAll(data.span, depth: 8)) != nil
            entries.append(
                Block.Entry(
                    kind: Self.kind(of: record), offset: record.offset, timestamp: record.timestamp, start: start,
                    end: bytes.count, index: isScanned ? Int32(index.count) : -1,
                    keyHash: record.key.map { Share.hash(ofKey: $0) }))
            if isScanned { scanner.appendIndex(ofTextOf: data.count, to: &index) }
        }
        return Block(range: range, entries: entries, bytes: bytes, index: index, version: version)
    }
}
