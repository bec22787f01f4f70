import EmbeddedLog
import EventLog
import System
import TestSupport
import Testing

@Suite struct RetentionTests {
    private let partition = TopicPartition("a", 0)

    @Test func recordsPastTheAgeGoAndOthersStay() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumAge: 100))
        // Milliseconds; the cutoff will be 900,000.
        try await append(log, [100_000, 899_999, 900_000, 950_000])
        try await log.enforceRetention(now: 1_000_000)
        #expect(try await log.bounds(of: partition).first == 2)
        try await log.enforceRetention(now: 1_000_000)
        #expect(try await log.bounds(of: partition).first == 2)
        try await log.enforceRetention(now: 2_000_000)
        // What is gone is still known by its times, so that a client that asks for them can be told.
        let gone = PartitionBounds(first: 4, next: 4, lastTimestamp: 950_000, maximumTimestamp: 950_000)
        #expect(try await log.bounds(of: partition) == gone)
        await log.close()
    }

    @Test func aTimestampOutOfOrderNeverMakesARecordGoEarly() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumAge: 100))
        // An old one behind a young one goes with the young one; a young one behind an old one stays.
        try await append(log, [100_000, 950_000, 100_000, 200_000, 960_000])
        try await log.enforceRetention(now: 1_000_000)
        #expect(try await log.bounds(of: partition).first == 1)
        try await log.enforceRetention(now: 1_055_000)
        #expect(try await log.bounds(of: partition).first == 4)
        await log.close()
    }

    @Test func retentionByAgeAgreesWithASlowSearch() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumAge: 1))
        var random = SeededGenerator(seed: 3)
        let times = (0..<3000).map { Timestamp($0 * 10) + .random(in: -500...500, using: &random) }
        try await append(log, times)
        for now in stride(from: Timestamp(0), to: 32_000, by: 1700) {
            try await log.enforceRetention(now: now)
            let kept = times.firstIndex { $0 >= now - 1000 } ?? times.count
            #expect(try await log.bounds(of: partition).first == Offset(kept))
        }
        await log.close()
    }

    @Test func theOldestGoUntilATopicFitsItsBytes() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumBytes: 100_000), partitions: 3)
        let value = [UInt8](repeating: 1, count: 1000)
        try await log.fill("a", Array(repeating: value, count: 300))
        try await log.enforceRetention(now: 0)
        let statistics = await log.statistics()
        #expect(statistics.bytes <= 100_000)
        #expect(statistics.bytes > 98_000, "more went than had to")
        #expect(statistics.removedRecords == 300 - statistics.records)
        await log.close()
    }

    @Test func eachTopicMayHaveItsOwnAndItChangesAtRunTime() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention())
        try await log.createTopic("b", partitions: 1)
        for topic in ["a", "b"] { try await log.fill(topic, Array(repeating: [1, 2], count: 50)) }
        try await log.enforceRetention(now: .max)
        #expect(await log.statistics().records == 100)
        await log.setRetention(Retention(maximumBytes: 20), byTopic: ["b": Retention(maximumBytes: 60)])
        try await log.enforceRetention(now: 0)
        #expect(await log.statistics().partitions.mapValues(\.records) == [partition: 10, TopicPartition("b", 0): 30])
        await log.close()
    }

    @Test(arguments: [Timestamp.min, -1, 0, 1, .max]) func noTimeTraps(now: Timestamp) async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumAge: .max, maximumBytes: .max))
        try await append(log, [.min, .max, 0])
        try await log.enforceRetention(now: now)
        await log.setRetention(Retention(maximumAge: .min, maximumBytes: .min))
        try await log.enforceRetention(now: now)
        await log.setRetention(Retention(maximumAge: 1))
        try await append(log, [.min, .max, 0])
        try await log.enforceRetention(now: now)
        await log.close()
    }

    @Test func theLogDoesItByItselfWhenItsClockSaysSo() async throws {
        let directory = TemporaryDirectory()
        let clock = TestClock()
        var options = EmbeddedLogOptions(test: directory.path)
        options.retention = Retention(maximumAge: 10)
        options.retentionInterval = .seconds(5)
        options.clock = clock.logClock
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        try await append(log, [1000, 2000])
        await clock.pass(4_000)
        #expect(await log.statistics().removedRecords == 0)
        await clock.pass(7_500)
        #expect(try await log.bounds(of: partition).first == 1)
        await log.close()
    }

    @Test func appendsGoOnBetweenTheSlicesOfALongRemoval() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention())
        try await log.createTopic("b", partitions: 1)
        // One removal is over before this task has its turn where the machine is busy; not all of them.
        var isStoredMeanwhile = false
        for start in stride(from: Offset(0), to: 600_000, by: 30_000) where !isStoredMeanwhile {
            let end = start + 30_000
            try await log.fill("a", Array(repeating: [1], count: 30_000))
            let removal = Task { try await log.truncate(partition, before: end) }
            var first = start
            while first < end {
                let before = first
                try await log.fill("b", [[1]])
                first = try await log.bounds(of: partition).first
                isStoredMeanwhile = isStoredMeanwhile || (before > start && first < end)
            }
            try await removal.value
        }
        #expect(isStoredMeanwhile)
        await log.close()
    }

    @Test func theFileShrinksAfterMuchWasRemoved() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention())
        let value = [UInt8](repeating: 1, count: 4000)
        for _ in 0..<8 { try await log.fill("a", Array(repeating: value, count: 500)) }
        await log.setRetention(Retention(maximumBytes: 400_000))
        try await log.enforceRetention(now: 0)
        await log.close()
        let again = try await open(directory.path, Retention())
        #expect(await again.statistics().fileBytes < 8 << 20)
        #expect(try await again.bounds(of: partition).first == 3900)
        await again.close()
    }

    @Test func theWriteAheadLogStaysBoundedWhileReadersAreAlwaysAtWork() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, Retention(maximumBytes: 4 << 20))
        let value = [UInt8](repeating: 1, count: 100_000)
        let readers = (0..<4).map { _ in
            Task {
                while !Task.isCancelled {
                    let first = try await log.bounds(of: partition).first
                    _ = try? await log.read(partition, from: first, limit: ReadLimit())
                }
            }
        }
        var largest: Int64 = 0
        // 150 MB in all.
        for _ in 0..<75 {
            try await log.fill("a", Array(repeating: value, count: 20))
            try await log.enforceRetention(now: 0)
            largest = max(largest, await log.statistics().writeAheadBytes)
        }
        for reader in readers {
            reader.cancel()
            _ = await reader.result
        }
        // A checkpoint that meets a reader for too long is tried again 16 MiB later; without any it would be 150 MB and more.
        #expect(largest < 128 << 20)
        #expect(await log.statistics().fileBytes < 40 << 20)
        await log.close()
    }

    private func open(_ path: String, _ retention: Retention, partitions: Int32 = 1) async throws -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: path)
        options.retention = retention
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: partitions)
        return log
    }

    private func append(_ log: EmbeddedLog, _ times: [Timestamp]) async throws {
        for result in await log.append(times.map { NewRecord(topic: "a", timestamp: $0, value: [1]) }) {
            _ = try result.get()
        }
    }
}
