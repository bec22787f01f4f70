internal import Bytes
internal import EventLog

/// What one fetch brought: all records of a partition in a range of offsets.
struct FetchedRange: Sendable {
    /// From what was asked for up to where to read on: after the last record, or after the hole behind it.
    var offsets: Range<Offset>
    /// In order; none in a hole, none where they are damaged.
    var records: [Record]
    /// Why none of the records in the range can be read, ever; nil where they can.
    var damage: String?

    var byteCount: Int { records.reduce(64) { $0 + $1.byteCount + 48 } }

    /// The records from `offset` on, as `EventLog.read` gives them.
    func block(from offset: Offset, _ limit: ReadLimit) -> RecordBlock {
        let low = records.indices.firstIndex(thatHasReached: { records[$0].offset >= offset })
        var end = low
        var bytes = 0
        while end < records.count, end == low || end - low < limit.records {
            bytes += records[end].byteCount
            if end > low, bytes > limit.bytes { break }
            end += 1
        }
        let next = end < records.count ? records[end - 1].offset + 1 : offsets.upperBound
        return RecordBlock(records: Array(records[low..<end]), next: next)
    }

    /// The timestamp of the last record before `offset`.
    func timestamp(before offset: Offset) -> Timestamp? {
        records.last { $0.offset < offset }?.timestamp
    }
}

/// What was fetched a moment ago and not asked for yet: neighbouring reads follow each other soon, and a fetch brings more
/// than one of them wants. Bounded in bytes and in time.
struct FetchedRanges {
    private struct Entry {
        var partition: TopicPartition
        var range: FetchedRange
        var bytes: Int
        var since: ContinuousClock.Instant
    }

    /// Oldest use first.
    private var entries: [Entry] = []
    private(set) var bytes = 0
    let limit: Int
    /// After that, retention may have removed it, or the topic been made anew.
    private static let age: Duration = .seconds(10)

    init(limit: Int) { self.limit = limit }

    /// The range that holds `offset`.
    mutating func find(_ partition: TopicPartition, _ offset: Offset, now: ContinuousClock.Instant = .now)
        -> FetchedRange?
    {
        guard
            let index = entries.firstIndex(where: {
                $0.range.offsets.contains(offset) && $0.partition == partition
            })
        else { return nil }
        let entry = entries.remove(at: index)
        guard now - entry.since < Self.age else {
            bytes -= entry.bytes
            return nil
        }
        entries.append(entry)
        return entry.range
    }

    mutating func add(_ partition: TopicPartition, _ range: FetchedRange, now: ContinuousClock.Instant = .now) {
        guard !range.offsets.isEmpty else { return }
        let entry = Entry(partition: partition, range: range, bytes: range.byteCount, since: now)
        entries.append(entry)
        bytes += entry.bytes
        while bytes > limit, entries.count > 1 { bytes -= entries.removeFirst().bytes }
    }

    mutating func forget(_ topic: String) {
        entries.removeAll { entry in
            guard entry.partition.topic == topic else { return false }
            bytes -= entry.bytes
            return true
        }
    }
}
