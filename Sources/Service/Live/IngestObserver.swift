package import EventLog
package import Streaming

/// Is told of what the ingest reads.
package protocol IngestObserver: Sendable {
    /// From now on all records behind the partition's end of this moment come by `read`.
    func began(_ partition: TopicPartition) async
    /// New records, but for those that came in by this process and are had from it.
    func read(_ block: Block, of partition: TopicPartition)
    /// The partition is gone, or was made anew: none of its records is there any more.
    func lost(_ partition: TopicPartition)
}
