package import EventFormats
package import EventLog
package import Streaming

/// Where a client asks to start (contract, sections 2 and 4).
package enum StartPoint: Hashable, Sendable {
    case live
    /// At the first record at or after this time.
    case since(Timestamp)
    /// So many matching events before the end.
    case last(Int)
    /// Where an id says; what it leaves open starts at `since`, or live.
    case id([RequestedPosition], since: Timestamp?)
}

/// What a start point means in the log as it is now.
package struct ResolvedStart: Sendable {
    package var start: SubscriptionRequest.Start
    /// What must be told first. Until it is, the partition stands where the client asked.
    package var gaps: [PendingGap]
    /// The partitions to serve, where the id named just some; nil: all.
    package var only: [TopicPartition]?

    package init(start: SubscriptionRequest.Start, gaps: [PendingGap] = [], only: [TopicPartition]? = nil) {
        self.start = start
        self.gaps = gaps
        self.only = only
    }
}

/// Why a start point can't be served.
package enum StartError: Error, Hashable, Sendable {
    /// No entry of the id names a topic of the request.
    case topicNotAvailable([String])
    case log(LogError)
}

/// Turns start points into positions, by asking the log.
package struct StartResolver: Sendable {
    let log: any EventLog
    /// The partitions of the request's topics, sorted. A topic that doesn't exist yet stands for its partition 0.
    let partitions: [TopicPartition]
    /// Partitions that do not exist in the log yet: they begin at offset 0 when they do.
    let isMissing: @Sendable (TopicPartition) -> Bool
    /// When a partition appeared, if that was while somebody watched.
    let appeared: @Sendable (TopicPartition) -> Timestamp?
    /// Whether the client would see an event of this value: for `last`.
    let matches: @Sendable (TopicPartition, Record) -> Bool

    package init(
        log: any EventLog, partitions: [TopicPartition],
        isMissing: @escaping @Sendable (TopicPartition) -> Bool = { _ in false },
        appeared: @escaping @Sendable (TopicPartition) -> Timestamp? = { _ in nil },
        matches: @escaping @Sendable (TopicPartition, Record) -> Bool = { _, _ in true }
    ) {
        self.log = log
        self.partitions = partitions
        self.isMissing = isMissing
        self.appeared = appeared
        self.matches = matches
    }

    package func resolve(_ point: StartPoint) async throws(StartError) -> ResolvedStart {
        do throws(LogError) {
            switch point {
            case .live: return ResolvedStart(start: .live)
            case .since(let time): return try await since(time)
            case .last(let count): return try await last(count)
            case .id(let entries, let time): return try await id(entries, time)
            }
        } catch {
            if case .topicNotFound(let topics) = error { throw .topicNotAvailable([topics]) }
            throw .log(error)
        }
    }

    private func bounds(_ partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        if isMissing(partition) { return PartitionBounds(first: 0, next: 0) }
        return try await log.bounds(of: partition)
    }

    // MARK: By time

    private func since(_ time: Timestamp) async throws(LogError) -> ResolvedStart {
        var result = ResolvedStart(start: .live)
        var positions: [TopicPartition: Position] = [:]
        for partition in partitions {
            positions[partition] = try await place(partition, at: time, &result.gaps)
        }
        result.start = .at(positions)
        return result
    }

    /// The first record at or after `time`, with a gap where there may have been older ones that are gone.
    private func place(
        _ partition: TopicPartition, at time: Timestamp, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        if isMissing(partition) { return Position(offset: 0) }
        let position = try await log.position(in: partition, atOrAfter: time)
        // Afterwards, so that what retention takes meanwhile is told.
        let bounds = try await bounds(partition)
        guard bounds.first > 0, isOldest(position, bounds, time) else { return position }
        // Nothing older is kept, and timestamps need not grow: only if all ever were older is nothing missing for sure.
        if let newest = bounds.maximumTimestamp, newest < time { return position }
        let gap = Gap(
            partition, from: nil, to: position.offset, reason: .retention,
            detail: "the time asked for is older than the records kept")
        gaps.append(PendingGap(gap, after: .init(partition, position)))
        return Position(offset: bounds.first - 1)
    }

    /// Whether nothing is kept before a position that was found by time. There may be a hole between the two, and
    /// nothing but a hole, while the log still knows how new its records were.
    private func isOldest(_ position: Position, _ bounds: PartitionBounds, _ time: Timestamp) -> Bool {
        position.offset <= bounds.first || position.timestamp == nil
            || position.offset >= bounds.next && bounds.maximumTimestamp ?? .min >= time
    }

    private func first(_ partition: TopicPartition, _ bounds: PartitionBounds) async throws(LogError) -> Record? {
        do throws(LogError) {
            return try await log.read(partition, from: bounds.first, limit: ReadLimit(records: 1, bytes: 1)).records
                .first
        } catch {
            // Gone or damaged meanwhile: then nothing is known of it.
            if case .offsetOutOfRange = error { return nil }
            if case .unreadable = error { return nil }
            throw error
        }
    }

    // MARK: By id

    private func id(_ entries: [RequestedPosition], _ time: Timestamp?) async throws(LogError) -> ResolvedStart {
        var result = ResolvedStart(start: .live)
        var positions: [TopicPartition: Position] = [:]
        var named: [TopicPartition: RequestedPosition] = [:]
        var whole: Set<String> = []
        var unknown: [String] = []
        for entry in entries {
            guard partitions.contains(where: { $0.topic == entry.topic }) else {
                drop(entry, "its topic is not one of this stream's", &result.gaps)
                unknown.append(entry.topic)
                continue
            }
            guard let number = entry.partition else {
                whole.insert(entry.topic)
                continue
            }
            let partition = TopicPartition(entry.topic, number)
            guard partitions.contains(partition) else {
                drop(entry, "there is no such partition", &result.gaps)
                unknown.append("\(entry.topic)/\(number)")
                continue
            }
            named[partition] = entry
        }
        guard !named.isEmpty || !whole.isEmpty else {
            throw .topicNotFound(unknown.joined(separator: ", "))
        }
        for partition in partitions {
            if let entry = named[partition] {
                positions[partition] = try await place(entry, partition, &result.gaps)
            } else if whole.contains(partition.topic) {
                if let time {
                    positions[partition] = try await place(partition, at: time, &result.gaps)
                } else {
                    positions[partition] = try await bounds(partition).end
                }
            } else if let start = try await youngPartition(partition, named) {
                positions[partition] = start
            }
        }
        result.start = .at(positions)
        if positions.count < partitions.count { result.only = partitions.filter { positions[$0] != nil } }
        return result
    }

    private func drop(_ entry: RequestedPosition, _ why: String, _ gaps: inout [PendingGap]) {
        gaps.append(
            PendingGap(
                Gap(
                    topic: entry.topic, partition: entry.partition, reason: .topicUnavailable,
                    detail: "the entry was left out: \(why)")))
    }

    /// The beginning of a partition that its topic got only after the id was made: the id could not name it, so its
    /// absence does not mean that the client doesn't want it.
    private func youngPartition(
        _ partition: TopicPartition, _ named: [TopicPartition: RequestedPosition]
    ) async throws(LogError) -> Position? {
        // An id of ours names all partitions there were, each by an offset. One that leaves out others than the last, or has no
        // offset, was written by hand, and means what it says.
        let siblings = named.filter { $0.key.topic == partition.topic && $0.key.partition < partition.partition }
        guard siblings.contains(where: { $0.key.partition == 0 }),
            siblings.values.allSatisfy({ if case .at = $0.place { true } else { false } })
        else { return nil }
        // An id without any time was made before there was any record.
        let newest = named.values.compactMap(\.timestamp).max()
        guard newest != nil || appeared(partition) != nil || named.values.allSatisfy({ $0.place == .at(0) }) else {
            return nil
        }
        let bounds = try await bounds(partition)
        guard bounds.first == 0 || appeared(partition) != nil else { return nil }
        var began = appeared(partition)
        if began == nil { began = try await first(partition, bounds)?.timestamp }
        guard let began, began >= newest ?? .min else { return nil }
        return Position(offset: 0)
    }

    /// The place an entry names, proved by its fingerprint.
    private func place(
        _ entry: RequestedPosition, _ partition: TopicPartition, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        let bounds = try await bounds(partition)
        switch entry.place {
        case nil:
            guard let time = entry.timestamp else { return bounds.end }
            return try await place(partition, at: time, &gaps)
        case .end: return bounds.end
        case .beginning: return Position(offset: bounds.first)
        case .at(let offset):
            guard offset >= 0 else { return bounds.end }
            if offset < bounds.first || offset > bounds.next {
                return try await place(outOfRange: offset, entry.timestamp, partition, bounds, &gaps)
            }
            guard bounds.next > 0 else { return bounds.end }
            let position = offset == bounds.next ? bounds.end : try await log.position(in: partition, at: offset)
            guard let theirs = entry.timestamp, let ours = position.timestamp, theirs != ours else { return position }
            return try await failOver(offset, theirs, partition, &gaps)
        }
    }

    private func place(
        outOfRange offset: Offset, _ time: Timestamp?, _ partition: TopicPartition, _ bounds: PartitionBounds,
        _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        if let time, bounds.next > 0 {
            let position = try await log.position(in: partition, atOrAfter: time)
            // Where the time is older than all that is kept, the records are gone, whichever log they were in.
            if offset > bounds.next || !isOldest(position, bounds, time) {
                return try await failOver(offset, time, partition, &gaps)
            }
        }
        let isBeyond = offset > bounds.next
        let gap = Gap(
            partition, from: offset, to: bounds.first, reason: isBeyond ? .topicRecreated : .retention,
            detail: isBeyond
                ? "the partition ends at offset \(bounds.next): it was made anew"
                : "the records before offset \(bounds.first) are not kept any more")
        gaps.append(PendingGap(gap, after: .init(partition, Position(offset: bounds.first))))
        return Position(offset: offset, timestamp: time)
    }

    /// The offset is not of this log: goes on by time, from the record that has the fingerprint's time.
    private func failOver(
        _ offset: Offset, _ time: Timestamp, _ partition: TopicPartition, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        let position = try await log.position(in: partition, atOrAfter: time)
        let gap = Gap(
            partition, from: offset, to: position.offset, reason: .failover,
            detail: "the id was made from another log: resumed by time, some events may come twice")
        gaps.append(PendingGap(gap, after: .init(partition, position)))
        return Position(offset: offset, timestamp: time)
    }

    // MARK: The last N

    /// How many records of a partition are looked at for `last`, at most: where hardly any is shown, it starts later.
    static let scanLimit: Offset = 100_000

    /// Walks back from the ends, newest first, until there are `count` events.
    private func last(_ count: Int) async throws(LogError) -> ResolvedStart {
        let count = max(count, 0)
        var candidates: [(partition: TopicPartition, offset: Offset, timestamp: Timestamp)] = []
        var positions: [TopicPartition: Position] = [:]
        for partition in partitions {
            let bounds = try await bounds(partition)
            positions[partition] = bounds.end
            candidates += try await newest(count, partition, bounds).map { (partition, $0.offset, $0.timestamp) }
        }
        // Each partition's newest come in order, so what is taken of each is its end.
        for candidate in candidates.sorted(by: { ($0.timestamp, $0.offset) > ($1.timestamp, $1.offset) }).prefix(count)
        {
            let known = positions[candidate.partition]?.offset ?? .max
            if candidate.offset < known { positions[candidate.partition] = Position(offset: candidate.offset) }
        }
        for (partition, position) in positions where position.timestamp == nil && !isMissing(partition) {
            positions[partition] = try await log.position(in: partition, at: position.offset)
        }
        return ResolvedStart(start: .at(positions))
    }

    /// The newest `count` matching records, read backwards in steps, each with the largest timestamp up to it, which never
    /// falls. No more than `scanLimit` records of a partition are looked at.
    private func newest(
        _ count: Int, _ partition: TopicPartition, _ bounds: PartitionBounds
    ) async throws(LogError) -> [(offset: Offset, timestamp: Timestamp)] {
        var found: [(offset: Offset, timestamp: Timestamp)] = []
        var end = bounds.next
        let first = max(bounds.first, bounds.next - Self.scanLimit)
        while found.count < count, end > first {
            let start = max(first, end - Offset(max(count - found.count, 64)))
            var batch: [(offset: Offset, timestamp: Timestamp)] = []
            var place = start
            while place < end {
                let block: RecordBlock
                do throws(LogError) {
                    block = try await log.read(partition, from: place, limit: ReadLimit(records: Int(end - place)))
                } catch {
                    if case .unreadable(_, let range, _) = error, range.upperBound > place {
                        place = range.upperBound
                        continue
                    }
                    if case .offsetOutOfRange(_, let bounds) = error, bounds.first > place {
                        // Retention took it meanwhile.
                        place = bounds.first
                        continue
                    }
                    throw error
                }
                guard block.next > place else { break }
                batch += block.records.lazy.filter { $0.offset < end && matches(partition, $0) }.map {
                    ($0.offset, $0.timestamp)
                }
                place = block.next
            }
            found = batch + found
            end = start
        }
        var newest = Timestamp.min
        found = found.suffix(count)
        for index in found.indices {
            newest = max(newest, found[index].timestamp)
            found[index].timestamp = newest
        }
        return found
    }
}
