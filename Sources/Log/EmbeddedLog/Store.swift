internal import EventLog

/// The writer's side of the log: the directory, the database and the ledger, and what is committed in them. One transaction
/// after the other, each followed by what others must know of it.
///
/// Used on the writer's thread only.
final class Store {
    private let options: EmbeddedLogOptions
    private let board: Board
    private let health: Health
    private let room: DiskRoom
    private var writeAheadRoom: WriteAheadRoom
    private let connection: Connection
    private let ledger: Ledger
    private let files: FileWatch
    /// Given back after the connection is gone, never before. Nil after `close`.
    private var lock: DirectoryLock?
    /// There was a commit since `tidy`.
    private var isUntidy = false
    /// Bytes that commits may have before the disk is asked for room again.
    private var bytesBeforeLook: Int64 = 0
    /// As committed.
    private(set) var topics: [String: [Extent]]
    /// The ids of the partitions whose rows say less than `topics`.
    private var behind: Set<Int64>
    /// The last moment that the ledger had at the start.
    let lastMoment: (now: Timestamp, steady: Int64?)?
    private(set) var removedRecords: Int64 = 0

    /// The most that one transaction removes, so that appends wait for a few milliseconds only.
    private static let sliceRecords = 500
    private static let sliceBytes: Int64 = 4 << 20
    /// The disk is asked for room again when commits may have taken this share of what was left: each byte is written to the
    /// write-ahead log and to the database, with the rest of its page.
    private static let lookShare: Int64 = 16
    /// A partition's part of a commit takes so much beside its records: a few pages. Bytes.
    private static let pagesBytes: Int64 = 32 << 10
    /// Given back to the file system in one transaction. Bytes.
    private static let shrinkBytes = 1 << 20
    /// Free for what comes next, at least, before any is given back. Bytes.
    private static let spareBytes = 4 << 20

    /// Takes the directory, finds out what is in it and mends what can be mended.
    init(_ options: EmbeddedLogOptions, board: Board, health: Health) throws(LogError) {
        self.options = options
        self.board = board
        self.health = health
        lock = try DirectoryLock(options.directory)
        room = DiskRoom(options.directory, minimumFree: options.minimumFreeBytes)
        ledger = try Ledger(options.directory)
        let noted = try ledger.read()
        lastMoment = noted.moment
        connection = try Schema.openWriter(directory: options.directory, options: options)
        do {
            (topics, behind) = try Opening(connection, health).open(noted)
            writeAheadRoom = WriteAheadRoom(options.directory, pageBytes: try connection.pageBytes)
        } catch {
            throw LogError(error, "the log in \(options.directory) can't be opened")
        }
        let moment = ClockWatch.Moment(
            now: noted.moment?.now ?? options.clock.now(), steady: noted.moment?.steady ?? options.clock.steady())
        try ledger.write(topics.values.joined().sorted { $0.id < $1.id }.map(\.ledgerEntry), at: moment)
        DirectoryLock.sync(options.directory)
        files = FileWatch(
            options.directory,
            [
                Schema.fileName, Schema.fileName + "-wal", Schema.fileName + "-shm", Ledger.fileName,
                DirectoryLock.fileName,
            ])
        do throws(LogError) { try room.check() } catch { health.met(.room, error) }
        board.publish(topics)
    }

    /// Lets go of the files, whoever still refers to this object. What is in the write-ahead log is read again by the next who opens it.
    func close() {
        do throws(LogError) { try ledger.sync() } catch { health.met(.commits, error) }
        checkpointAndTruncate()
        connection.close()
        lock = nil
    }

    // MARK: - Topics

    /// Makes a topic, or adds partitions to one that has fewer.
    func createTopic(_ name: String, partitions count: Int32) throws(LogError) {
        let old = topics[name] ?? []
        guard old.count < Int(count) else { return }
        try files.check()
        let free = (topics.values.joined().map(\.id).max() ?? 0) + 1
        let new = (old.count..<Int(count)).map { number in
            Extent(id: free + Int64(number - old.count), TopicPartition(name, Int32(number)))
        }
        do {
            try connection.transaction { () throws(SQLiteError) in
                for extent in new {
                    try extent.insert(connection)
                    try Schema.createRecords(extent.id, connection)
                }
            }
        } catch {
            throw LogError(error)
        }
        topics[name] = old + new
        try ledger.add(new.map(\.ledgerEntry))
        board.publish([name: old + new])
    }

    func extent(of partition: TopicPartition) throws(LogError) -> Extent {
        guard let extents = topics[partition.topic] else { throw .topicNotFound(partition.topic) }
        guard let number = Int(exactly: partition.partition), extents.indices.contains(number) else {
            throw .partitionNotFound(partition)
        }
        return extents[number]
    }

    private func set(_ extent: Extent) {
        topics[extent.partition.topic]?[Int(extent.partition.partition)] = extent
    }

    // MARK: - Appending

    /// Stores all additions in one transaction, and tells the board.
    ///
    /// - Returns: those that were not stored, and why. One partition that is damaged does not keep others from it.
    func commit(
        _ additions: [TopicPartition: GroupCommit.Addition]
    ) -> [(addition: GroupCommit.Addition, error: LogError)] {
        tidy()
        do throws(LogError) {
            // The paths are looked up each second.
            if health.has(.directory) || !files.areInPlace { try checkFiles() }
            try findRoom(for: additions)
        } catch {
            return additions.values.map { ($0, error) }
        }
        do throws(SQLiteError) {
            try insert(additions)
        } catch {
            if error.isDamage, additions.count > 1 {
                return additions.flatMap { commit([$0: $1]) }
            }
            let failure = LogError(error, "nothing can be appended to \(additions.keys.sorted()[0])")
            if error.isDamage {
                for partition in additions.keys { health.met(.writing(partition), failure) }
            } else if error.isFull {
                health.met(.room, failure)
            } else {
                health.met(.commits, failure)
            }
            return additions.values.map { ($0, failure) }
        }
        committed(additions)
        return []
    }

    private func insert(_ additions: [TopicPartition: GroupCommit.Addition]) throws(SQLiteError) {
        try connection.transaction { () throws(SQLiteError) in
            for addition in additions.values {
                let extent = addition.extent
                let insert = try connection.statement(
                    """
                    INSERT INTO record_\(extent.id) (offset, timestamp, maximum, key, value, checksum)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    """)
                defer { insert.reset() }
                for placed in addition.records {
                    let record = placed.record
                    try insert.bind(record.offset, at: 1)
                    try insert.bind(record.timestamp, at: 2)
                    try insert.bind(placed.maximum, at: 3)
                    try insert.bind(record.key, at: 4)
                    let checksum = Checksum.of(
                        extent.seal, offset: record.offset, timestamp: record.timestamp, maximum: placed.maximum,
                        key: record.key, value: record.value)
                    try insert.bind(checksum, at: 6)
                    try insert.run(with: record.value, at: 5)
                }
            }
        }
    }

    private func committed(_ additions: [TopicPartition: GroupCommit.Addition]) {
        for addition in additions.values {
            set(addition.extent)
            behind.insert(addition.extent.id)
            do throws(LogError) {
                try ledger.note(addition.extent.ledgerEntry)
            } catch {
                // The records are stored. What is lost is the proof of them, should the database be damaged later.
                health.met(.commits, error)
            }
            health.over(.writing(addition.extent.partition))
        }
        health.over(.commits)
        health.over(.room)
        var changed: [String: [Extent]] = [:]
        var latest: [TopicPartition: [Record]] = [:]
        for (partition, addition) in additions {
            changed[partition.topic] = topics[partition.topic]
            // Followers read those that are too many for one call of theirs.
            guard addition.records.count <= Follower.limit.records else { continue }
            latest[partition] = addition.records.map(\.record)
        }
        board.publish(changed, latest: latest)
        isUntidy = true
    }

    /// Does what the last commit has left to do and nobody need wait for: those who appended are answered before it, and followers
    /// have the records.
    private func tidy() {
        guard isUntidy else { return }
        isUntidy = false
        try? connection.checkpointIfDue(saveRows)
        if options.durability == .full, writeAheadRoom.isNarrow(behind: connection.writeAheadFrames), room.isAmple {
            writeAheadRoom.widen()
        }
    }

    private func checkFiles() throws(LogError) {
        do {
            try files.check()
        } catch {
            health.met(.directory, error)
            throw error
        }
        health.over(.directory)
    }

    /// Looks for room before a commit, unless a look shortly before found plenty. What the write-ahead log takes twice may be
    /// enough.
    private func findRoom(for additions: [TopicPartition: GroupCommit.Addition]) throws(LogError) {
        bytesBeforeLook -= additions.values.reduce(0) { $0 + $1.bytes + Self.pagesBytes }
        guard bytesBeforeLook < 0 else { return }
        if room.isShort {
            checkpointAndTruncate()
            do {
                try room.check()
            } catch {
                health.met(.room, error)
                throw error
            }
        }
        bytesBeforeLook = room.left / Self.lookShare
    }

    /// After a change. Failing to copy the write-ahead log loses nothing; the next change tries again.
    private func checkpoint() {
        if room.isShort {
            checkpointAndTruncate()
        } else {
            try? connection.checkpointIfDue(saveRows)
        }
    }

    private func checkpointAndTruncate() {
        saveRows()
        try? connection.checkpointAndTruncate()
    }

    /// Brings the partitions' rows up to date before the write-ahead log is copied into the database. So they are behind by no more
    /// than it holds, which is what an opening after a crash has to read. It is copied where this fails, too: it would grow for ever
    /// on a full disk, or with a damaged row.
    private func saveRows() {
        save(topics.values.joined().filter { behind.contains($0.id) })
    }

    /// In one transaction. Where there is damage, by halves, so that a row that is damaged does not keep others from it.
    private func save(_ extents: [Extent]) {
        guard let extent = extents.first else { return }
        do throws(SQLiteError) {
            try connection.transaction { () throws(SQLiteError) in
                for extent in extents { try extent.save(connection) }
            }
            extents.forEach(saved)
        } catch {
            // Whatever else it is, commits meet it, too.
            guard error.isDamage else { return }
            if extents.count == 1 {
                health.met(.row(extent.partition), LogError(error, "the row of \(extent.partition) can't be written"))
            } else {
                save(Array(extents[..<(extents.count / 2)]))
                save(Array(extents[(extents.count / 2)...]))
            }
        }
    }

    /// The partition's row says what `topics` does.
    private func saved(_ extent: Extent) {
        behind.remove(extent.id)
        health.over(.row(extent.partition))
    }

    // MARK: - Looking after

    /// Looks whether the log's files are still there, and whether what kept commits from succeeding is over. To be called
    /// every second or so.
    ///
    /// - Parameter moment: the last one at which the time of day was believed.
    func inspect(_ moment: ClockWatch.Moment) {
        tidy()
        do throws(LogError) {
            try checkFiles()
            try ledger.note(moment)
            if options.durability == .full { try ledger.sync() }
        } catch {
            if !health.has(.directory) { health.met(.commits, error) }
            return
        }
        if health.has(.commits) {
            do throws(SQLiteError) {
                // Writes a page and changes nothing.
                try connection.transaction { () throws(SQLiteError) in
                    try connection.execute("PRAGMA user_version=\(Schema.version)")
                }
                health.over(.commits)
            } catch {
                health.met(.commits, LogError(error))
            }
        }
        if health.has(.room), !room.isShort { health.over(.room) }
        // Others write to the disk, too, and SQLite may have cut its file.
        bytesBeforeLook = 0
        writeAheadRoom.forget()
    }

    func statistics(into statistics: inout LogStatistics) {
        let path = "\(options.directory)/\(Schema.fileName)"
        statistics.fileBytes = DiskRoom.size(path)
        statistics.writeAheadBytes = DiskRoom.size(path + "-wal")
        statistics.freeBytes = room.free ?? 0
        statistics.removedRecords = removedRecords
        for extent in topics.values.joined() {
            statistics.partitions[extent.partition] = LogStatistics.Partition(
                first: extent.first, next: extent.next, bytes: extent.bytes)
        }
    }

    // MARK: - Removing

    /// The first record whose running maximum is at or after `time`; the end where there is none.
    func firstOffset(in partition: TopicPartition, atOrAfter time: Timestamp) throws(LogError) -> Offset {
        let extent = try extent(of: partition)
        return RecordTable(extent, connection).firstOffset(atOrAfter: time) ?? extent.next
    }

    /// Removes records from the front, one slice of those before `boundary`. False: there is none.
    func removeSlice(_ partition: TopicPartition, before boundary: Offset) throws(LogError) -> Bool {
        let extent = try extent(of: partition)
        guard extent.first < min(boundary, extent.next) else { return false }
        try removeSlice(extent, before: min(boundary, extent.next), bytes: .max)
        return true
    }

    /// Removes a slice of the partition whose first record is the oldest, if the topic has more than so many bytes. False:
    /// it has not.
    func removeOldest(_ topic: String, beyond limit: Int64) throws(LogError) -> Bool {
        let extents = topics[topic, default: []]
        let excess = extents.reduce(0) { $0 + $1.bytes } - limit
        guard excess > 0 else { return false }
        let oldest = extents.filter { $0.first < $0.next }.map {
            (extent: $0, maximum: RecordTable($0, connection).firstMaximum)
        }.min { $0.maximum < $1.maximum }
        guard let extent = oldest?.extent else { return false }
        try removeSlice(extent, before: extent.next, bytes: excess)
        return true
    }

    /// Removes records from the front in one transaction: at least one, none at or after `boundary`, and no more than
    /// it takes to be rid of `bytes`.
    private func removeSlice(_ old: Extent, before boundary: Offset, bytes: Int64) throws(LogError) {
        board.forgetLatest(of: old.partition)
        var extent = old
        do throws(SQLiteError) {
            extent = try connection.transaction { () throws(SQLiteError) in
                let shorter = try measureSlice(old, before: boundary, bytes: bytes)
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
            guard error.isDamage else { throw LogError(error) }
            // Damaged rows can't be deleted. They are passed over and their pages given up, so that the partition still
            // has an end to its growth.
            extent.first = min(boundary, old.first + Int64(Self.sliceRecords))
            extent.bytes -= extent.bytes / (old.next - old.first) * (extent.first - old.first)
            if extent.first == extent.next { extent.bytes = 0 }
            let shorter = extent
            do throws(SQLiteError) {
                try connection.transaction { () throws(SQLiteError) in try shorter.save(connection) }
            } catch {
                throw LogError(error, "\(old.partition) can't be made shorter")
            }
        }
        set(extent)
        saved(extent)
        removedRecords += extent.first - old.first
        checkpoint()
    }

    /// The extent as it is without the slice.
    private func measureSlice(
        _ extent: Extent, before boundary: Offset, bytes: Int64
    ) throws(SQLiteError) -> Extent {
        let sizes = try connection.statement(
            """
            SELECT offset, \(RecordTable.rowBytes) FROM record_\(extent.id)
            WHERE offset >= ?1 AND offset < ?2 ORDER BY offset LIMIT ?3
            """)
        defer { sizes.reset() }
        try sizes.bind(extent.first, at: 1)
        try sizes.bind(boundary, at: 2)
        try sizes.bind(Int64(Self.sliceRecords), at: 3)
        // Where there is no row, there is a hole up to the boundary.
        var end = boundary
        var removed: Int64 = 0
        var isFirst = true
        while isFirst || removed < min(bytes, Self.sliceBytes), try sizes.step() {
            let offset = sizes.integer(0)
            guard extent.first <= offset, offset < boundary else { throw .damage("rows are out of order") }
            end = offset + 1
            removed += sizes.integer(1)
            isFirst = false
        }
        var shorter = extent
        shorter.first = end
        shorter.bytes = end == extent.next ? 0 : max(0, extent.bytes - removed)
        return shorter
    }

    /// Gives the file system one slice of what is free. False: there is nothing to give.
    func shrinkFile() throws(LogError) -> Bool {
        do {
            let free = try connection.integer("PRAGMA freelist_count")
            let pageBytes = try connection.pageBytes
            let spare =
                room.isShort
                ? 0 : max(Int64(Self.spareBytes / pageBytes), try connection.integer("PRAGMA page_count") / 4)
            guard free > spare else { return false }
            try connection.execute("PRAGMA incremental_vacuum(\(Self.shrinkBytes / pageBytes))")
            checkpoint()
            return try connection.integer("PRAGMA freelist_count") < free
        } catch {
            throw LogError(error)
        }
    }
}
