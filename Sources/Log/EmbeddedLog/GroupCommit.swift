internal import EventLog

// Appends that arrive while a commit waits for the disk share the next commit. So a lone append is stored at once, and
// under load the disk's latency is paid once for many.

/// A call of `append` that the writer works on.
struct OpenAppend {
    var pending: PendingAppend
    /// In the order of the records; those from here to the end are still to be stored.
    var results: [Result<Appended, LogError>] = []

    init(_ pending: PendingAppend) {
        self.pending = pending
        results.reserveCapacity(pending.records.count)
    }

    var isDone: Bool { results.count == pending.records.count }
}

/// A record with the place it will have.
private struct Placement {
    var call: Int
    /// In the call's records and results.
    var index: Int
    var maximum: Timestamp
    var appended: Appended
}

/// What one commit adds to one partition.
private struct Addition {
    /// As it will be.
    var extent: Extent
    var placements: [Placement] = []
}

extension Writer {
    /// Stores what waits, group by group, until nothing does.
    func serve() async {
        while let connection, let more = queue.take(orRest: calls.isEmpty) {
            calls += more.map(OpenAppend.init)
            commitGroup(connection)
            // Lets retention and new topics have their turn. Where nothing waits they have it anyway, and a yield would take
            // this task to another thread and back.
            if !calls.isEmpty || !queue.isEmpty { await Task.yield() }
        }
    }

    /// Takes records from the front up to a commit's limits, stores them and answers the calls that are done.
    func commitGroup(_ connection: Connection) {
        let additions = placeGroup()
        if !additions.isEmpty { store(additions, connection) }
        var done = 0
        for call in calls {
            guard call.isDone else { break }
            queue.answered(bytes: call.pending.bytes)
            call.pending.answer.resume(returning: call.results)
            done += 1
        }
        calls.removeFirst(done)
    }

    /// Gives the next records partitions and offsets, and a result that holds if the commit succeeds.
    private func placeGroup() -> [TopicPartition: Addition] {
        var additions: [TopicPartition: Addition] = [:]
        var records = 0
        var bytes = 0
        for call in calls.indices {
            while !calls[call].isDone {
                let index = calls[call].results.count
                let record = calls[call].pending.records[index]
                let size = record.byteCount
                if size > options.maximumRecordBytes {
                    calls[call].results.append(.failure(.recordTooLarge(limit: options.maximumRecordBytes)))
                    continue
                }
                if records > 0, records >= options.maximumCommitRecords || bytes + size > options.maximumCommitBytes {
                    return additions
                }
                guard let (partition, extent) = choosePartition(record) else {
                    calls[call].results.append(.failure(.topicNotFound(record.topic)))
                    continue
                }
                records += 1
                bytes += size
                let place = TopicPartition(record.topic, Int32(partition))
                var addition = additions.removeValue(forKey: place) ?? Addition(extent: extent)
                let appended = Appended(topicPartition: place, offset: addition.extent.next)
                let maximum = max(addition.extent.maximum ?? record.timestamp, record.timestamp)
                addition.placements.append(
                    Placement(call: call, index: index, maximum: maximum, appended: appended))
                addition.extent.next += 1
                addition.extent.bytes += Int64(size)
                addition.extent.maximum = maximum
                addition.extent.lastTimestamp = record.timestamp
                additions[place] = addition
                calls[call].results.append(.success(appended))
            }
        }
        return additions
    }

    /// With its extent as committed; nil: there is no such topic.
    private func choosePartition(_ record: NewRecord) -> (Int, Extent)? {
        guard let extents = topics[record.topic], !extents.isEmpty else { return nil }
        if let key = record.key {
            let partition = KeyPartitioner.partition(ofKey: key, count: extents.count)
            return (partition, extents[partition])
        }
        let turn = turns[record.topic, default: 0] % extents.count
        turns[record.topic] = turn + 1
        return (turn, extents[turn])
    }

    private func store(_ additions: [TopicPartition: Addition], _ connection: Connection) {
        do {
            try findRoom(connection)
        } catch {
            return fail(additions, error)
        }
        do {
            try insert(additions, connection)
        } catch {
            // One damaged partition must not keep the others from being written.
            if error.isDamage, additions.count > 1 {
                for (place, addition) in additions { store([place: addition], connection) }
                return
            }
            return fail(additions, LogError(error))
        }
        counts.commits += 1
        for (place, addition) in additions {
            counts.appendedRecords += Int64(addition.placements.count)
            topics[place.topic]?[Int(place.partition)] = addition.extent
        }
        let changed = Set(additions.keys.map(\.topic))
        // Followers read those that are too many for one call of theirs.
        let latest = additions.filter { $0.value.placements.count <= Follower.limit.records }
            .mapValues { $0.placements.map(record) }
        board.publish(topics.filter { changed.contains($0.key) }, latest: latest)
        try? connection.checkpointIfDue()
    }

    /// As it was stored.
    private func record(_ placement: Placement) -> Record {
        let record = calls[placement.call].pending.records[placement.index]
        return Record(
            offset: placement.appended.offset, timestamp: record.timestamp, key: record.key, value: record.value,
            index: record.index)
    }

    private func fail(_ additions: [TopicPartition: Addition], _ error: LogError) {
        counts.failedCommits += 1
        for placement in additions.values.flatMap(\.placements) {
            calls[placement.call].results[placement.index] = .failure(error)
        }
    }

    private func insert(_ additions: [TopicPartition: Addition], _ connection: Connection) throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
            for addition in additions.values {
                let insert = try connection.statement(
                    """
                    INSERT INTO record_\(addition.extent.id) (offset, timestamp, maximum, key, value, checksum)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    """)
                for placement in addition.placements {
                    let record = calls[placement.call].pending.records[placement.index]
                    let offset = placement.appended.offset
                    defer { insert.reset() }
                    try insert.bind(offset, at: 1)
                    try insert.bind(record.timestamp, at: 2)
                    try insert.bind(placement.maximum, at: 3)
                    try insert.bind(record.key, at: 4)
                    try insert.bind(record.value, at: 5)
                    let checksum = Checksum.of(
                        offset: offset, timestamp: record.timestamp, maximum: placement.maximum, key: record.key,
                        value: record.value)
                    try insert.bind(checksum, at: 6)
                    try insert.run()
                }
                try addition.extent.save(connection)
            }
        }
    }
}

extension NewRecord {
    /// Of key and value.
    var byteCount: Int { value.count + (key?.count ?? 0) }
}
