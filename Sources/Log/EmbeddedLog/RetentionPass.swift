internal import EventLog

extension Writer {
    /// The most that one transaction removes, so that appends wait for a few milliseconds only.
    private static var sliceRecords: Int { 500 }
    private static var sliceBytes: Int64 { 4 << 20 }
    /// Pages given back to the file system in one transaction.
    private static var slicePages: Int { 256 }

    /// Removes what the retention says, and gives the file system back what is free beyond a quarter of the file, or all
    /// that is free where the disk is short of room.
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
            let extent = try extent(of: partition)
            let connection = try openConnection()
            let boundary: Offset
            do {
                boundary = try extent.firstOffset(atOrAfter: cutoff, connection) ?? extent.next
            } catch {
                throw LogError(error)
            }
            try await remove(partition, before: boundary)
        }
    }

    /// The topic's oldest first: a slice of the partition whose first record is the oldest, again and again.
    private func removeExcess(_ topic: String) async throws(LogError) {
        while let limit = retention(of: topic).maximumBytes, let extents = topics[topic] {
            let excess = extents.reduce(0) { $0 + $1.bytes } - Int64(max(0, limit))
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
        guard let old = topics[partition.topic]?[Int(partition.partition)] else { return }
        board.forgetLatest(of: partition)
        var extent = old
        do {
            extent = try connection.transaction { () throws(SQLiteError) in
                let shorter = try measureSlice(old, before: boundary, bytes: bytes, connection)
                let delete = try connection.statement(
                    "DELETE FROM record_\(old.id) WHERE offset >= ?1 AND offset < ?2")
                defer { delete.reset() }
                try delete.bind(old.first, at: 1)
                try delete.bind(shorter.first, at: 2)
                try delete.run()
                try shorter.save(connection)
                return shorter
            }
        } catch {
            guard error.isDamage else { throw error }
            // Damaged rows can't be deleted. They are passed over and their pages given up, so that the partition still
            // has an end to its growth.
            extent.first = min(boundary, old.first + Int64(Self.sliceRecords))
            extent.bytes -= extent.bytes / (old.next - old.first) * (extent.first - old.first)
            if extent.first == extent.next { extent.bytes = 0 }
            let shorter = extent
            try connection.transaction { () throws(SQLiteError) in try shorter.save(connection) }
        }
        topics[partition.topic]?[Int(partition.partition)] = extent
        counts.removedRecords += extent.first - old.first
        checkpoint(connection)
    }

    /// The extent as it is without the slice.
    private func measureSlice(
        _ extent: Extent, before boundary: Offset, bytes: Int64, _ connection: Connection
    ) throws(SQLiteError) -> Extent {
        let sizes = try connection.statement(
            """
            SELECT offset, length(value) + ifnull(length(key), 0) FROM record_\(extent.id)
            WHERE offset >= ?1 AND offset < ?2 ORDER BY offset LIMIT ?3
            """)
        defer { sizes.reset() }
        try sizes.bind(extent.first, at: 1)
        try sizes.bind(boundary, at: 2)
        try sizes.bind(Int64(Self.sliceRecords), at: 3)
        var end = extent.first + 1
        var removed: Int64 = 0
        while removed < min(bytes, Self.sliceBytes), try sizes.step() {
            end = sizes.integer(0) + 1
            removed += sizes.integer(1)
        }
        var shorter = extent
        shorter.first = end
        shorter.bytes = end == extent.next ? 0 : max(0, extent.bytes - removed)
        return shorter
    }

    /// The running maximum of the first record; where it can't be read, the record counts as the oldest.
    private func firstMaximum(_ extent: Extent, _ connection: Connection) throws(SQLiteError) -> Timestamp {
        let first = try connection.statement("SELECT maximum FROM record_\(extent.id) WHERE offset = ?1")
        defer { first.reset() }
        try first.bind(extent.first, at: 1)
        do {
            return try first.step() ? first.integer(0) : .min
        } catch {
            guard error.isDamage else { throw error }
            return .min
        }
    }

    private func shrinkFile() async throws(LogError) {
        while true {
            let connection = try openConnection()
            do {
                let free = try connection.integer("PRAGMA freelist_count")
                let spare = isShortOfRoom ? 0 : max(1024, try connection.integer("PRAGMA page_count") / 4)
                guard free > spare else { return }
                try connection.execute("PRAGMA incremental_vacuum(\(Self.slicePages))")
                checkpoint(connection)
            } catch {
                throw LogError(error)
            }
            await Task.yield()
        }
    }
}
