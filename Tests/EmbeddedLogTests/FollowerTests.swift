import EmbeddedLog
import EventLog
import Glibc
import TestSupport
import Testing

@Suite struct FollowerTests {
    @Test func aFollowerFarBehindGetsBoundedBlocksAndEveryPartitionItsTurn() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        try await log.createTopic("a", partitions: 3)
        let value = [UInt8](repeating: 1, count: 2000)
        for _ in 0..<6 { try await log.fill("a", Array(repeating: value, count: 600)) }
        let partitions = (Int32(0)..<3).map { TopicPartition("a", $0) }
        let follower = try await log.follow(Dictionary(uniqueKeysWithValues: partitions.map { ($0, 0) }))
        var offsets: [TopicPartition: Offset] = [:]
        var rounds = 0
        while offsets.values.reduce(0, +) < 3600 {
            let found = try await follower.next()
            let records = found.flatMap(\.records)
            #expect(records.count <= 1000)
            // The last partition of a round gives one record, however little room is left.
            #expect(records.reduce(0) { $0 + $1.value.count } <= (1 << 20) + value.count)
            for followed in found {
                #expect(followed.records.first?.offset == offsets[followed.topicPartition, default: 0])
                offsets[followed.topicPartition, default: 0] += Offset(followed.records.count)
            }
            rounds += 1
            if rounds == 3 { #expect(offsets.count == 3, "a partition waits behind others") }
        }
        #expect(rounds >= 7)
        await log.close()
    }

    @Test func aCommitGoesOnWithAFollowersTaskOnItsOwnThread() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        try await log.createTopic("a", partitions: 1)
        let follower = try await log.follow([TopicPartition("a", 0): 0])
        let executor = try #require(follower.executor)
        let reading = Task(executorPreference: executor) {
            var threads: Set<UInt> = []
            var count = 0
            while count < 30 {
                count += try await follower.next().reduce(0) { $0 + $1.records.count }
                threads.insert(UInt(pthread_self()))
            }
            return threads
        }
        for _ in 0..<30 { try await log.fill("a", [[1]]) }
        #expect(try await reading.value.count == 1)
        await log.close()
    }

    @Test func aFollowerFromBeyondTheEndIsToldAndGoesOnAtTheEnd() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        let partition = TopicPartition("a", 0)
        try await log.createTopic("a", partitions: 1)
        try await log.fill("a", [[1], [2]])
        let follower = try await log.follow([partition: 50])
        let bounds = try await log.bounds(of: partition)
        await #expect(throws: LogError.offsetOutOfRange(partition, bounds: bounds)) { try await follower.next() }
        try await log.fill("a", [[3]])
        #expect(try await follower.next().flatMap(\.records).map(\.value) == [[3]])
        // Added without being there: told once, then forgotten.
        follower.add(TopicPartition("a", 9), from: 0)
        follower.add(TopicPartition("b", 0), from: 0)
        await #expect(throws: LogError.partitionNotFound(TopicPartition("a", 9))) { try await follower.next() }
        await #expect(throws: LogError.topicNotFound("b")) { try await follower.next() }
        try await log.fill("a", [[4]])
        #expect(try await follower.next().flatMap(\.records).map(\.value) == [[4]])
        await log.close()
    }
}
