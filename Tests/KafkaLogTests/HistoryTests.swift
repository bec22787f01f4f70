import EventLog
import KafkaLog
import Testing

@Suite(.serialized, .enabled(if: Broker.tool != nil, Broker.skipped)) struct HistoryTests {
    @Test func aPartitionIsReadInBlocksAndFetchedAboutOnce() async throws {
        try await opened(KafkaLogOptions(brokers: [try Broker.start()])) { log in
            let partition = TopicPartition("history-once", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let value = [UInt8](repeating: 7, count: 1_000)
            let count = 20_000
            for _ in 0..<count / 1000 {
                let records = (0..<1000).map {
                    NewRecord(topic: partition.topic, timestamp: Timestamp($0 + 1), value: value)
                }
                for result in await log.append(records) { _ = try result.get() }
            }
            let before = log.statistics
            var offset: Offset = 0
            var found = 0
            while offset < count {
                let block = try await log.read(partition, from: offset, limit: ReadLimit(records: 256))
                #expect(block.records.first?.offset == offset)
                found += block.records.count
                offset = block.next
            }
            #expect(found == count)
            #expect(log.statistics.historyRecords - before.historyRecords == count)
        }
    }
}
