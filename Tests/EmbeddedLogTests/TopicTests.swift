import EmbeddedLog
import EventLog
import TestSupport
import Testing

@Suite struct TopicTests {
    @Test(arguments: [
        "", ".", "..", "a b", "a/b", "ä", "a\u{0}", "a'; DROP TABLE topic; --", "a\n",
        String(repeating: "a", count: 250),
    ])
    func namesOutsideKafkasRuleAreRefused(name: String) async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        await #expect(throws: LogError.self) { try await log.createTopic(name, partitions: 1) }
        #expect(try await log.topics().isEmpty)
        await log.close()
    }

    @Test(arguments: ["a", "...", "eqiad.mediawiki.page-change.v1", "A_9", String(repeating: "z", count: 249)])
    func namesWithinItAreTaken(name: String) async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        try await log.createTopic(name, partitions: 1)
        #expect(try await log.fill(name, [[7]]).map(\.offset) == [0])
        await log.close()
    }

    @Test func manyPartitionsShareFewCompiledStatements() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        try await log.createTopic("a", partitions: 400)
        for round in 0..<3 {
            try await log.fill("a", (0..<400).map { [UInt8(truncatingIfNeeded: $0)] }, from: Timestamp(round))
        }
        for partition in Int32(0)..<400 {
            let block = try await log.read(TopicPartition("a", partition), from: 0, limit: ReadLimit())
            #expect(block.records.map(\.value) == Array(repeating: [UInt8(truncatingIfNeeded: partition)], count: 3))
            let position = try await log.position(in: TopicPartition("a", partition), atOrAfter: .max)
            #expect(position.offset == 3)
        }
        await #expect(throws: LogError.self) {
            try await log.createTopic("a", partitions: EmbeddedLog.maximumPartitions + 1)
        }
        await log.close()
    }
}
