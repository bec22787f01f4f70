package import EventFilter
internal import EventFormats
package import EventLog
package import Streaming

/// Reads blocks of the log for all loops: each once, however many want it (single flight), and keeps the latest, bounded
/// in bytes.
///
/// Blocks begin at multiples of `alignment` where they can, so that readers who start at different places meet.
package actor BlockLoader {
    private let log: any EventLog
    private let preparer: any RecordPreparer
    private let limit: ReadLimit
    private let maximumBytes: Int
    private var cache: [Key: (block: Block, use: UInt64)] = [:]
    private var flights: [Key: Flight] = [:]
    private var uses: UInt64 = 0
    /// How often each topic was forgotten: what was read before says nothing of it any more.
    private var incarnations: [String: Int] = [:]
    /// Blocks of an older version are not kept.
    private var version = Int.min
    package private(set) var bytes = 0
    /// Blocks read from the log, and blocks given from memory.
    package private(set) var reads = 0
    package private(set) var hits = 0
    /// Blocks that readers with filters passed over.
    package private(set) var passes = 0
    private var summaries: SummaryIndex
    package nonisolated let summaryFields: SummaryFields
    /// Called when something that is kept of summaries must not be read again.
    private let didForget: @Sendable () -> Void
    /// How often that was.
    private var forgets = 0

    private static let alignment: Offset = 256

    private struct Key: Hashable {
        var partition: TopicPartition
        var start: Offset
    }

    /// A read that is under way.
    private struct Flight {
        /// What it was begun for.
        var offset: Offset
        var task: Task<BlockResult, Never>
    }

    /// - Parameters:
    ///   - blockBytes: about the size of a block.
    ///   - maximumBytes: what all kept blocks may cost.
    ///   - summaryFields: the loader summarises the values of these fields for each block.
    ///   - summaryBytes: the most memory for all summaries.
    ///   - didForget: called when what `keptSummaries` gave before must not be read again: a topic was made anew. To come back
    ///     at once.
    package init(
        log: any EventLog, preparer: any RecordPreparer, blockBytes: Int = 1 << 20, maximumBytes: Int = 64 << 20,
        summaryFields: SummaryFields = .none, summaryBytes: Int = 16 << 20,
        didForget: @escaping @Sendable () -> Void = {}
    ) {
        self.log = log
        self.preparer = preparer
        limit = ReadLimit(records: Int(Self.alignment), bytes: blockBytes)
        self.maximumBytes = maximumBytes
        self.summaryFields = summaryFields
        self.didForget = didForget
        summaries = SummaryIndex(summaryFields, alignment: Self.alignment, maximumBytes: summaryBytes)
    }

    /// The block that holds `offset`, or what is known of why there is none.
    ///
    /// - Parameter search: what the reader looks for. It gets one block in the place of all those that can't have it.
    package func block(
        of partition: TopicPartition, at offset: Offset, for search: BlockSearch? = nil
    ) async -> BlockResult {
        guard offset >= 0 else { return .unavailable }
        if let search, let passed = summaries.pass(over: partition, from: offset, search) {
            passes += passed.count
            return .block(passed.block)
        }
        var start = offset / Self.alignment * Self.alignment
        while true {
            let key = Key(partition: partition, start: start)
            if let block = cached(key) {
                if block.range.contains(offset) { return .block(block) }
                if block.range.upperBound <= offset, block.range.upperBound > start {
                    start = block.range.upperBound
                    continue
                }
            }
            let flight = flights[key] ?? begin(key, for: offset)
            switch await flight.task.value {
            case .block(let block):
                if block.range.upperBound <= offset, block.range.upperBound > start {
                    start = block.range.upperBound
                } else if flight.offset == offset || block.range.contains(offset) {
                    return .block(block)
                }
            case .missing(let next, let reason, let detail):
                // What another asked for may be missing where this is not.
                if flight.offset == offset { return .missing(next: next, reason, detail: detail) }
            case .unavailable: return .unavailable
            }
        }
    }

    /// The read is forgotten before anybody has its result, so that nobody joins one that is over.
    private func begin(_ key: Key, for offset: Offset) -> Flight {
        let incarnation = incarnations[key.partition.topic]
        let task = Task<BlockResult, Never> {
            let result = await load(key, atLeast: offset)
            flights[key] = nil
            guard incarnation == incarnations[key.partition.topic] else {
                // What was read may be of the old one; that there is a new one was found out by this read.
                if case .missing(_, .topicRecreated, _) = result { return result }
                return .unavailable
            }
            if case .block(let block) = result { keep(block, key) }
            return result
        }
        let flight = Flight(offset: offset, task: task)
        flights[key] = flight
        return flight
    }

    private func load(_ key: Key, atLeast offset: Offset) async -> BlockResult {
        let room = Int(Self.alignment - key.start % Self.alignment)
        do throws(LogError) {
            let records = min(limit.records, room)
            let block = try await log.read(
                key.partition, from: key.start, limit: ReadLimit(records: records, bytes: limit.bytes))
            reads += 1
            guard block.next > key.start else {
                // The partition's end, which may be before what was asked for.
                let bounds = try await log.bounds(of: key.partition)
                return await explain(.offsetOutOfRange(key.partition, bounds: bounds), key, offset)
            }
            return .block(preparer.block(of: key.partition, block.records, range: key.start..<block.next))
        } catch {
            return await explain(error, key, offset)
        }
    }

    private func explain(_ error: LogError, _ key: Key, _ offset: Offset) async -> BlockResult {
        switch error {
        case .offsetOutOfRange(_, let bounds):
            if offset < bounds.first {
                let detail = "the records before offset \(bounds.first) are not kept any more"
                return .missing(next: bounds.first, .retention, detail: detail)
            }
            if offset > bounds.next {
                let detail = "the partition ends at offset \(bounds.next): it was made anew"
                forget(key.partition.topic)
                return .missing(next: bounds.first, .topicRecreated, detail: detail)
            }
            // Retention took the front of the block, not the record that was asked for; or it is still to come.
            guard offset < bounds.next, key.start < bounds.first else { return .unavailable }
            return await load(Key(partition: key.partition, start: max(bounds.first, key.start)), atLeast: offset)
        case .unreadable(_, let range, let detail):
            guard range.upperBound > offset else {
                guard key.start < offset else { return .unavailable }
                return await load(Key(partition: key.partition, start: offset), atLeast: offset)
            }
            if range.lowerBound > key.start {
                // What stands before the damage can be had.
                return await load(before: range.lowerBound, key, offset)
            }
            return .missing(next: range.upperBound, .unreadable, detail: detail)
        case .topicNotFound, .partitionNotFound, .gone, .recreated:
            return .missing(next: .max, .topicUnavailable, detail: error.description)
        case .full, .recordTooLarge, .refused, .unavailable, .invalid, .closed:
            return .unavailable
        }
    }

    private func load(before damage: Offset, _ key: Key, _ offset: Offset) async -> BlockResult {
        if offset >= damage {
            return await load(Key(partition: key.partition, start: offset), atLeast: offset)
        }
        let room = ReadLimit(records: Int(min(damage - key.start, Self.alignment)), bytes: limit.bytes)
        do throws(LogError) {
            let block = try await log.read(key.partition, from: key.start, limit: room)
            reads += 1
            guard block.next > key.start else { return .unavailable }
            return .block(preparer.block(of: key.partition, block.records, range: key.start..<block.next))
        } catch {
            return .unavailable
        }
    }

    // MARK: The cache

    private func cached(_ key: Key) -> Block? {
        guard let found = cache[key] else { return nil }
        uses += 1
        hits += 1
        cache[key]?.use = uses
        return found.block
    }

    /// Keeps a block, and lets go of those that were not used for longest.
    private func keep(_ block: Block, _ key: Key) {
        guard block.version >= version else { return }
        summaries.note(block, of: key.partition, from: key.start)
        uses += 1
        if let old = cache.updateValue((block, uses), forKey: key) { bytes -= old.block.cost }
        bytes += block.cost
        while bytes > maximumBytes, let oldest = cache.min(by: { $0.value.use < $1.value.use }) {
            cache[oldest.key] = nil
            bytes -= oldest.value.block.cost
        }
    }

    /// Sums up records that came in live, so that they are known when they are history.
    package func noteLive(_ block: Block, of partition: TopicPartition) {
        if block.version >= version { summaries.noteLive(block, of: partition) }
    }

    /// The memory that all summaries take, in bytes.
    package var summaryBytes: Int { summaries.bytes }

    /// Forgets every block that was prepared under an older version of the rules than this, and keeps none from now on.
    /// A read under way may still return a block of an older version: `FanOut` asks for that block again.
    package func purge(olderThan version: Int) {
        self.version = max(self.version, version)
        summaries.purge(olderThan: version)
        for (key, value) in cache where value.block.version < version {
            cache[key] = nil
            bytes -= value.block.cost
        }
    }

    /// Forgets all of a topic, for it was made anew. To be called before the tail gets the first record of the new one.
    package func forget(_ topic: String) {
        incarnations[topic, default: 0] += 1
        forgets += 1
        didForget()
        summaries.forget(topic)
        for (key, value) in cache where key.partition.topic == topic {
            cache[key] = nil
            bytes -= value.block.cost
        }
    }

    // MARK: Summaries that outlive the process

    /// Gives the summaries of the blocks that were read, so that they can be kept with the log.
    ///
    /// - Parameter known: `changes` of what was kept last.
    /// - Returns: nil where nothing has changed since.
    package func keptSummaries(under rules: SummaryRules, since known: Int?) -> (bytes: [UInt8], changes: Int)? {
        guard summaries.changes != known else { return nil }
        let all = summaries.summaries(version: rules.version)
        return (SummaryFile(fields: summaryFields, all, mark: rules.mark).bytes, summaries.changes)
    }

    /// Whether a topic was made anew since so much had changed.
    package var forgetCount: Int { forgets }

    /// Takes over what was kept of blocks that the log still has and that were prepared under the same rules.
    ///
    /// - Parameter bytes: what `keptSummaries` gave, or anything.
    /// - Returns: how many blocks are known by that.
    package func restoreSummaries(_ bytes: [UInt8], under rules: SummaryRules) async -> Int {
        let groups = SummaryFile.read(bytes, fields: summaryFields)
        var count = 0
        for group in groups where group.mark == rules.mark(group.partition.topic) {
            guard let kept = await current(group) else { continue }
            for summary in kept { summaries.add(summary, version: rules.version) }
            count += kept.count
        }
        return count
    }

    /// Those of a partition's summaries that are of records which the log has. Nil: they are of another log, or nobody can tell.
    private func current(_ group: SummaryFile.Group) async -> [KeptSummary]? {
        do throws(LogError) {
            let bounds = try await log.bounds(of: group.partition)
            let kept = group.summaries.filter {
                $0.range.lowerBound >= bounds.first && $0.range.upperBound <= bounds.next
            }
            guard let last = kept.max(by: { $0.last.offset < $1.last.offset })?.last else { return nil }
            // After a crash the log may have lost its newest records, and others may have come in their place.
            return try await log.position(in: group.partition, at: last.offset) == last ? kept : nil
        } catch {
            return nil
        }
    }
}
