internal import Canaries
internal import Catalogue
internal import Configuration
internal import EventLog
internal import Live
internal import SchemaLibrary
internal import Server
internal import Telemetry
internal import Time

/// Sends canaries on their schedule.
enum Canaries {
    static func send(
        _ settings: ServerSettings, _ service: EventService, _ schemas: SchemaLibrary?, _ logger: Logger
    ) async {
        guard let schemas, settings.canaryInterval > 0 else { return }
        await service.untilReady()
        let address = ServeCommand.url(settings.http.host, service.ports.streams)
        var last: [String: String] = [:]
        while !Task.isCancelled {
            let round = CanaryRound(
                service.catalogue, schemas: schemas, intake: service.intake, board: service.canaries, address: address)
            let troubles = await round.run(now: { WallClock.now() })
            // What is wrong is told when it begins and when it is over.
            for (stream, trouble) in troubles.sorted(by: { $0.key < $1.key }) where last[stream] != trouble {
                logger.warning("a stream is not healthy", ("stream", stream), ("why", trouble))
            }
            for stream in last.keys.sorted() where troubles[stream] == nil {
                logger.log(.notice, "a stream is healthy again", [("stream", stream)])
            }
            last = troubles
            do { try await Task.sleep(for: .milliseconds(settings.canaryInterval)) } catch { return }
        }
    }
}

extension Policy {
    /// With the streams that its patterns have in a log; as it is where the log can't be asked.
    func including(topicsOf log: any EventLog) async -> Policy {
        guard let topics = try? await log.topics() else { return self }
        var policy = self
        policy.catalogue = catalogue.including(topics: topics.keys)
        return policy
    }
}
