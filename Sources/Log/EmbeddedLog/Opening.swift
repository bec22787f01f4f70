internal import EventLog

/// Finds out what the database has when the log is opened, and mends what can be mended. It takes a few look-ups for each
/// partition, however many records there are.
struct Opening {
    private let connection: Connection
    private let health: Health

    init(_ connection: Connection, _ health: Health) {
        self.connection = connection
        self.health = health
    }

    /// The partitions there are, by topic. What is wrong with them is reported.
    ///
    /// - Throws: `LogError` where the log can't be told apart from another any more, and `SQLiteError`.
    func open(_ noted: Ledger.Content) throws -> [String: [Extent]] {
        let (extents, damaged) = try Extent.loadAll(connection)
        if noted.isMissing, !extents.isEmpty {
            health.say(.notice, "the log has no ledger yet; it is made now")
        }
        let recovery = try Recovery(extents, damaged: damaged.count, ledger: noted)
        for notice in recovery.notices { health.say(notice.severity, notice.text) }
        let tables = try Schema.tables(connection)
        guard tables["partitions"]?.definition == Schema.partitions else {
            throw SQLiteError.damage("the definition of the table of partitions is not what was written")
        }
        var topics = recovery.topics
        let lost = Set(recovery.lost.map(\.partition))
        var changed: [Extent] = []
        let roots = Dictionary(grouping: tables.values, by: \.root)
        for extent in topics.values.joined() {
            let partition = extent.partition
            var found = extent
            let table = tables["record_\(extent.id)"]
            if table == nil, extent.next > 0 {
                health.say(.error, "the table of \(partition) is missing: records up to \(extent.next) are lost")
            }
            if let table {
                guard table.definition == Schema.records(extent.id), roots[table.root]?.count == 1 else {
                    health.met(.writing(partition), Self.broken(partition, "its definition is damaged"))
                    continue
                }
                found = check(extent, isLost: lost.contains(partition))
            }
            if table == nil { try connection.transaction { () throws(SQLiteError) in try make(extent) } }
            if lost.contains(partition) || found != extent || recovery.behind.contains(where: { $0.extent == extent }) {
                topics[partition.topic]?[Int(partition.partition)] = found
                changed.append(found)
            }
        }
        for (extent, offset) in recovery.behind where tables["record_\(extent.id)"] != nil {
            health.say(
                .error,
                "\(extent.next - offset) acknowledged records of \(extent.partition) are lost, \(offset) up to "
                    + "\(extent.next): the database does not have them, and its write-ahead log was damaged or missing. "
                    + "Their offsets are not given again")
        }
        guard !changed.isEmpty || !damaged.isEmpty else { return topics }
        let kept = Set(topics.values.joined().map(\.id))
        let (rows, orphans) = (changed, damaged.filter { !kept.contains($0) })
        try connection.transaction { () throws(SQLiteError) in
            for extent in rows { try extent.insert(connection) }
            for id in orphans { try connection.execute("DELETE FROM partitions WHERE id = \(id)") }
        }
        return topics
    }

    private func make(_ extent: Extent) throws(SQLiteError) {
        try Schema.createRecords(extent.id, connection)
    }

    /// The partition as its table says it is, where that says more.
    private func check(_ extent: Extent, isLost: Bool) -> Extent {
        var extent = extent
        let partition = extent.partition
        let table = RecordTable(extent, connection)
        do throws(SQLiteError) {
            switch try table.end() {
            case .empty:
                if extent.first < extent.next, !isLost {
                    health.unreadable(partition, extent.first..<extent.next, detail: "the table is empty")
                }
            case .foreign:
                health.met(
                    .writing(partition),
                    Self.broken(partition, "none of the last records in its table is one of its own"))
            case .record(let offset, let maximum, let timestamp):
                if offset + 1 < extent.next {
                    health.unreadable(partition, offset + 1..<extent.next, detail: "the last records are missing")
                } else if offset + 1 > extent.next {
                    health.say(
                        .warning,
                        "\(partition) has records up to \(offset), and its row says \(extent.next); it was mended")
                    extent.next = offset + 1
                    extent.maximum = maximum
                    extent.lastTimestamp = timestamp
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
