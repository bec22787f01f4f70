/// What can go wrong with a log, by name.
public enum LogError: Error, Hashable, Sendable {
    case topicNotFound(String)
    case partitionNotFound(TopicPartition)
    /// What was asked for is not there (any more, or yet).
    case offsetOutOfRange(TopicPartition, bounds: PartitionBounds)
    /// These records are damaged for good. The rest of the partition can be read.
    case unreadable(TopicPartition, Range<Offset>, detail: String)
    /// No room: nothing was stored. Reading goes on.
    case full(String)
    /// The record is larger than the log takes.
    case recordTooLarge(limit: Int)
    /// The log does not take this record, and never will; a sentence that says why.
    case refused(String)
    /// Not reachable now; worth another try.
    case unavailable(String)
    /// The configuration or the directory is wrong; a sentence that says what to change.
    case invalid(String)
    case closed

    /// Whether the same call may succeed later without anybody changing anything.
    public var isTransient: Bool {
        switch self {
        case .unavailable, .full: true
        default: false
        }
    }
}

extension LogError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .topicNotFound(let topic): "there is no topic named \(topic)"
        case .partitionNotFound(let partition): "there is no partition \(partition)"
        case .offsetOutOfRange(let partition, let bounds):
            "\(partition) holds offsets from \(bounds.first) up to \(bounds.next), not what was asked for"
        case .unreadable(let partition, let range, let detail):
            "\(partition) can't be read from \(range.lowerBound) up to \(range.upperBound): \(detail)"
        case .full(let detail): "the log can't take more: \(detail)"
        case .recordTooLarge(let limit): "the record is larger than \(limit) bytes"
        case .refused(let detail): detail
        case .unavailable(let detail): "the log is not reachable: \(detail)"
        case .invalid(let detail): detail
        case .closed: "the log is closed"
        }
    }
}
