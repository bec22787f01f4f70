internal import EventLog
internal import Synchronization

/// What is known of the partitions that are followed. Any thread may ask.
final class FollowedPartitions: Sendable {
    private struct State {
        var isReady = false
        var failure: LogError?
        /// Each stands for a topic that does not exist (yet, or any more), or was there before its topic was made anew smaller.
        var missing: Set<TopicPartition> = []
        /// Those of the missing ones that will not come back as they were.
        var removed: Set<TopicPartition> = []
        /// They exist and have not answered yet.
        var unread: Set<TopicPartition> = []
    }

    private let state = Mutex(State())

    var isReady: Bool { state.withLock { $0.isReady } }

    func becomeReady() { state.withLock { $0.isReady = true } }

    /// Why nothing can be read; nil while something can.
    var failure: LogError? { state.withLock { $0.failure } }

    /// - Returns: whether there was another state before.
    func fail(_ error: LogError?) -> Bool {
        state.withLock { state in
            defer { state.failure = error }
            return (state.failure == nil) != (error == nil)
        }
    }

    func isMissing(_ partition: TopicPartition) -> Bool { state.withLock { $0.missing.contains(partition) } }

    var hasUnread: Bool { state.withLock { !$0.unread.isEmpty } }

    /// The first partition of these topics that has not answered yet.
    func unread(in topics: [String]) -> TopicPartition? {
        state.withLock { state in
            state.unread.isEmpty ? nil : state.unread.filter { topics.contains($0.topic) }.min()
        }
    }

    /// A partition is not there.
    ///
    /// - Parameter isForGood: it will not come back as it was.
    /// - Returns: whether that is new.
    func lose(_ partition: TopicPartition, isForGood: Bool = false) -> Bool {
        state.withLock { state in
            state.unread.remove(partition)
            let isNew = state.missing.insert(partition).inserted
            return isForGood ? state.removed.insert(partition).inserted : isNew
        }
    }

    /// A partition is there and does not answer.
    ///
    /// - Returns: whether that is new.
    func wait(for partition: TopicPartition) -> Bool { state.withLock { $0.unread.insert(partition).inserted } }

    /// A partition has answered.
    ///
    /// - Returns: whether it had been waited for.
    func answer(_ partition: TopicPartition) -> Bool {
        state.withLock { state in
            state.missing.remove(partition)
            state.removed.remove(partition)
            return state.unread.remove(partition) != nil
        }
    }

    /// Forgets partitions that were waited for and belong to no topic that is followed any more.
    func keep(_ topics: [String]) {
        state.withLock { state in state.unread = state.unread.filter { topics.contains($0.topic) } }
    }
}
