public import EventLog
internal import Synchronization
internal import System

/// An event log in one directory, in one process: SQLite with a table for each partition (`Schema`), one writer that
/// commits in groups (`GroupCommit`, `Store`), a few readers, and followers that commits wake.
///
///     append ──▶ AppendQueue ──▶ Writer ──commit──▶ log.sqlite ◀── ReaderPool ◀── read, position, bounds
///                                   └────publish──▶ Board ──wake──▶ Follower ──────┘
public final class EmbeddedLog: EventLog {
    /// The most partitions a topic may have.
    public static let maximumPartitions: Int32 = 1024

    private let options: EmbeddedLogOptions
    private let board: Board
    private let queue: AppendQueue
    private let writer: Writer
    private let readers: ReaderPool
    private let health: Health
    private let keeper = Mutex<Task<Void, Never>?>(nil)

    private init(
        _ options: EmbeddedLogOptions, _ board: Board, _ queue: AppendQueue, _ writer: Writer, _ readers: ReaderPool,
        _ health: Health
    ) {
        self.options = options
        self.board = board
        self.queue = queue
        self.writer = writer
        self.readers = readers
        self.health = health
    }

    deinit {
        keeper.withLock { $0?.cancel() }
    }

    /// Opens the log in `options.directory`, and makes it if there is none.
    ///
    /// - Throws: `invalid` with what to change, `full`, or `unavailable` where the system has no threads left.
    public static func open(_ options: EmbeddedLogOptions) async throws(LogError) -> EmbeddedLog {
        try options.validate()
        let board = Board()
        let queue = AppendQueue(limit: options.maximumWaitingBytes)
        let health = Health(report: options.report)
        let writer: Writer
        var readers: [Reader] = []
        do throws(BlockingThreadError) {
            writer = try Writer(options: options, board: board, queue: queue, health: health)
            for _ in 0..<options.readers { readers.append(try Reader(health: health)) }
        } catch {
            throw .unavailable("no thread could be started: \(errorText(error.code))")
        }
        try await writer.open()
        for reader in readers { try await reader.open(directory: options.directory) }
        let log = EmbeddedLog(options, board, queue, writer, ReaderPool(readers, board: board), health)
        log.startKeeper()
        return log
    }

    // MARK: - EventLog

    public func topics() async throws(LogError) -> [String: Int32] {
        try board.topics()
    }

    /// - Throws: `invalid` for a name outside Kafka's rule (1 to 249 of `a-zA-Z0-9._-`, not `.` or `..`) or a number of
    ///   partitions outside 1 to `maximumPartitions`.
    public func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        try await writer.createTopic(name, partitions: partitions)
    }

    public func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await readers.bounds(of: partition)
    }

    public func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        try await readers.read(partition, from: offset, limit: limit)
    }

    public func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try await readers.position(in: partition, atOrAfter: time)
    }

    public func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        try await readers.position(in: partition, at: offset)
    }

    /// Fails as a whole with `unavailable` when more than `maximumWaitingBytes` wait; record by record otherwise.
    /// Records of one call keep their order within each partition.
    public nonisolated(nonsending) func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] {
        guard !records.isEmpty else { return [] }
        do throws(LogError) {
            let number = try queue.enter(records)
            return await writer.answer(to: number)
        } catch {
            return records.map { _ in .failure(error) }
        }
    }

    public func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        for partition in starts.keys { _ = try board.extent(of: partition) }
        return Follower(starts, board: board, readers: readers, executor: writer.next)
    }

    /// Stores what was admitted, wakes all followers, and gives the directory back.
    public func close() async {
        queue.close()
        keeper.withLock { $0?.cancel() }
        await readers.close()
        await writer.close()
        board.close()
    }

    /// Why appends or reads can't be served: the directory was removed, commits fail, or a partition is damaged where new
    /// records go. A full disk is none: streams go on.
    public var failure: LogError? { health.failure }

    // MARK: - Keeping

    /// From the next pass on.
    public func setRetention(_ retention: Retention, byTopic: [String: Retention] = [:]) async {
        await writer.setRetention(retention, byTopic: byTopic)
    }

    /// Removes what is too old or too much at `now`. The log does this by itself every `retentionInterval`.
    public func enforceRetention(now: Timestamp) async throws(LogError) {
        try await writer.enforceRetention(now: now)
    }

    /// Removes a partition's records before `offset`. Its other records and its next offset stay.
    public func truncate(_ partition: TopicPartition, before offset: Offset) async throws(LogError) {
        try await writer.remove(partition, before: offset)
    }

    public func statistics() async -> LogStatistics {
        await writer.statistics()
    }

    /// Looks after the log once a second, or more often where retention is to.
    private func startKeeper() {
        let interval = min(options.retentionInterval, .seconds(1))
        let task = Task { [writer, options] in
            while !Task.isCancelled {
                do { try await options.clock.sleep(interval) } catch { return }
                do throws(LogError) {
                    try await writer.lookAfter()
                } catch {
                    // The writer reports what is wrong; the next time it tries again.
                    if error == .closed { return }
                }
            }
        }
        keeper.withLock { $0 = task }
    }
}
