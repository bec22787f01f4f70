internal import EventLog
internal import Events
internal import Intake
internal import Live
internal import Streaming

/// Has the intake know the events that the ingest reads.
struct RecentEventObserver: IngestObserver {
    let recent: RecentEvents
    let reader: RecentEventReader

    func began(_ partition: TopicPartition) async { await reader.read(partition) }

    func read(_ block: Block, of partition: TopicPartition) {
        recent.learn(
            block.entries.lazy.compactMap { entry in block.event(entry).map { ($0, entry.offset) } }, of: partition)
    }

    func lost(_ partition: TopicPartition) { recent.forget(partition) }
}
