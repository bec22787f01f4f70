package import EventLog
internal import Events
internal import JSON

/// Reads from the log, when a partition begins to be followed, which events it has that are younger than the window, so that they are
/// known over restarts and on other servers. What is stored later comes by whoever follows the log.
package actor RecentEventReader {
    private nonisolated let recent: RecentEvents
    private nonisolated let log: any EventLog
    private nonisolated let now: @Sendable () -> Timestamp
    /// Between two attempts.
    private nonisolated let pause: @Sendable () async -> Void
    private nonisolated let report: @Sendable (TopicPartition, LogError) -> Void
    private var waiting: [TopicPartition] = []
    private var workers = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// Partitions that are read at once.
    private static let mostWorkers = 8
    /// How often a partition that does not answer is asked.
    private static let attempts = 3
    /// Records that are read however old they are by their own time: it is the event's, not that of its coming.
    private static let fewest: Offset = 1000

    /// - Parameter report: is told of partitions that could not be read, so that events of theirs may be stored twice.
    package init(
        _ recent: RecentEvents, log: any EventLog, now: @escaping @Sendable () -> Timestamp,
        pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(1)) },
        report: @escaping @Sendable (TopicPartition, LogError) -> Void
    ) {
        self.recent = recent
        self.log = log
        self.now = now
        self.pause = pause
        self.report = report
    }

    /// To be called when records behind the partition's end of this moment are sure to be learned otherwise.
    package func read(_ partition: TopicPartition) {
        waiting.append(partition)
        guard workers < Self.mostWorkers else { return }
        workers += 1
        Task { await work() }
    }

    /// Returns when all partitions so far were read.
    package func finished() async {
        guard workers > 0 else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    private func work() async {
        while let partition = waiting.popLast() { await readPatiently(partition) }
        workers -= 1
        guard workers == 0 else { return }
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    @concurrent
    private nonisolated func readPatiently(_ partition: TopicPartition) async {
        for attempt in 1...Self.attempts {
            do throws(LogError) { return try await readAll(partition) } catch {
                // What is gone or closed has nothing to be known.
                guard error.isTransient else { return }
                if attempt == Self.attempts { return report(partition, error) }
                await pause()
            }
        }
    }

    private nonisolated func readAll(_ partition: TopicPartition) async throws(LogError) {
        let bounds = try await log.bounds(of: partition)
        guard bounds.first < bounds.next else { return }
        // The time for which nothing came does not count: after it clients send again what was not answered before.
        let last = try await log.position(in: partition, at: bounds.next).timestamp ?? now()
        let since = try await log.position(in: partition, atOrAfter: min(last, now()) - recent.window).offset
        var offset = max(
            bounds.first, bounds.next - Offset(recent.capacity), min(since, bounds.next - Self.fewest))
        var scanner = JSONScanner()
        while offset < bounds.next {
            let block: RecordBlock
            do throws(LogError) {
                block = try await log.read(partition, from: offset, limit: ReadLimit())
            } catch {
                switch error {
                case .unreadable(_, let range, _): offset = max(offset + 1, range.upperBound)
                case .offsetOutOfRange(_, let bounds) where bounds.first > offset: offset = bounds.first
                default: throw error
                }
                continue
            }
            let events = block.records.compactMap { record -> (event: Event, offset: Offset)? in
                guard case .event(let event) = ScannedRecord(record.value, scanner: &scanner) else { return nil }
                return (event, record.offset)
            }
            recent.learn(events, of: partition)
            guard block.next > offset else { return }
            offset = block.next
        }
    }
}
