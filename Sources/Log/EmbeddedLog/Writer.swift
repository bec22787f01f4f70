internal import EventLog

/// The one that changes the database: appends, new topics and retention, one transaction after the other on its thread.
actor Writer {
    private let thread: BlockingThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    let options: EmbeddedLogOptions
    let board: Board
    let queue: AppendQueue

    /// Nil before `open` and after `close`.
    var connection: Connection?
    /// Given back after the connection is gone, never before.
    private var lock: DirectoryLock?
    /// As committed.
    var topics: [String: [Extent]] = [:]
    /// The partition that the next record without a key goes to, by topic.
    var turns: [String: Int] = [:]
    /// Taken from the queue and not answered yet, in order.
    var calls: [OpenAppend] = []
    var retention: Retention
    var topicRetention: [String: Retention]
    var counts = LogStatistics()

    init(options: EmbeddedLogOptions, board: Board, queue: AppendQueue) throws(BlockingThreadError) {
        thread = try BlockingThread()
        self.options = options
        self.board = board
        self.queue = queue
        retention = options.retention
        topicRetention = options.topicRetention
    }

    /// Takes the directory, and reads what partitions there are.
    func open() throws(LogError) {
        let lock = try DirectoryLock(options.directory)
        let connection = try Schema.openWriter(directory: options.directory, options: options)
        do {
            topics = try Extent.loadAll(connection)
        } catch {
            throw LogError(error)
        }
        DirectoryLock.sync(options.directory)
        self.connection = connection
        self.lock = lock
        board.publish(topics)
    }

    /// Stores what was admitted before, then lets go of the files.
    func close() {
        while let connection {
            guard let more = queue.take(orRest: calls.isEmpty) else {
                // Failing here loses nothing: the next open reads the write-ahead log.
                try? connection.checkpointAndTruncate()
                break
            }
            calls += more.map(OpenAppend.init)
            commitGroup(connection)
        }
        // A task that was interrupted between two transactions may still refer to the connection.
        connection?.close()
        connection = nil
        lock = nil
    }

    func openConnection() throws(LogError) -> Connection {
        guard let connection else { throw .closed }
        return connection
    }

    func createTopic(_ name: String, partitions count: Int32) throws(LogError) {
        try TopicName.validate(name)
        guard (1...EmbeddedLog.maximumPartitions).contains(count) else {
            throw .invalid("a topic has 1 to \(EmbeddedLog.maximumPartitions) partitions, not \(count)")
        }
        let connection = try openConnection()
        var extents = topics[name] ?? []
        let old = extents.count
        guard old < Int(count) else { return }
        do {
            try connection.transaction { () throws(SQLiteError) in
                let insertTopic = try connection.statement("INSERT OR IGNORE INTO topic (name) VALUES (?1)")
                try insertTopic.bind(name, at: 1)
                try insertTopic.run()
                for number in old..<Int(count) {
                    let insert = try connection.statement(
                        """
                        INSERT INTO partition (topic, number, first, next, bytes)
                        SELECT id, ?2, 0, 0, 0 FROM topic WHERE name = ?1 RETURNING id
                        """)
                    defer { insert.reset() }
                    try insert.bind(name, at: 1)
                    try insert.bind(Int64(number), at: 2)
                    guard try insert.step() else { continue }
                    let id = insert.integer(0)
                    insert.reset()
                    try Schema.createRecords(id, connection)
                    extents.append(Extent(id: id))
                }
            }
        } catch {
            throw LogError(error)
        }
        topics[name] = extents
        board.publish([name: extents])
    }

    func setRetention(_ retention: Retention, byTopic: [String: Retention]) {
        self.retention = retention
        topicRetention = byTopic
    }

    func statistics() -> LogStatistics {
        var statistics = counts
        let path = "\(options.directory)/\(Schema.fileName)"
        statistics.fileBytes = DiskRoom.size(path)
        statistics.writeAheadBytes = DiskRoom.size(path + "-wal")
        statistics.freeBytes = DiskRoom.free(options.directory) ?? 0
        statistics.waitingBytes = queue.waitingBytes
        for (topic, extents) in topics {
            for (number, extent) in extents.enumerated() {
                statistics.partitions[TopicPartition(topic, Int32(number))] = LogStatistics.Partition(
                    first: extent.first, next: extent.next, bytes: extent.bytes)
            }
        }
        return statistics
    }
}
