package import EventLog

/// Where a spool keeps its events: a log on the server's own disk, with a topic of one partition for each topic of the real log.
package struct SpoolStorage: Sendable {
    package var log: any EventLog
    /// Removes a partition's records before an offset.
    package var remove: @Sendable (TopicPartition, Offset) async throws(LogError) -> Void
    /// Of keys and values that are there when it is opened.
    package var bytesAtStart: Int
    /// The most of them.
    package var limit: Int

    package init(
        log: any EventLog, bytesAtStart: Int, limit: Int,
        remove: @escaping @Sendable (TopicPartition, Offset) async throws(LogError) -> Void
    ) {
        self.log = log
        self.bytesAtStart = bytesAtStart
        self.limit = limit
        self.remove = remove
    }
}
