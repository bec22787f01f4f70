internal import Admission
internal import Canaries
internal import Catalogue
internal import EventLog
internal import HTTPServer
internal import Live
internal import Status
internal import Streaming

extension StatusReading {
    /// What the loops and the log say now.
    init(_ state: ServiceState, _ counters: HTTPCounters) {
        let (topics, clients, canaries) = (state.activity.all, state.clients.all, state.canaries.all)
        let streams = state.catalogue.streams.map { stream in
            let entries = stream.topics.compactMap { topics[$0] }
            return Stream(
                stream.name, events: entries.reduce(0) { $0 + $1.events }, newest: entries.compactMap(\.newest).max(),
                rate: entries.reduce(0) { $0 + $1.rate }, clients: clients[stream.name] ?? 0,
                canary: canaries[stream.name].map { Canary(seen: $0.seen, isHealthy: $0.isHealthy) },
                isReadable: state.ingest.unread(in: stream.topics) == nil)
        }
        let (fanOut, limits) = (state.statistics, state.limits.use)
        self.init(
            streams: streams,
            figures: [
                .clients: limits.connections, .received: topics.values.reduce(0) { $0 + $1.events },
                .sent: fanOut.eventsSent, .kilobytes: fanOut.bytesSent / 1000,
                .gaps: fanOut.gaps.values.reduce(0, +), .evictions: fanOut.evictions.values.reduce(0, +),
                .refused: counters.refused.values.reduce(limits.refusedAddress + limits.refusedTotal, +),
            ],
            isLogReadable: (state.log.failure ?? state.ingest.failure) == nil)
    }
}
