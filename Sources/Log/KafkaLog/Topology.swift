internal import EventLog
internal import Synchronization

/// What is known of the cluster: its topics, and whether it answers. Any thread may ask.
final class Topology: Sendable {
    /// One topic as the cluster described it last.
    struct Topic: Hashable, Sendable {
        /// Number of partitions (0 ..< n).
        var count: Int32
        /// Partitions that no broker leads: they can be neither read nor written until one does.
        var leaderless: Set<Int32> = []
    }

    private struct State {
        var topics: [String: Topic] = [:]
        /// Counts the answers of the cluster.
        var version = 0
        /// Since when the cluster does not answer, and what it said last.
        var silence: (since: ContinuousClock.Instant, reason: String)?
        /// An instance can't reach any broker: whether the cluster answers is to be found out soon.
        var isInDoubt = false
        var isClosed = false
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var isInDoubt: Bool {
        get { state.withLock { $0.isInDoubt } }
        set { state.withLock { $0.isInDoubt = newValue } }
    }

    /// Closes the log.
    ///
    /// - Returns: whether it was open.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// Grows with each answer of the cluster: whoever remembers it sees whether there was a newer one.
    var version: Int { state.withLock { $0.version } }

    /// The number of a topic's partitions, as the cluster said last.
    func count(_ topic: String) -> Int32? { state.withLock { $0.topics[topic]?.count } }

    /// The number of partitions of each topic, as the cluster said last.
    var counts: [String: Int32] { state.withLock { $0.topics.mapValues(\.count) } }

    func contains(_ partition: TopicPartition) -> Bool {
        partition.partition >= 0 && partition.partition < count(partition.topic) ?? 0
    }

    /// Whether the partition exists and no broker leads it.
    func isLeaderless(_ partition: TopicPartition) -> Bool {
        state.withLock { $0.topics[partition.topic]?.leaderless.contains(partition.partition) ?? false }
    }

    /// Whether any partition has no leader. An election takes a moment: the cluster is asked again soon.
    var hasLeaderless: Bool { state.withLock { $0.topics.values.contains { !$0.leaderless.isEmpty } } }

    /// Takes the cluster's answer.
    ///
    /// - Parameter unclear: topics of which the cluster could say nothing but that they exist: they stay as they were.
    /// - Returns: how long the cluster had been silent; nil where it had not.
    func replace(_ topics: [String: Topic], unclear: [String]) -> Duration? {
        state.withLock { state in
            var topics = topics
            for name in unclear { topics[name] = state.topics[name] }
            let silence = state.silence.map { .now - $0.since }
            state.topics = topics
            state.silence = nil
            state.version += 1
            return silence
        }
    }

    /// The cluster did not answer.
    ///
    /// - Returns: whether it had answered the time before.
    func fail(_ reason: String) -> Bool {
        state.withLock { state in
            let isFirst = state.silence == nil
            state.silence = (state.silence?.since ?? .now, reason)
            return isFirst
        }
    }

    /// Why the cluster can't be asked now; nil where it answered last time.
    var silence: (since: ContinuousClock.Instant, reason: String)? { state.withLock { $0.silence } }

    /// - Throws: `closed`, and `unavailable` at once where the cluster did not answer last time.
    func check() throws(LogError) {
        let (isClosed, silence) = state.withLock { ($0.isClosed, $0.silence) }
        if isClosed { throw .closed }
        if let silence { throw .unavailable("Kafka: \(silence.reason)") }
    }

    /// - Throws: as `check()`, and `unavailable` where no broker leads the partition: none would answer.
    func check(_ partition: TopicPartition) throws(LogError) {
        try check()
        if isLeaderless(partition) { throw .noLeader(partition) }
    }
}

extension LogError {
    /// No broker leads the partition.
    static func noLeader(_ partition: TopicPartition) -> LogError { .unavailable("Kafka: \(partition) has no leader") }
}
