import EventLog
import EventLogTestKit
import KafkaLog
import Testing

@Suite(.serialized, .enabled(if: Broker.tool != nil, Broker.skipped)) struct ConformanceTests {
    @Test(arguments: EventLogConformance.all) func keepsTheContract(check: ConformanceCheck) async throws {
        let broker = try Broker.start()
        try await check.run {
            let log = try await KafkaLog.open(KafkaLogOptions(brokers: [broker]))
            return LogFixture(
                log: log, maximumRecordBytes: log.maximumRecordBytes, timestamps: 1...1_790_487_705_416,
                remembersRemoved: false, truncate: { try await log.truncate($0, before: $1) },
                tearDown: { await log.close() })
        }
    }
}
