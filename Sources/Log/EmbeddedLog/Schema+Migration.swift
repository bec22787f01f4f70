internal import EventLog

extension Schema {
    /// Turns a database of format 1 into one of format 2, in one transaction. Records are not touched: in format 1 nothing
    /// shows that a record is of its partition, and nothing can be made to.
    static func migrate(_ connection: Connection) throws(SQLiteError) {
        do {
            try migrate(connection) { (id) throws(SQLiteError) in
                try connection.execute("DROP INDEX IF EXISTS maximum_\(id)")
            }
        } catch {
            guard error.isDamage else { throw error }
            // SQLite walks through an index to drop it, and can't where a page is damaged. Its definition alone is taken out
            // then; its pages stay unused.
            try connection.execute("PRAGMA writable_schema=ON")
            try migrate(connection) { (id) throws(SQLiteError) in
                try connection.execute("DELETE FROM sqlite_schema WHERE type = 'index' AND name = 'maximum_\(id)'")
            }
            try connection.execute("PRAGMA writable_schema=RESET")
        }
    }

    private static func migrate(
        _ connection: Connection, dropIndex: (Int64) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
            let extents = try loadFormat1(connection)
            try connection.execute(partitions)
            for extent in extents {
                try extent.insert(connection)
                try dropIndex(extent.id)
            }
            try connection.execute("DROP TABLE partition")
            try connection.execute("DROP TABLE topic")
            try connection.execute("PRAGMA user_version=\(version)")
        }
    }

    private static func loadFormat1(_ connection: Connection) throws(SQLiteError) -> [Extent] {
        let rows = try connection.statement(
            """
            SELECT partition.id, name, number, first, next, bytes, maximum, last_timestamp
            FROM topic JOIN partition ON topic.id = partition.topic ORDER BY name, number
            """)
        defer { rows.reset() }
        var extents: [Extent] = []
        var counts: [String: Int64] = [:]
        while try rows.step() {
            let topic = rows.text(1)
            let number = rows.integer(2)
            let (first, next) = (rows.integer(3), rows.integer(4))
            guard number == counts[topic, default: 0], let short = Int32(exactly: number), 0 <= first, first <= next
            else { throw .damage("the table of partitions makes no sense at \(topic)/\(number)") }
            counts[topic] = number + 1
            extents.append(
                Extent(
                    id: rows.integer(0), TopicPartition(topic, short), first: first, next: next, bytes: rows.integer(5),
                    maximum: rows.optionalInteger(6), lastTimestamp: rows.optionalInteger(7), sealedFrom: next))
        }
        let count = try connection.integer("SELECT count(*) FROM partition NOT INDEXED")
        guard count == Int64(extents.count) else {
            throw .damage("the table of partitions has \(count) rows, of which \(extents.count) have a topic")
        }
        return extents
    }
}
