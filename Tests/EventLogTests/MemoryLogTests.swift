import EventLog
import EventLogTestKit
import Testing

@Suite struct MemoryLogTests {
    let partition = TopicPartition("a", 0)

    @Test(arguments: EventLogConformance.all) func keepsTheContract(check: ConformanceCheck) async throws {
        try await check.run {
            let log = MemoryLog(maximumRecordBytes: 400_000)
            return LogFixture(
                log: log, maximumRecordBytes: log.maximumRecordBytes, truncate: { log.truncate($0, before: $1) })
        }
    }

    @Test func failsAsManyReadsAsItWasTold() async throws {
        let log = try await filled(3)
        log.failReads(2)
        for _ in 0..<2 {
            await #expect(throws: LogError.unavailable("injected")) { try await log.bounds(of: partition) }
        }
        #expect(try await log.bounds(of: partition).next == 3)
    }

    @Test func failsAppendsAndStoresNothingOfThem() async throws {
        let log = try await filled(1)
        log.failAppends(1)
        let record = NewRecord(topic: "a", timestamp: 9, value: [9])
        #expect(await log.append([record]) == [.failure(.full("injected"))])
        #expect(await log.append([record]) == [.success(Appended(topicPartition: partition, offset: 1))])
    }

    @Test func damagedRecordsAreToldAndPassedOver() async throws {
        let log = try await filled(6)
        log.damage(partition, 2..<4)
        #expect(try await log.read(partition, from: 0, limit: ReadLimit()).next == 2)
        await #expect(throws: LogError.unreadable(partition, 2..<4, detail: "damaged on purpose")) {
            try await log.read(partition, from: 2, limit: ReadLimit())
        }
        #expect(try await log.read(partition, from: 4, limit: ReadLimit()).records.map(\.offset) == [4, 5])
        let follower = try await log.follow([partition: 0])
        #expect(try await follower.next().first?.records.map(\.offset) == [0, 1])
        await #expect(throws: LogError.self) { try await follower.next() }
        #expect(try await follower.next().first?.records.map(\.offset) == [4, 5])
    }

    @Test func holesArePassedWithoutAWord() async throws {
        let log = try await filled(2)
        log.skipOffsets(partition, count: 5)
        #expect(try await log.read(partition, from: 0, limit: ReadLimit()).next == 7)
        #expect(try await log.read(partition, from: 4, limit: ReadLimit()).next == 7)
        _ = await log.append([NewRecord(topic: "a", timestamp: 1, value: [])])
        #expect(try await log.position(in: partition, at: 7).timestamp == 1)
        #expect(try await log.read(partition, from: 4, limit: ReadLimit()).records.map(\.offset) == [7])
    }

    @Test func aTopicMadeAnewBeginsAtZeroAndItsFollowersAreTold() async throws {
        let log = try await filled(5)
        let follower = try await log.follow([partition: 5])
        log.recreateTopic("a", partitions: 1)
        #expect(log.put(partition, timestamp: 7, value: [7]) == 0)
        #expect(log.put(TopicPartition("a", 1), timestamp: 7, value: [7]) == nil)
        let bounds = PartitionBounds(first: 0, next: 1, lastTimestamp: 7, maximumTimestamp: 7)
        await #expect(throws: LogError.offsetOutOfRange(partition, bounds: bounds)) { try await follower.next() }
        log.removeTopic("a")
        await #expect(throws: LogError.topicNotFound("a")) { try await follower.next() }
        #expect(try await log.topics().isEmpty)
    }

    private func filled(_ count: Int) async throws -> MemoryLog {
        let log = MemoryLog(topics: ["a": 1])
        let results = await log.append((0..<count).map { NewRecord(topic: "a", timestamp: Timestamp($0), value: [1]) })
        #expect(results.count == count)
        return log
    }
}
