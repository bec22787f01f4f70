package import EventLog
internal import Events
internal import JSON
internal import Synchronization

/// Hasty events on the server's own disk, between the answer 202 and the log: what was answered survives a crash, and a log that
/// is away, as long as there is room.
///
///     hasty request ──▶ take ──▶ storage (a topic each) ──▶ drain, a task for each topic ──▶ log
///                          └── 202                              └── remove, when the log has answered
///
/// The events of a topic go to the log one batch after the other, in the order in which they came. What the log does not take for
/// the moment is offered again until it does. After a crash a batch may be offered that the log has already: `RecentEvents` knows it.
package final class HastySpool: Sendable {
    /// What waits, for metrics.
    package struct Use: Hashable, Sendable {
        package var events = 0
        package var bytes = 0

        package init() {}
    }

    private struct State {
        var use = Use()
        var drains: [String: Task<Void, Never>] = [:]
        var isStopped = false
    }

    private let storage: SpoolStorage
    private let appender: EventAppender
    private let metrics: IntakeMetrics
    /// Before what the log did not take is offered again.
    private let pause: @Sendable () async -> Void
    private let report: @Sendable (LogError) -> Void
    private let state = Mutex(State())

    /// Events that are offered to the log at once.
    private static let batch = 1000

    /// - Parameter report: takes what is wrong with the storage.
    package init(
        _ storage: SpoolStorage, _ appender: EventAppender, metrics: IntakeMetrics,
        pause: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(1)) },
        report: @escaping @Sendable (LogError) -> Void = { _ in }
    ) {
        self.storage = storage
        self.appender = appender
        self.metrics = metrics
        self.pause = pause
        self.report = report
        state.withLock { $0.use.bytes = storage.bytesAtStart }
    }

    package var use: Use { state.withLock { $0.use } }

    /// Takes up what an earlier process has left.
    package func start() async throws(LogError) {
        for topic in try await storage.log.topics().keys {
            let bounds = try await storage.log.bounds(of: TopicPartition(topic, 0))
            state.withLock { $0.use.events += Int(bounds.next - bounds.first) }
            beginToDrain(topic)
        }
    }

    /// Ends. What has not reached the log stays for the next process.
    package func stop() async {
        let drains = state.withLock { state in
            state.isStopped = true
            defer { state.drains = [:] }
            return state.drains.values.map { $0 }
        }
        for drain in drains { drain.cancel() }
        for drain in drains { await drain.value }
        await storage.log.close()
    }

    // MARK: In

    /// Keeps events. Those that have no error survive a crash, and reach the log.
    ///
    /// - Returns: in the records' order, why one can't be kept; nil where it is.
    nonisolated(nonsending) func take(_ records: [NewRecord]) async -> [IntakeError?] {
        let bytes = records.reduce(0) { $0 + $1.spooledBytes }
        let hasRoom = state.withLock { state in
            guard !state.isStopped, state.use.bytes + bytes <= storage.limit else { return false }
            state.use.bytes += bytes
            state.use.events += records.count
            return true
        }
        guard hasRoom else {
            let error = IntakeError.unavailable("Too many hasty events wait for the log. Send them again later.")
            return records.map { _ in error }
        }
        do throws(LogError) {
            for topic in Set(records.map(\.topic)) where state.withLock({ $0.drains[topic] == nil }) {
                try await storage.log.createTopic(topic, partitions: 1)
                beginToDrain(topic)
            }
        } catch {
            report(error)
            giveBack(records[...])
            return records.map { _ in .unavailable("The event can't be kept now. Send it again later.") }
        }
        let results = await storage.log.append(records)
        var failed: [NewRecord] = []
        var errors: [IntakeError?] = []
        for (record, result) in zip(records, results) {
            switch result {
            case .success: errors.append(nil)
            case .failure(let error):
                failed.append(record)
                if failed.count == 1 { report(error) }
                if case .refused(let refusal) = IntakeOutcome.Fate(.failure(error)) { errors.append(refusal) }
            }
        }
        giveBack(failed[...])
        return errors
    }

    private func giveBack(_ records: ArraySlice<NewRecord>) {
        state.withLock { state in
            state.use.events -= records.count
            state.use.bytes -= records.reduce(0) { $0 + $1.spooledBytes }
        }
    }

    // MARK: Out

    private func beginToDrain(_ topic: String) {
        state.withLock { state in
            guard state.drains[topic] == nil, !state.isStopped else { return }
            state.drains[topic] = Task { await drain(TopicPartition(topic, 0)) }
        }
    }

    private func drain(_ partition: TopicPartition) async {
        while !Task.isCancelled {
            do throws(LogError) {
                let bounds = try await storage.log.bounds(of: partition)
                let follower = try await storage.log.follow([partition: bounds.first])
                while true { try await move(try await follower.next(), of: partition) }
            } catch {
                if error == .closed { return }
                report(error)
                if case .unreadable(_, let range, _) = error {
                    metrics.count(stored: 0, refused: 0, lost: range.count)
                    state.withLock { $0.use.events -= range.count }
                    try? await storage.remove(partition, range.upperBound)
                } else {
                    await pause()
                }
            }
        }
    }

    private func move(_ batches: [FollowedRecords], of partition: TopicPartition) async throws(LogError) {
        for batch in batches {
            var start = batch.records.startIndex
            while start < batch.records.endIndex {
                let end = min(start + Self.batch, batch.records.endIndex)
                let records = batch.records[start..<end].map { NewRecord($0, topic: partition.topic) }
                guard await deliver(records) else { throw .closed }
                // Where this fails, they are offered again after a crash, and known.
                try await storage.remove(partition, batch.records[end - 1].offset + 1)
                giveBack(records[...])
                start = end
            }
        }
    }

    /// Returns when the log has answered for each; false: it has not, and the process ends.
    private func deliver(_ records: [NewRecord]) async -> Bool {
        var scanner = JSONScanner()
        var open = records.map { record -> (record: NewRecord, key: EventKey?) in
            guard case .event(let event) = ScannedRecord(record.value, scanner: &scanner) else { return (record, nil) }
            return (record, EventKey(event))
        }
        while true {
            let fates = await appender.append(open.map(\.record), open.map(\.key))
            var rest: [(record: NewRecord, key: EventKey?)] = []
            var (stored, duplicates, lost) = (0, 0, 0)
            for (entry, fate) in zip(open, fates) {
                switch fate {
                case .stored, .accepted: stored += 1
                case .duplicate: duplicates += 1
                case .refused(let error) where error.isTemporary: rest.append(entry)
                case .refused: lost += 1
                }
            }
            metrics.count(stored: stored, duplicates: duplicates, refused: 0, lost: lost)
            guard !rest.isEmpty else { return true }
            open = rest
            await pause()
            if Task.isCancelled { return false }
        }
    }
}

extension NewRecord {
    fileprivate var spooledBytes: Int { value.count + (key?.count ?? 0) }

    fileprivate init(_ record: Record, topic: String) {
        self.init(
            topic: topic, timestamp: record.timestamp, key: record.key, value: record.value, index: record.index)
    }
}
