internal import EventLog

/// Finds out what the database has when the log is opened, and mends what can be mended. It takes a few look-ups for each
/// partition, however many records there are, and after a crash reads what was in the write-ahead log.
struct Opening {
    private let connection: Connection
    private let health: Health

    init(_ connection: Connection, _ health: Health) {
        self.connection = connection
        self.health = health
    }

    /// The partitions there are, by topic, and the ids of those whose rows say less. What is wrong with them is reported.
    ///
    /// Those rows are not written here, so that a log can be opened where there is no room.
    ///
    /// - Throws: `LogError` where the log can't be told apart from another any more, and `SQLiteError`.
    func open(_ noted: Ledger.Content) throws -> (topics: [String: [Extent]], behind: Set<Int64>) {
        let tables = try Schema.tables(connection)
        guard tables["partitions"]?.definition == Schema.partitions else {
            throw SQLiteError.damage("the definition of the table of partitions is not what was written")
        }
        let roots = Dictionary(grouping: tables.values, by: \.root)
        /// Nil: there is none.
        func isTableSound(_ extent: Extent) -> Bool? {
            tables["record_\(extent.id)"].map {
                $0.definition == Schema.records(extent.id) && roots[$0.root]?.count == 1
            }
        }
        let (rows, damaged) = try Extent.loadAll(connection)
        if noted.isMissing, !rows.isEmpty {
            health.say(.notice, "the log has no ledger yet; it is made now")
        }
        let extents = try rows.map { row throws(SQLiteError) in
            isTableSound(row) == true ? try RecordTable(row, connection).extended() : row
        }
        let recovery = try Recovery(extents, damaged: damaged.count, ledger: noted)
        for notice in recovery.notices { health.say(notice.severity, notice.text) }
        var topics = recovery.topics
        let lost = Set(recovery.lost.map(\.partition))
        var changed: [Extent] = []
        for extent in topics.values.joined() {
            let partition = extent.partition
            var found = extent
            switch isTableSound(extent) {
            case nil:
                if extent.next > 0 {
                    health.say(.error, "the table of \(partition) is missing: records up to \(extent.next) are lost")
                }
                try connection.transaction { () throws(SQLiteError) in
                    try Schema.createRecords(extent.id, connection)
                }
            case false:
                health.met(.writing(partition), Self.broken(partition, "its definition is damaged"))
                continue
            default: found = check(extent, isLost: lost.contains(partition))
            }
            if lost.contains(partition) || found != extent || recovery.behind.contains(where: { $0.extent == extent }) {
                topics[partition.topic]?[Int(partition.partition)] = found
                changed.append(found)
            }
        }
        // Where the table's end can't be read, that was said, and nobody knows what is there.
        for (extent, offset) in recovery.behind
        where isTableSound(extent) == true && !health.has(.writing(extent.partition)) {
            health.say(
                .error,
                "\(extent.next - offset) acknowledged records of \(extent.partition) are lost, \(offset) up to "
                    + "\(extent.next): the database does not have them, and its write-ahead log was damaged or missing. "
                    + "Their offsets are not given again")
        }
        let behind = Set(zip(rows, extents).filter { $0 != $1 }.map(\.0.id))
        guard !changed.isEmpty || !damaged.isEmpty else { return (topics, behind) }
        let kept = Set(topics.values.joined().map(\.id))
        let (anew, orphans) = (changed, damaged.filter { !kept.contains($0) })
        try connection.transaction { () throws(SQLiteError) in
            for extent in anew { try extent.insert(connection) }
            for id in orphans { try connection.execute("DELETE FROM partitions WHERE id = \(id)") }
        }
        return (topics, behind)
    }

    /// Looks at the end of the partition's table. A partition whose row was lost is given with what the table has.
    private func check(_ extent: Extent, isLost: Bool) -> Extent {
        var extent = extent
        let partition = extent.partition
        let table = RecordTable(extent, connection)
        do throws(SQLiteError) {
            if isLost { extent = try table.extended() }
            switch try table.end() {
            case .empty:
                if extent.first < extent.next, !isLost {
                    health.unreadable(partition, extent.first..<extent.next, detail: "the table is empty")
                }
            case .foreign:
                health.met(
                    .writing(partition),
                    Self.broken(partition, "none of the last records in its table is one of its own"))
            case .record(let offset, _, _):
                if offset + 1 < extent.next {
                    health.unreadable(partition, offset + 1..<extent.next, detail: "the last records are missing")
                }
            }
            if isLost, let measured = try table.measure() {
                extent.first = max(0, min(measured.first, extent.next))
                extent.bytes = measured.bytes
            }
        } catch {
            health.met(.writing(partition), Self.broken(partition, error.description))
        }
        return extent
    }

    private static func broken(_ partition: TopicPartition, _ detail: String) -> LogError {
        .invalid(
            "the table of \(partition) is damaged where new records go (\(detail)), and it takes none; restore the directory "
                + "from a copy, or move it away")
    }
}
