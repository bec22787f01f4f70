internal import EventFilter
package import EventFormats
package import EventLog
package import Streaming

/// Finds the newest events of several partitions: reads backwards from their ends, the partition with the newest unread
/// record first, from the tail while it has the blocks and through the loader (whose blocks others want, too) behind it.
///
/// It holds one window of one partition at a time: the offsets and times only.
package struct NewestSearch: Sendable {
    /// Where the events begin.
    package struct Found: Sendable {
        package var positions: [TopicPartition: Position]
        package var count: Int
        /// Says that the search came to its limit before it had found all.
        package var notice: Notice?
    }

    private let tail: SharedTail
    private let loader: BlockLoader
    private let limits: SearchLimits
    /// The subscription whose newest events the search looks for.
    private let subscription: Subscription
    /// The values that a block must have for the filter to match; nil: the filter may match any block.
    private let needs: FilterNeeds?

    /// How many records are read from the log together: the loader's blocks begin at its multiples.
    private static let window: Offset = 256

    package init(
        for subscription: Subscription, tail: SharedTail, loader: BlockLoader, limits: SearchLimits = SearchLimits()
    ) {
        needs = subscription.filter.flatMap { FilterNeeds($0, loader.summaryFields) }
        self.tail = tail
        self.loader = loader
        self.limits = limits
        self.subscription = subscription
    }

    /// One partition on the way back.
    private struct Lane {
        var partition: TopicPartition
        /// Records from here on were looked at.
        var start: Offset
        var first: Offset
        /// Shown records of the last window that are not counted yet, the newest last.
        var candidates: [Candidate] = []
        /// The time that all records before `start` are taken to have.
        var newest: Timestamp
        /// The oldest record that was counted.
        var chosen: Position?

        /// Its rank: the lane with the highest is looked at next; nil: nothing is left of it.
        var rank: Timestamp? { candidates.last?.rank ?? (start > first ? newest : nil) }
    }

    private struct Candidate {
        /// The record's offset, and the timestamp of the one before it where that is at hand.
        var position: Position
        /// The largest timestamp of the window up to it: times may go back.
        var rank: Timestamp
    }

    /// One search's selector, and the records and bytes that it has looked at.
    private struct Work {
        let selector: EntrySelector
        var records = 0
        var bytes = 0

        init(_ subscription: Subscription) { selector = EntrySelector(subscription) }
    }

    /// The start of the newest `count` events, or of as many as the limits let it find.
    ///
    /// - Parameter ends: the partitions, with their bounds of now.
    /// - Throws: `unavailable` where the log can't be read, `closed` where the task was cancelled.
    package func newest(
        _ count: Int, before ends: [TopicPartition: PartitionBounds]
    ) async throws(LogError) -> Found {
        var lanes = ends.sorted { $0.key < $1.key }.map { partition, bounds in
            Lane(
                partition: partition, start: bounds.next, first: bounds.first,
                newest: bounds.lastTimestamp ?? .max)
        }
        var work = Work(subscription)
        var found = 0
        var isCut = false
        while found < count, let index = Self.next(lanes) {
            if let candidate = lanes[index].candidates.popLast() {
                lanes[index].chosen = candidate.position
                found += 1
            } else if work.records >= limits.records || work.bytes >= limits.bytes {
                isCut = true
                break
            } else {
                guard !Task.isCancelled else { throw .closed }
                try await read(&lanes[index], &work)
            }
        }
        var positions = ends.mapValues(\.end)
        for lane in lanes { if let chosen = lane.chosen { positions[lane.partition] = chosen } }
        let notice =
            isCut
            ? Notice(
                .searchStopped,
                detail:
                    "the search for the last \(count) events stopped after \(work.records) records: it found \(found)")
            : nil
        return Found(positions: positions, count: found, notice: notice)
    }

    private static func next(_ lanes: [Lane]) -> Int? {
        var best: (index: Int, rank: Timestamp)?
        for index in lanes.indices {
            guard let rank = lanes[index].rank else { continue }
            if best.map({ rank > $0.rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }

    // MARK: Reading

    private func read(_ lane: inout Lane, _ work: inout Work) async throws(LogError) {
        let partition = lane.partition
        let last = lane.start - 1
        let block = tail.withLock { tail in
            tail.number(of: partition).flatMap { tail.partitions[$0].block(at: last) }
        }
        if let block {
            look(at: block, from: block.range.lowerBound, &lane, &work)
            lane.start = block.range.lowerBound
        } else {
            try await readWindow(&lane, &work)
        }
        rank(&lane)
    }

    /// Reads the window before `start` forwards: only so can damage in it be passed over.
    private func readWindow(_ lane: inout Lane, _ work: inout Work) async throws(LogError) {
        let end = lane.start
        let start = max((end - 1) / Self.window * Self.window, lane.first)
        var place = start
        let search = needs.map { BlockSearch($0, before: end) }
        while place < end {
            guard !Task.isCancelled else { throw .closed }
            switch await loader.block(of: lane.partition, at: place, for: search) {
            case .block(let block):
                look(at: block, from: place, &lane, &work)
                place = max(block.range.upperBound, place + 1)
            case .missing(let next, let reason, _):
                switch reason {
                // Retention took it meanwhile.
                case .retention, .slow: lane.first = max(lane.first, min(next, end))
                case .topicRecreated, .topicUnavailable: lane.first = end
                case .unreadable, .failover: break
                }
                place = max(next, place + 1)
            case .unavailable: throw .unavailable("the newest records can't be read")
            }
        }
        lane.start = start
    }

    private func look(at block: Block, from place: Offset, _ lane: inout Lane, _ work: inout Work) {
        var before: Timestamp?
        for entry in block.entries where entry.offset < lane.start {
            defer { before = entry.position.timestamp }
            guard entry.offset >= place, entry.kind != .gap else { continue }
            work.records += 1
            work.bytes += entry.end - entry.start
            guard entry.offset >= lane.first, work.selector.shows(entry, of: block) else { continue }
            lane.candidates.append(
                Candidate(position: Position(offset: entry.offset, timestamp: before), rank: entry.timestamp))
        }
        lane.newest = min(lane.newest, block.entries.first { $0.kind != .gap }?.timestamp ?? lane.newest)
    }

    private func rank(_ lane: inout Lane) {
        var newest = Timestamp.min
        for index in lane.candidates.indices {
            newest = max(newest, lane.candidates[index].rank)
            lane.candidates[index].rank = newest
        }
    }
}
