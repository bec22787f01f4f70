internal import EventLog

extension Writer {
    /// The most that one transaction removes, so that appends wait for a few milliseconds only.
    private static var sliceRecords: Int { 500 }
    private static var sliceBytes: Int64 { 4 << 20 }
    /// Pages given back to the file system in one transaction.
    private static var slicePages: Int { 256 }

    /// Removes what the retention says, and gives the file system back what is free beyond a quarter of the file.
    func enforceRetention(now: Timestamp) async throws(LogError) {
        do {
            for topic in topics.keys.sorted() {
                try await removeOld(topic, now: now)
                try await removeExcess(topic)
            }
            try await shrinkFile()
            counts.retentionError = nil
        } catch {
            if error != .closed { counts.retentionError = error }
            throw error
        }
    }

    private func retention(of topic: String) -> Retention {
        topicRetention[topic] ?? retention
    }

    private func removeOld(_ topic: String, now: Timestamp) async throws(LogError) {
        guard let cutoff = retention(of: topic).cutoff(now: now) else { return }
        for number in topics[topic, default: []].indices {
            let partition = TopicPartition(topic, Int32(number))
            let boundary: Offset
            do {
                let extent = try extent(of: partition)
                boundary = try firstOffset(atOrAfter: cutoff, extent, try openConnection()) ?? extent.next
            } catch let error as SQLiteError {
                throw LogError(error)
            } catch {
                throw error as? LogError ?? .closed
            }
            try await remove(partition, before: boundary)
        }
    }

    /// The topic's oldest first: a slice of the partition whose first record is the oldest, again and again.
    private func removeExcess(_ topic: String) async throws(LogError) {
        while let limit = retention(of: topic).maximumBytes, let extents = topics[topic] {
            let excess = extents.reduce(0) { $0 + $1.bytes } - Int64(limit)
            guard excess > 0 else { return }
            let connection = try openConnection()
            do {
                var oldest: (number: Int, maximum: Timestamp)?
                for (number, extent) in extents.enumerated() where extent.first < extent.next {
                    let maximum = try firstMaximum(extent, connection)
                    if oldest.map({ maximum < $0.maximum }) ?? true { oldest = (number, maximum) }
                }
                guard let oldest else { return }
                let partition = TopicPartition(topic, Int32(oldest.number))
                try removeSlice(partition, before: extents[oldest.number].next, bytes: excess, connection)
            } catch {
                throw LogError(error)
            }
            await Task.yield()
        }
    }

    /// Removes all records of a partition before an offset, slice by slice.
    func remove(_ partition: TopicPartition, before boundary: Offset) async throws(LogError) {
        while true {
            let connection = try openConnection()
            let extent = try extent(of: partition)
            guard extent.first < min(boundary, extent.next) else { return }
            do {
                try removeSlice(partition, before: min(boundary, extent.next), bytes: .max, connection)
            } catch {
                throw LogError(error)
            }
            await Task.yield()
        }
    }

    private func extent(of partition: TopicPartition) throws(LogError) -> Extent {
        guard let extents = topics[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard let number = Int(exactly: partition.partition), extents.indices.contains(number) else {
            throw .partitionNotFound(partition)
        }
        return extents[number]
    }

    /// Removes records from the front in one transaction: at least one, none at or after `boundary`, and no more than
    /// it takes to be rid of `bytes`.
    private func removeSlice(
        _ partition: TopicPartition, before boundary: Offset, bytes: Int64, _ connection: Connection
    ) throws(SQLiteError) {
        guard var extent = topics[partition.topic]?[Int(partition.partition)] else { return }
        let old = extent
        try connection.transaction { () throws(SQLiteError) in
            let (end, removed) = try measureSlice(extent, before: boundary, bytes: bytes, connection)
            let delete = try connection.statement("DELETE FROM record_\(extent.id) WHERE offset < ?1")
            defer { delete.reset() }
            try delete.bind(end, at: 1)
            try delete.run()
            extent.first = end
            extent.bytes = end == extent.next ? 0 : max(0, extent.bytes - removed)
            try extent.save(connection)
        }
        topics[partition.topic]?[Int(partition.partition)] = extent
        counts.removedRecords += extent.first - old.first
        try? connection.checkpoint(above: 4096, patience: 16384)
    }

    private func measureSlice(
        _ extent: Extent, before boundary: Offset, bytes: Int64, _ connection: Connection
    ) throws(SQLiteError) -> (end: Offset, bytes: Int64) {
        let sizes = try connection.statement(
            """
            SELECT offset, length(value) + ifnull(length(key), 0) FROM record_\(extent.id)
            WHERE offset < ?1 ORDER BY offset LIMIT ?2
            """)
        defer { sizes.reset() }
        try sizes.bind(boundary, at: 1)
        try sizes.bind(Int64(Self.sliceRecords), at: 2)
        var end = extent.first + 1
        var total: Int64 = 0
        while total < min(bytes, Self.sliceBytes), try sizes.step() {
            end = sizes.integer(0) + 1
            total += sizes.integer(1)
        }
        return (end, total)
    }

    /// Nil: no record is as new.
    private func firstOffset(
        atOrAfter time: Timestamp, _ extent: Extent, _ connection: Connection
    ) throws(SQLiteError) -> Offset? {
        let first = try connection.statement(
            "SELECT offset FROM record_\(extent.id) WHERE maximum >= ?1 ORDER BY maximum, offset LIMIT 1")
        defer { first.reset() }
        try first.bind(time, at: 1)
        return try first.step() ? first.integer(0) : nil
    }

    private func firstMaximum(_ extent: Extent, _ connection: Connection) throws(SQLiteError) -> Timestamp {
        let first = try connection.statement("SELECT min(maximum) FROM record_\(extent.id)")
        defer { first.reset() }
        return try first.step() ? first.integer(0) : .max
    }

    private func shrinkFile() async throws(LogError) {
        while true {
            let connection = try openConnection()
            do {
                let free = try connection.integer("PRAGMA freelist_count")
                guard free > max(1024, try connection.integer("PRAGMA page_count") / 4) else { return }
                try connection.execute("PRAGMA incremental_vacuum(\(Self.slicePages))")
                try connection.checkpoint(above: 4096, patience: 16384)
            } catch {
                throw LogError(error)
            }
            await Task.yield()
        }
    }
}
