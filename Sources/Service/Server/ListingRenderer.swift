internal import Canaries
internal import Catalogue
internal import Endpoints
internal import EventLog
internal import Live
internal import Status
internal import Streaming

/// Renders the list of streams, at most once a second however many ask for it.
actor ListingRenderer {
    private var last: (document: Document, version: Int, time: Int64)?

    /// How long a list is good, in milliseconds.
    private static let lifetime: Int64 = 1000

    /// - Parameter now: monotonic, in milliseconds.
    func document(_ state: ServiceState, now: Int64) -> Document {
        let published = state.published
        if let last, last.version == published.version, now - last.time < Self.lifetime { return last.document }
        let topics = state.activity.all
        let (states, clients) = (state.status.states, state.clients.all)
        let partitions = state.tail.withLock { tail in
            tail.partitions.reduce(into: [String: Int]()) { $0[$1.topicPartition.topic, default: 0] += 1 }
        }
        var activity: [String: StreamListing.Activity] = [:]
        for stream in published.catalogue.streams {
            let entries = stream.topics.compactMap { topics[$0] }
            activity[stream.name] = StreamListing.Activity(
                newest: entries.compactMap(\.newest).max(), rate: entries.reduce(0) { $0 + $1.rate },
                partitions: stream.topics.reduce(0) { $0 + (partitions[$1] ?? 0) },
                isHealthy: state.canaries[stream.name]?.isHealthy, state: states[stream.name],
                clients: clients[stream.name] ?? 0)
        }
        let document = StreamListing.rendered(published.catalogue, activity: activity)
        last = (document, published.version, now)
        return document
    }
}
