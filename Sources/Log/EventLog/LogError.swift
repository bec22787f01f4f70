/// What can go wrong with a log, by name.
public enum LogError: Error, Hashable, Sendable {
    /// The log says that there is no such topic (now).
    case topicNotFound(String)
    /// The topic has fewer partitions.
    case partitionNotFound(TopicPartition)
    /// The partition was there and is not any more: its topic was deleted, or made anew with fewer partitions.
    case gone(TopicPartition)
    /// The partition was made anew: no record of the old one is left. `bounds` are those of the new one.
    case recreated(TopicPartition, bounds: PartitionBounds)
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
    /// The log, or the follower, was closed, or its task cancelled.
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
        case .gone(let partition): "\(partition) is not there any more"
        case .recreated(let partition, _): "\(partition) was made anew"
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

extension LogError {
    /// A sentence for a client of the service. It names topics, partitions and offsets, and tells nothing of the inside: no
    /// host, no path, no library's text. `description` has all of it, for the operator.
    public var publicDescription: String {
        switch self {
        case .unreadable(let partition, let range, _):
            "\(partition) can't be read from \(range.lowerBound) up to \(range.upperBound)"
        case .full: "the log can't take more"
        case .unavailable: "the log is not reachable"
        case .invalid: "the log can't be used as it is set up"
        case .topicNotFound, .partitionNotFound, .gone, .recreated, .offsetOutOfRange, .recordTooLarge, .refused,
            .closed:
            description
        }
    }
}
