internal import EventLog
internal import Synchronization

/// Tells the operator of each trouble once when it begins and once when it is over, however often it is met in between.
final class Troubles: Sendable {
    /// What is in trouble.
    enum Subject: Hashable, Sendable {
        /// The whole cluster is silent.
        case cluster
        /// No broker leads a partition.
        case leader(TopicPartition)
        /// A partition can't be read, though it is there.
        case reading(TopicPartition)
        /// The cluster does not let this server read a partition.
        case permission(TopicPartition)
        /// A partition that is followed is not there.
        case existence(TopicPartition)
        /// Events of a topic can't be stored.
        case storing(String)
    }

    private let current = Mutex<[Subject: ContinuousClock.Instant]>([:])
    private let report: @Sendable (KafkaReport) -> Void

    init(report: @escaping @Sendable (KafkaReport) -> Void) { self.report = report }

    /// A trouble was met.
    ///
    /// - Parameter sentence: what is wrong, and since it is not known before, why.
    func begin(_ subject: Subject, level: KafkaReport.Level = .error, _ sentence: @autoclosure () -> String) {
        let isNew = current.withLock { current in
            guard current[subject] == nil else { return false }
            current[subject] = .now
            return true
        }
        if isNew { report(KafkaReport(level, sentence())) }
    }

    /// There is no trouble (any more).
    ///
    /// - Parameter sentence: what is well again; the time it took is added.
    func end(_ subject: Subject, _ sentence: @autoclosure () -> String) {
        guard let since = current.withLock({ $0.removeValue(forKey: subject) }) else { return }
        let seconds = max(1, (.now - since).components.seconds)
        report(KafkaReport(.notice, "\(sentence()), after \(seconds) s"))
    }

    /// Tells of something that is over as soon as it is told.
    func tell(_ level: KafkaReport.Level, _ sentence: String) { report(KafkaReport(level, sentence)) }

    /// How many partitions can't be read, for whatever reason.
    var unreadPartitions: Int {
        current.withLock { current in
            var partitions: Set<TopicPartition> = []
            for subject in current.keys {
                switch subject {
                case .leader(let partition), .reading(let partition), .permission(let partition):
                    partitions.insert(partition)
                case .cluster, .existence, .storing: break
                }
            }
            return partitions.count
        }
    }

    /// The first of the partitions that the cluster has not let this server read for some time.
    func refused(for time: Duration) -> TopicPartition? {
        current.withLock { current in
            current.compactMap { subject, since in
                if case .permission(let partition) = subject, .now - since >= time { partition } else { nil }
            }.min()
        }
    }
}

/// A line for the operator's log.
public struct KafkaReport: Hashable, Sendable {
    public enum Level: Hashable, Sendable {
        case error
        case warning
        case notice
        case info
        /// Details: librdkafka's own lines among them.
        case debug
    }

    public var level: Level
    /// A sentence.
    public var text: String

    public init(_ level: Level, _ text: String) {
        self.level = level
        self.text = text
    }
}
