import EmbeddedLog
import EventLog
import EventLogTestKit
import TestSupport
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: EventLogConformance.all) func keepsTheContract(check: ConformanceCheck) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await check.run {
            var options = EmbeddedLogOptions(test: path)
            options.maximumRecordBytes = 400_000
            let log = try await EmbeddedLog.open(options)
            return LogFixture(
                log: log, maximumRecordBytes: options.maximumRecordBytes,
                truncate: { try await log.truncate($0, before: $1) }, tearDown: { await log.close() })
        }
    }

    @Test func aLogOpenedAgainHasEverything() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: directory.path))
        try await log.createTopic("a", partitions: 2)
        let places = try await log.fill("a", (0..<50).map { [$0] })
        try await log.truncate(TopicPartition("a", 0), before: 10)
        try await log.truncate(TopicPartition("a", 1), before: 100)
        let before = await log.statistics()
        await log.close()
        let again = try await EmbeddedLog.open(EmbeddedLogOptions(directory: directory.path))
        #expect(try await again.topics() == ["a": 2])
        #expect(await again.statistics().partitions == before.partitions)
        let block = try await again.read(TopicPartition("a", 0), from: 10, limit: ReadLimit())
        #expect(block.records.map(\.offset) == Array(10..<25))
        #expect(try await again.fill("a", [[1], [2]]).map(\.offset).sorted() == [25, 25])
        #expect(places.count == 50)
        await again.close()
    }
}
