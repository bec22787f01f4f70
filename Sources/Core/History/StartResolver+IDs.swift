internal import EventFormats
internal import EventLog
internal import Streaming

// Starts that an id names.
//
// An entry is an offset and a fingerprint: the timestamp of the record before it. A record right before the offset that has
// another timestamp proves that the id is of another log; then the client goes on by time. Nothing else proves it: where the
// record is gone, the client goes on at its offset, and is told what of the rest is gone.
extension StartResolver {
    func id(_ cursor: RequestedCursor, _ since: Timestamp?) async throws(LogError) -> ResolvedStart {
        var result = ResolvedStart(start: .live)
        var positions: [TopicPartition: Position] = [:]
        /// Topics of which the id names partitions of another log.
        var foreign: Set<String> = []
        var whole: Set<String> = []
        var unknown: [String] = []
        for entry in cursor.entries {
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
            guard try await isThere(partition) else {
                drop(entry, "there is no such partition", &result.gaps)
                unknown.append("\(entry.topic)/\(number)")
                continue
            }
            let told = result.gaps.count
            positions[partition] = try await place(entry, partition, of: cursor, &result.gaps)
            if result.gaps[told...].contains(where: { $0.gap.reason == .failover }) { foreign.insert(entry.topic) }
        }
        guard !positions.isEmpty || !whole.isEmpty else {
            throw .topicNotFound(unknown.joined(separator: ", "))
        }
        let named = Set(positions.keys.map(\.topic)).subtracting(foreign)
        for partition in partitions where positions[partition] == nil {
            if whole.contains(partition.topic) {
                if let since {
                    positions[partition] = try await place(partition, at: since, &result.gaps)
                } else {
                    positions[partition] = try await bounds(partition).end
                }
            } else if cursor.isWhole {
                positions[partition] = try await added(
                    partition, cursor, isOfNamedTopic: named.contains(partition.topic), &result.gaps)
            }
        }
        result.start = .at(positions)
        if partitions.contains(where: { positions[$0] == nil }) { result.only = positions.keys.sorted() }
        return result
    }

    /// A compact id whose partitions can't be told, for its topics are others than the request's: all goes on at its time.
    func otherTopics(_ cursor: RequestedCursor) async throws(LogError) -> ResolvedStart {
        var gaps = Set(partitions.map(\.topic)).sorted().map { topic in
            PendingGap(
                Gap(
                    topic: topic, reason: .failover,
                    detail: "the id was made for another list of topics: resumed by time, some events may come twice"))
        }
        // The time is that of the newest record of its entries, and may be still to come.
        let positions = try await all(at: cursor.time.flatMap { $0 <= now ? $0 : nil } ?? .min, &gaps)
        return ResolvedStart(start: .at(positions), gaps: gaps)
    }

    /// Whether a partition is one of the request's, or one that the log has and the loop has yet to hear of.
    private func isThere(_ partition: TopicPartition) async throws(LogError) -> Bool {
        if partitions.contains(partition) { return true }
        return try await ask(partition, orEmpty: false) { () throws(LogError) in
            _ = try await log.bounds(of: partition)
            return true
        }
    }

    private func drop(_ entry: RequestedPosition, _ why: String, _ gaps: inout [PendingGap]) {
        gaps.append(
            PendingGap(
                Gap(
                    topic: entry.topic, partition: entry.partition, reason: .topicUnavailable,
                    detail: "the entry was left out: \(why)")))
    }

    /// The start of a partition that was added after the id was made. Where the id names others of its topic, all records of it
    /// came later than the id; else the topic was added to the stream, and begins at the id's time.
    private func added(
        _ partition: TopicPartition, _ cursor: RequestedCursor, isOfNamedTopic: Bool, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        guard isOfNamedTopic else {
            return try await place(partition, at: time(of: cursor), &gaps)
        }
        let bounds = try await bounds(partition)
        if bounds.first > 0 { tellRetention(partition, from: 0, bounds, &gaps) }
        return Position(offset: 0)
    }

    /// When an id was made, as far as its entries tell: the newest of their times. A record may have a time that is still to
    /// come; the id has not. Where nothing tells, the beginning of time.
    private func time(of cursor: RequestedCursor) -> Timestamp {
        cursor.entries.compactMap(\.timestamp).filter { $0 <= now }.max() ?? .min
    }

    /// The place an entry of an id names.
    private func place(
        _ entry: RequestedPosition, _ partition: TopicPartition, of cursor: RequestedCursor,
        _ gaps: inout [PendingGap]
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
            if offset < bounds.first {
                tellRetention(partition, from: offset, bounds, &gaps)
                return Position(offset: offset, timestamp: entry.timestamp)
            }
            if offset > bounds.next {
                return try await place(beyondEnd: offset, entry.timestamp, partition, bounds, of: cursor, &gaps)
            }
            guard bounds.next > 0 else { return bounds.end }
            return try await place(offset, entry.timestamp, partition, bounds, of: cursor, &gaps)
        }
    }

    private func tellRetention(
        _ partition: TopicPartition, from offset: Offset, _ bounds: PartitionBounds, _ gaps: inout [PendingGap]
    ) {
        let gap = Gap(
            partition, from: offset, to: bounds.first, reason: .retention,
            detail: "the records before offset \(bounds.first) are not kept any more")
        gaps.append(PendingGap(gap, after: .init(partition, Position(offset: bounds.first))))
    }

    /// An offset that the log has, or will give next.
    private func place(
        _ offset: Offset, _ theirs: Timestamp?, _ partition: TopicPartition, _ bounds: PartitionBounds,
        of cursor: RequestedCursor, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        let position =
            offset == bounds.next
            ? bounds.end
            : try await ask(partition, orEmpty: Position(offset: offset)) { () throws(LogError) in
                try await log.position(in: partition, at: offset)
            }
        guard let theirs, let ours = position.timestamp, theirs != ours else { return position }
        // This may be an older record's: the one right before the offset may be gone.
        guard let before = try await timestamp(of: offset - 1, in: partition), before != theirs else {
            return Position(offset: offset, timestamp: theirs)
        }
        return try await failOver(offset, theirs, partition, of: cursor, &gaps)
    }

    /// Of the record at exactly this offset; nil where there is none, or none that can be read.
    private func timestamp(of offset: Offset, in partition: TopicPartition) async throws(LogError) -> Timestamp? {
        do throws(LogError) {
            let block = try await log.read(partition, from: offset, limit: ReadLimit(records: 1, bytes: 1))
            return block.records.first.flatMap { $0.offset == offset ? $0.timestamp : nil }
        } catch {
            switch error {
            case .offsetOutOfRange, .unreadable, .topicNotFound, .partitionNotFound: return nil
            default: throw error
            }
        }
    }

    /// The log has not given this offset yet, so the id is of another: of the topic before it was made anew, or of another
    /// cluster.
    private func place(
        beyondEnd offset: Offset, _ time: Timestamp?, _ partition: TopicPartition, _ bounds: PartitionBounds,
        of cursor: RequestedCursor, _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        if let time, bounds.next > 0 { return try await failOver(offset, time, partition, of: cursor, &gaps) }
        let gap = Gap(
            partition, from: offset, to: bounds.first, reason: .topicRecreated,
            detail: "the partition ends at offset \(bounds.next): it was made anew")
        gaps.append(PendingGap(gap, after: .init(partition, Position(offset: bounds.first))))
        return Position(offset: offset, timestamp: time)
    }

    /// The offset is not of this log: goes on by time, from the record that has the fingerprint's time. One that is still to
    /// come says nothing of where the client was: then by the id's time, for records may have come meanwhile.
    private func failOver(
        _ offset: Offset, _ theirs: Timestamp, _ partition: TopicPartition, of cursor: RequestedCursor,
        _ gaps: inout [PendingGap]
    ) async throws(LogError) -> Position {
        let position = try await search(partition, theirs <= now ? theirs : time(of: cursor))
        let gap = Gap(
            partition, from: offset, to: position.offset, reason: .failover,
            detail: "the id was made from another log: resumed by time, some events may come twice")
        gaps.append(PendingGap(gap, after: .init(partition, position)))
        return Position(offset: offset, timestamp: theirs)
    }
}
