internal import EventLog
internal import Synchronization

/// What is known of the cluster: its topics, and whether it answers. Any thread may ask.
final class Topology: Sendable {
    private struct State {
        var topics: [String: Int32] = [:]
        /// Since when the cluster does not answer, and what it said last.
        var silence: (since: ContinuousClock.Instant, reason: String)?
        /// An instance can't reach any broker: whether the cluster answers is to be found out soon.
        var isInDoubt = false
        var isClosed = false
    }

    private let state = Mutex(State())
    let changes = ChangeSignal()

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var isInDoubt: Bool {
        get { state.withLock { $0.isInDoubt } }
        set { state.withLock { $0.isInDoubt = newValue } }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        changes.fire()
    }

    /// The number of a topic's partitions, as the cluster said last.
    func count(_ topic: String) -> Int32? { state.withLock { $0.topics[topic] } }

    func contains(_ partition: TopicPartition) -> Bool {
        partition.partition >= 0 && partition.partition < count(partition.topic) ?? 0
    }

    func replace(_ topics: [String: Int32]) {
        let isNew = state.withLock { state in
            defer {
                state.topics = topics
                state.silence = nil
            }
            return state.topics != topics || state.silence != nil
        }
        if isNew { changes.fire() }
    }

    func fail(_ reason: String) {
        state.withLock { state in
            state.silence = (state.silence?.since ?? .now, reason)
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
}
