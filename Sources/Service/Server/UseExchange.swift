internal import Admission
internal import EventLog
internal import Reactor
internal import Synchronization
internal import System
internal import Time

/// Tells the other servers of a cluster how many streams this one's clients have, and hears the same of them, by a topic that
/// is no stream's: so that a limit holds wherever a client lands (contract, section 8).
///
/// A count is a second or two old, so a client that asks several servers in the same moment may have some more for that long.
/// A server that is cut off counts alone after `UseElsewhere.lifetime`.
final class UseExchange: Sendable {
    /// Milliseconds between two reports where nothing has changed.
    private static let patience: Int64 = 2_000

    private let log: any EventLog
    private let topic: String
    private let limits: ConnectionLimits
    private let createsTopic: Bool
    /// Is told why counts are not shared.
    private let report: @Sendable (LogError) -> Void
    private let server: String
    private let elsewhere: Mutex<UseElsewhere>
    private let clock = MonotonicClock.system

    init(
        log: any EventLog, topic: String, limits: ConnectionLimits, createsTopic: Bool,
        report: @escaping @Sendable (LogError) -> Void
    ) {
        self.log = log
        self.topic = topic
        self.limits = limits
        self.createsTopic = createsTopic
        self.report = report
        var generator = SystemRandomNumberGenerator()
        server = UUIDText.random(&generator)
        elsewhere = Mutex(UseElsewhere(own: server))
    }

    /// Other servers heard of lately.
    var servers: Int { elsewhere.withLock { $0.count } }

    /// Until it is cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.tell() }
            group.addTask { await self.hear() }
            // By itself, since both of the others may wait for the log.
            group.addTask {
                while await Self.pause() { self.addUp() }
            }
        }
    }

    /// - Returns: whether to go on.
    private static func pause() async -> Bool { (try? await Task.sleep(for: .seconds(1))) != nil }

    private func addUp() {
        let now = clock.now()
        limits.setElsewhere(elsewhere.withLock { $0.sum(now: now) })
    }

    private func tell() async {
        var last: UseReport?
        var told = Int64.min
        while await Self.pause() {
            let current = UseReport(
                server: server,
                streams: Dictionary(
                    uniqueKeysWithValues: limits.largest(UseReport.mostClients).map { ($0.key, $0.streams) }))
            let now = clock.now()
            guard current != last || told <= now - Self.patience else { continue }
            let record = NewRecord(
                topic: topic, timestamp: WallClock.now(), key: Array(server.utf8), value: current.bytes)
            if case .failure(let error)? = await log.append([record]).first { report(error) }
            (last, told) = (current, now)
        }
    }

    private func hear() async {
        while !Task.isCancelled {
            do throws(LogError) {
                if createsTopic, try await log.topics()[topic] == nil {
                    try await log.createTopic(topic, partitions: 1)
                }
                var ends: [TopicPartition: Offset] = [:]
                for number in 0..<(try await log.topics()[topic] ?? 1) {
                    let partition = TopicPartition(topic, number)
                    ends[partition] = try await log.bounds(of: partition).next
                }
                let follower = try await log.follow(ends)
                defer { follower.close() }
                try await take(follower)
            } catch .closed {
                return
            } catch {
                report(error)
            }
            guard await Self.pause() else { return }
        }
    }

    /// Never returns, but for what is thrown.
    private func take(_ follower: any LogFollower) async throws(LogError) -> Never {
        while true {
            for records in try await follower.next() {
                for record in records.records {
                    // Of anybody who may write to the topic.
                    guard let use = UseReport(Array(record.value)) else { continue }
                    let now = clock.now()
                    elsewhere.withLock { $0.take(use, now: now) }
                }
            }
        }
    }
}
