internal import EventFormats
package import EventLog
internal import Streaming

/// Turns start points into positions, by asking the log.
///
/// A task that was cancelled asks no further: `resolve` throws `log(.closed)` then.
package struct StartResolver: Sendable {
    let log: any EventLog
    let search: NewestSearch
    /// The partitions of the request's topics, sorted. A topic that doesn't exist yet stands for its partition 0.
    let partitions: [TopicPartition]
    /// The wall clock.
    let now: Timestamp
    /// Partitions that do not exist in the log yet: they begin at offset 0 when they do.
    let isMissing: @Sendable (TopicPartition) -> Bool

    /// - Parameters:
    ///   - search: finds the newest events, for `last`.
    package init(
        log: any EventLog, search: NewestSearch, partitions: [TopicPartition], now: Timestamp,
        isMissing: @escaping @Sendable (TopicPartition) -> Bool = { _ in false }
    ) {
        self.log = log
        self.search = search
        self.partitions = partitions
        self.now = now
        self.isMissing = isMissing
    }

    /// - Parameters:
    ///   - findsEnds: whether it is also asked where the partitions end now.
    package func resolve(_ point: StartPoint, findsEnds: Bool = false) async throws(StartError) -> ResolvedStart {
        do throws(LogError) {
            var ends: [TopicPartition: Offset]?
            if findsEnds {
                var found: [TopicPartition: Offset] = [:]
                for partition in partitions { found[partition] = try await bounds(partition).next }
                ends = found
            }
            var start = try await start(point)
            start.ends = ends
            return start
        } catch {
            if case .topicNotFound(let topics) = error { throw .topicNotAvailable([topics]) }
            throw .log(error)
        }
    }

    private func start(_ point: StartPoint) async throws(LogError) -> ResolvedStart {
        switch point {
        case .live: ResolvedStart(start: .live)
        case .since(let time): try await since(time)
        case .last(let count): try await last(count)
        case .id(let cursor, let time):
            if cursor.time == nil { try await id(cursor, time) } else { try await otherTopics(cursor) }
        }
    }

    /// Asks about one partition. One that is not there, yet or any more, is empty.
    func ask<Answer>(
        _ partition: TopicPartition, orEmpty empty: Answer, _ body: () async throws(LogError) -> Answer
    ) async throws(LogError) -> Answer {
        guard !Task.isCancelled else { throw .closed }
        if isMissing(partition) { return empty }
        do throws(LogError) {
            return try await body()
        } catch {
            if error.saysThereIsNone { return empty }
            throw error
        }
    }

    func bounds(_ partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await ask(partition, orEmpty: PartitionBounds(first: 0, next: 0)) { () throws(LogError) in
            try await log.bounds(of: partition)
        }
    }

    /// The place of the first record whose running maximum timestamp reaches a time.
    func search(_ partition: TopicPartition, _ time: Timestamp) async throws(LogError) -> Position {
        try await ask(partition, orEmpty: Position(offset: 0)) { () throws(LogError) in
            try await log.position(in: partition, atOrAfter: time)
        }
    }

    // MARK: By time

    private func since(_ time: Timestamp) async throws(LogError) -> ResolvedStart {
        var gaps: [PendingGap] = []
        let positions = try await all(at: time, &gaps)
        return ResolvedStart(start: .at(positions), gaps: gaps)
    }

    func all(
        at time: Timestamp, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> [TopicPartition: Position] {
        var positions: [TopicPartition: Position] = [:]
        for partition in partitions { positions[partition] = try await place(partition, at: time, &gaps) }
        return positions
    }

    /// The first record at or after `time`, with a gap where there may have been older ones that are gone.
    func place(
        _ partition: TopicPartition, at time: Timestamp, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        let position = try await search(partition, time)
        // Afterwards, so that what retention takes meanwhile is told.
        let bounds = try await bounds(partition)
        guard bounds.first > 0, position.offset > 0 else { return position }
        // Nothing older is kept, and timestamps need not grow: only if all ever were older is nothing missing for sure.
        if let newest = bounds.maximumTimestamp, newest < time { return position }
        guard try await isOldest(position, partition, bounds) else { return position }
        let gap = Gap(
            partition, from: nil, to: position.offset, reason: .retention,
            detail: "the time asked for is older than the records kept")
        gaps.append(PendingGap(gap, after: .init(partition, position)))
        // The client starts before the gap. Retention may have removed more since the search, so the smaller offset counts: an id
        // that the client gets before the gap event must not lie after the records that follow it.
        return Position(offset: min(position.offset, bounds.first) - 1)
    }

    /// Whether nothing is kept before a position that was found by time: it is the first place there is, or there is nothing
    /// but a hole before it.
    private func isOldest(
        _ position: Position, _ partition: TopicPartition, _ bounds: PartitionBounds
    ) async throws(LogError) -> Bool {
        if position.offset <= bounds.first { return true }
        // Of the record before the end the time is known, also when it is kept no more; of another only while it is kept. A
        // record that can't be read is kept, and no time is known of it.
        if position.timestamp != nil, position.offset < bounds.next || bounds.maximumTimestamp == nil { return false }
        let before = try await ask(partition, orEmpty: nil) { () throws(LogError) -> Offset? in
            try await firstRecord(of: partition, from: bounds.first)
        }
        return before.map { $0 >= position.offset } ?? true
    }

    /// The offset of the first record from `offset` on, whether it can be read or not; nil where there is none.
    private func firstRecord(of partition: TopicPartition, from offset: Offset) async throws(LogError) -> Offset? {
        var offset = offset
        while true {
            do throws(LogError) {
                let block = try await log.read(partition, from: offset, limit: ReadLimit(records: 1, bytes: 1))
                if let first = block.records.first { return first.offset }
                guard block.next > offset else { return nil }
                offset = block.next
            } catch {
                switch error {
                case .unreadable(_, let range, _): return range.lowerBound
                case .offsetOutOfRange(_, let bounds):
                    // Retention is faster.
                    guard bounds.first > offset else { return nil }
                    offset = bounds.first
                default: throw error
                }
            }
        }
    }

    // MARK: The last N

    private func last(_ count: Int) async throws(LogError) -> ResolvedStart {
        var ends: [TopicPartition: PartitionBounds] = [:]
        for partition in partitions { ends[partition] = try await bounds(partition) }
        let found = try await search.newest(count, before: ends)
        var positions = found.positions
        for (partition, position) in positions where position.timestamp == nil && position.offset > 0 {
            positions[partition] = try await ask(partition, orEmpty: position) { () throws(LogError) in
                try await log.position(in: partition, at: position.offset)
            }
        }
        return ResolvedStart(start: .at(positions), notice: found.notice)
    }
}

extension LogError {
    /// Whether what was asked about is not there, for all the log knows.
    var saysThereIsNone: Bool {
        switch self {
        case .topicNotFound, .partitionNotFound: true
        default: false
        }
    }
}
