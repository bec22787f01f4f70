import Canaries
import Catalogue
import EventLog
import EventLogTestKit
import HTTPClient
import JSON
import SchemaLibrary
import Schemas
import Server
import TestSupport
import Testing

@Suite struct CanaryRoundTests {
    static let configuration = """
        streams:
          pages: {topics: [dc.pages], schema_title: fragment/meta, canary_events_enabled: true}
          other: {topics: [dc.other], schema_title: shop/order}
          orders: {topics: [dc.orders], schema_title: shop/order, canary_events_enabled: true}
          lost: {topics: [dc.lost], schema_title: shop/none, canary_events_enabled: true}
        """

    private func start(_ log: MemoryLog = MemoryLog()) async throws -> (LiveService, SchemaLibrary) {
        let directory = TemporaryDirectory()
        _ = try SchemaLibraryTests.repository(directory.path)
        var settings = SchemaSettings()
        settings.repositories = [directory.path]
        let schemas = try SchemaLibrary(settings, now: { 0 })
        let configuration = try StreamConfigurationTests.configuration(Self.configuration)
        return (try await LiveService.start(log: log, schemas: schemas, configuration: configuration), schemas)
    }

    @Test func aCanaryIsTheFirstExampleMarkedAsOne() throws {
        let schema = try JSONValue(
            Array(
                #"{"$id":"/a/2.0.0","properties":{"dt":{}},"examples":[{"$schema":"/a/1.0.0","meta":{"dt":"x","domain":"d","uri":"u"},"n":1}]}"#
                    .utf8))
        let event = try #require(CanaryEvent(of: "s", schema: schema, id: "i", now: 1_700_000_000_000))
        #expect(
            String(decoding: event.bytes, as: UTF8.self)
                == #"{"$schema":"/a/2.0.0","meta":{"stream":"s","domain":"canary","id":"i","uri":"u"},"n":1,"dt":"2023-11-14T22:13:20.000Z"}"#
        )
        #expect(CanaryEvent(of: "s", schema: ["type": "object"], id: "i", now: 0) == nil)
    }

    @Test func everyCanaryIsWatchedUntilAClientHasIt() async throws {
        let (service, schemas) = try await start()
        let round = CanaryRound(
            service.service.catalogue, schemas: schemas, intake: service.service.intake,
            board: service.service.canaries,
            address: "http://127.0.0.1:\(service.service.ports.streams)")
        let troubles = await round.run(now: { 1_800_000_000_000 })
        #expect(troubles.keys.sorted() == ["lost", "pages"])
        #expect(troubles["pages"] == "its schema fragment/meta has no example to make a canary from")
        #expect(service.service.canaries["orders"]?.seen == 1_800_000_000_000)
        #expect(service.service.canaries["orders"]?.isHealthy == true && service.service.canaries["other"] == nil)
        let list = try JSONValue(try await service.get("/v2/stream").body)["streams"]?.array ?? []
        #expect(list.map { $0["healthy"] } == [false, true, nil, false])
        #expect(await service.service.numbers().canaries.count == 3)
        await service.stop()
    }

    @Test func aStreamThatCantBeFollowedIsNotHealthy() async throws {
        let (service, schemas) = try await start()
        let round = CanaryRound(
            service.service.catalogue, schemas: schemas, intake: service.service.intake,
            board: service.service.canaries,
            address: "http://127.0.0.1:1")
        #expect(await round.run(now: { 0 })["orders"]?.hasPrefix("its stream can't be followed") == true)
        await service.stop()
    }
}
