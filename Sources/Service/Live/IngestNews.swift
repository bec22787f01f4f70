package import EventLog

/// What the operator should know about reading the log. Each trouble is told once when it begins and once when it is over.
package enum IngestNews: Hashable, Sendable {
    /// A partition can't be read yet, though it exists: streams of its topic are refused until it can.
    case unread(TopicPartition, LogError)
    /// That is over.
    case read(TopicPartition)
    /// Nothing can be read.
    case failed(LogError)
    /// That is over.
    case recovered
    /// Records that clients will never get, which they are told.
    case lost(TopicPartition, Range<Offset>, why: String)
    /// A partition is not there any more: its records are forgotten.
    case gone(TopicPartition)
    /// A partition was made anew: what was known of the old one is forgotten, and clients are told.
    case recreated(TopicPartition)
}
