internal import EventLog

/// Holds the partitions of the database against the ledger when the log is opened: what one of them lost the other may know.
///
/// Pure: it says what is and what was found, and `Store` does it.
struct Recovery {
    /// By topic, in order of their numbers.
    private(set) var topics: [String: [Extent]] = [:]
    /// Partitions whose row is not as it was written, or missing: the ledger knows of them. Their records are to be measured.
    private(set) var lost: [Extent] = []
    /// Partitions of which the database has less than was acknowledged, with the offset up to which it has them.
    private(set) var behind: [(extent: Extent, found: Offset)] = []
    private(set) var notices: [LogNotice] = []

    /// - Parameters:
    ///   - extents: the rows that are as they were written, with what their tables have behind them.
    ///   - damaged: how many other rows there are.
    /// - Throws: `invalid` where neither copy knows a partition that there was.
    init(_ extents: [Extent], damaged: Int, ledger: Ledger.Content) throws(LogError) {
        if ledger.damagedSlots > 0 {
            notices.append(
                LogNotice(
                    .warning,
                    "\(ledger.damagedSlots) parts of the log's ledger were damaged; they were made anew from the database"
                ))
        }
        var known: [TopicPartition: Extent] = [:]
        for extent in extents {
            guard known.updateValue(extent, forKey: extent.partition) == nil else {
                throw .invalid("the log's database has two rows for \(extent.partition); restore it from a copy")
            }
        }
        for entry in ledger.entries { take(entry, &known) }
        guard lost.count >= damaged else {
            throw .invalid(
                "\(damaged - lost.count) rows of the log's table of partitions are damaged, and the ledger doesn't know "
                    + "them either; restore the directory from a copy")
        }
        for extent in known.values.sorted(by: { $0.partition < $1.partition }) {
            let partition = extent.partition
            guard topics[partition.topic, default: []].count == Int(partition.partition) else {
                throw .invalid(
                    "partition \(topics[partition.topic, default: []].count) of the topic \(partition.topic) is missing in "
                        + "the log's database; restore the directory from a copy")
            }
            topics[partition.topic, default: []].append(extent)
        }
        if Set(known.values.map(\.id)).count < known.count {
            throw .invalid("two partitions of the log have one table; restore the directory from a copy")
        }
    }

    private mutating func take(_ entry: LedgerEntry, _ known: inout [TopicPartition: Extent]) {
        let partition = TopicPartition(entry.topic, entry.number)
        guard var extent = known[partition] else {
            let extent = Extent(
                id: entry.id, partition, next: entry.next, maximum: entry.maximum, lastTimestamp: entry.lastTimestamp)
            known[partition] = extent
            lost.append(extent)
            notices.append(
                LogNotice(
                    .warning,
                    "the row of \(partition) in the log's database was damaged or missing; it was made anew from the ledger"
                ))
            return
        }
        guard extent.next <= entry.next else { return }
        let found = extent.next
        extent.next = entry.next
        // Also where the table goes as far: its last record may be damaged.
        extent.maximum = Self.later(extent.maximum, entry.maximum)
        extent.lastTimestamp = entry.lastTimestamp ?? extent.lastTimestamp
        known[partition] = extent
        if found < entry.next { behind.append((extent, found)) }
    }

    private static func later(_ a: Timestamp?, _ b: Timestamp?) -> Timestamp? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }
}
