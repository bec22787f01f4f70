internal import EventLog

/// One pass of retention, in small steps between which appends have their turn. It removes what is too old, then what is too
/// much, and gives the file system back what is free beyond a quarter of the file, or all where the disk is short of room.
struct RetentionPass {
    private enum Stage {
        /// These partitions are still to be looked at, the last one first. Of the first of them everything before the
        /// boundary is too old.
        case age([TopicPartition], boundary: Offset?)
        /// These topics are still to be looked at.
        case size([String])
        case file
    }

    private let rules: RetentionRules
    private let now: Timestamp
    private var stage: Stage

    /// - Parameters:
    ///   - topics: with the number of their partitions.
    ///   - now: ages are counted back from here.
    init(_ rules: RetentionRules, topics: [String: Int], now: Timestamp) {
        self.rules = rules
        self.now = now
        let partitions = topics.flatMap { topic, count in (0..<count).map { TopicPartition(topic, Int32($0)) } }
        stage = .age(partitions.sorted(by: >), boundary: nil)
    }

    /// Removes one slice. False: there was nothing more to do.
    mutating func step(_ store: Store) throws(LogError) -> Bool {
        while true {
            switch stage {
            case .age(var partitions, let boundary):
                guard let partition = partitions.last else {
                    stage = .size(store.topics.keys.sorted(by: >))
                    continue
                }
                var end = boundary
                if end == nil { end = try self.boundary(partition, store) }
                if let end {
                    stage = .age(partitions, boundary: end)
                    if try store.removeSlice(partition, before: end) { return true }
                }
                partitions.removeLast()
                stage = .age(partitions, boundary: nil)
            case .size(var topics):
                guard let topic = topics.last else {
                    stage = .file
                    continue
                }
                if let limit = rules.of(topic).maximumBytes,
                    try store.removeOldest(topic, beyond: Int64(max(0, limit)))
                {
                    return true
                }
                topics.removeLast()
                stage = .size(topics)
            case .file: return try store.shrinkFile()
            }
        }
    }

    /// Records before this offset are too old; nil: age has no limit.
    private func boundary(_ partition: TopicPartition, _ store: Store) throws(LogError) -> Offset? {
        guard let cutoff = rules.of(partition.topic).cutoff(now: now) else { return nil }
        return try store.firstOffset(in: partition, atOrAfter: cutoff)
    }
}
