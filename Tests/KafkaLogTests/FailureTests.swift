import CRdKafkaMock
import EventLog
import Glibc
import KafkaLog
import Testing

/// What happens while brokers fail, on librdkafka's own mock cluster.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FailureTests {
    let partition = TopicPartition("t", 0)

    @Test func recordsPassWhileTheLeaderMoves() async throws {
        let cluster = try MockCluster(brokers: 3)
        cluster.create("t", partitions: 1, replicas: 3)
        try await cluster.withLog { log in
            let follower = try await log.follow([partition: 0])
            async let found = follower.collect(200, of: partition)
            for round in 0..<20 {
                cluster.move(partition, to: Int32(round % 3) + 1)
                try await log.store((0..<10).map { "\(round * 10 + $0)" }, in: "t")
            }
            #expect(try await found.map(\.text) == (0..<200).map { "\($0)" })
        }
    }

    @Test func errorsOfFetchesCostNothing() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            let follower = try await log.follow([partition: 0])
            async let found = follower.collect(50, of: partition)
            for number in 0..<50 {
                if number % 10 == 5 {
                    cluster.fail(
                        .fetch,
                        with: [
                            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_UNKNOWN,
                        ])
                }
                try await log.store(["\(number)"], in: "t")
            }
            #expect(try await found.map(\.text) == (0..<50).map { "\($0)" })
            #expect(try await log.all(of: partition) == (0..<50).map { "\($0)" })
        }
    }

    @Test func aRecordWhoseAnswerFailedIsStoredOnce() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            for number in 0..<30 {
                if number % 3 == 0 {
                    cluster.fail(
                        .produce,
                        with: [
                            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
                        ])
                }
                try await log.store(["\(number)"], in: "t")
            }
            #expect(try await log.all(of: partition) == (0..<30).map { "\($0)" })
        }
    }

    @Test func aClusterThatIsDownIsToldAndComesBack() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            let follower = try await log.follow([partition: 0])
            try await log.store(["before"], in: "t")
            #expect(try await follower.collect(1, of: partition).map(\.text) == ["before"])
            #expect(log.failure == nil && log.statistics.isReachable)
            cluster.takeDown(1)
            try await until { log.failure != nil }
            #expect(!log.statistics.isReachable)
            // At once, not after a time that piles up callers.
            await #expect(throws: LogError.self) { _ = try await log.bounds(of: partition) }
            await #expect(throws: LogError.self) { _ = try await log.read(partition, from: 0, limit: ReadLimit()) }
            cluster.bringUp(1)
            try await until { log.failure == nil }
            async let found = follower.collect(1, of: partition)
            try await log.store(["after"], in: "t")
            #expect(try await found.map(\.text) == ["after"])
            #expect(try await log.all(of: partition) == ["before", "after"])
        }
    }

    @Test func recordsWaitForAClusterThatIsDownAndAreStoredOnce() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            try await log.store(["first"], in: "t")
            cluster.takeDown(1)
            async let stored: Void = log.store(["second", "third"], in: "t")
            try await until { log.failure != nil }
            cluster.bringUp(1)
            try await stored
            try await until { log.failure == nil }
            #expect(try await log.all(of: partition) == ["first", "second", "third"])
        }
    }

    @Test func whatWaitsTooLongIsRefusedAndNotLostInSilence() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog(["message.timeout.ms": "3000"]) { log in
            try await log.store(["first"], in: "t")
            cluster.takeDown(1)
            let results = await log.append([NewRecord(topic: "t", timestamp: 1, value: [1])])
            guard case .failure(.unavailable) = try #require(results.first) else {
                Issue.record("the answer was \(results)")
                return
            }
        }
    }

    @Test func moreThanMayWaitIsRefusedAtOnce() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        let properties = ["queue.buffering.max.messages": "10", "message.timeout.ms": "2000"]
        try await cluster.withLog(properties) { log in
            try await log.store(["first"], in: "t")
            cluster.takeDown(1)
            let records = (0..<30).map { NewRecord(topic: "t", timestamp: 1, value: [$0]) }
            let results = await log.append(records)
            let full = results.count { if case .failure(.full) = $0 { true } else { false } }
            // The first may still have its place: librdkafka counts a message until after its report has been taken.
            #expect((20...21).contains(full))
        }
    }

    @Test func aProducerThatMayNotStoreIsNotMadeAgainForEachRecord() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            cluster.fail(
                .initProducerID,
                with: Array(repeating: RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, count: 1_000))
            let threads = try threadCount()
            for _ in 0..<200 {
                let results = await log.append([NewRecord(topic: "t", timestamp: 1, value: [1])])
                guard case .failure(.unavailable) = try #require(results.first) else {
                    Issue.record("the answer was \(results)")
                    return
                }
            }
            // An instance has one for itself and one for each broker and bootstrap address.
            #expect(try threadCount() - threads < 100)
        }
    }

    @Test func appendsDuringACloseAreAllAnswered() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        for _ in 0..<10 {
            try await cluster.withLog { log in
                try await log.store(["first"], in: "t")
                await withTaskGroup(of: Int.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let records = (0..<500).map { _ in NewRecord(topic: "t", timestamp: 1, value: [1]) }
                            return await log.append(records).count
                        }
                    }
                    group.addTask {
                        await log.close()
                        return 500
                    }
                    for await count in group { #expect(count == 500) }
                }
            }
        }
    }

    @Test func aClosedFollowerLeavesNothingBehind() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            let threads = try threadCount()
            for _ in 0..<20 {
                let follower = try await log.follow([partition: 0])
                let waiting = Task { try await follower.next() }
                follower.close()
                await #expect(throws: LogError.closed) { _ = try await waiting.value }
            }
            try await until { try threadCount() - threads < 40 }
        }
    }

    @Test func manyWhoAskForATopicWhileTheClusterIsSlowWaitForOneAnswer() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            cluster.delay(1, by: 300)
            let start = ContinuousClock.now
            let records = (0..<50).map { _ in NewRecord(topic: "none", timestamp: 1, value: [1]) }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let results = await log.append(records)
                        #expect(results.allSatisfy { $0 == .failure(.topicNotFound("none")) })
                    }
                }
            }
            // One after the other they would take half a minute, and one for each record 25 of them.
            #expect(.now - start < .seconds(15))
        }
    }

    @Test func aTopicThatCanNotBeAskedForIsNotSaidToBeMissing() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            cluster.takeDown(1)
            try await until { log.failure != nil }
            let results = await log.append([NewRecord(topic: "other", timestamp: 1, value: [1])])
            guard case .failure(.unavailable) = try #require(results.first) else {
                Issue.record("the answer was \(results)")
                return
            }
        }
    }

    @Test func aSlowBrokerIsWaitedFor() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            cluster.delay(1, by: 300)
            let follower = try await log.follow([partition: 0])
            async let found = follower.collect(3, of: partition)
            try await log.store(["a", "b", "c"], in: "t")
            #expect(try await found.map(\.text) == ["a", "b", "c"])
            #expect(try await log.all(of: partition) == ["a", "b", "c"])
        }
    }

    @Test func aClusterThatIsNotThereIsNamed() async throws {
        var options = KafkaLogOptions(brokers: ["127.0.0.1:1"])
        options.requestTimeout = 1_000
        options.grace = .zero
        do {
            _ = try await KafkaLog.open(options)
            Issue.record("it was opened")
        } catch {
            #expect(error.description.contains("127.0.0.1:1"))
            #expect(error.description.contains("Connection refused"))
            #expect(error.description.contains("kafka.brokers"))
        }
    }
}

extension LogFollower {
    /// Waits for so many records of a partition.
    func collect(
        _ count: Int, of partition: TopicPartition, passingOver isHarmless: (LogError) -> Bool = { _ in false }
    ) async throws -> [Record] {
        var found: [Record] = []
        while found.count < count {
            do throws(LogError) {
                for followed in try await next() where followed.topicPartition == partition {
                    found += followed.records
                }
            } catch {
                guard isHarmless(error) else { throw error }
            }
        }
        return found
    }
}

extension KafkaLog {
    /// Appends records one after the other, each of which must be stored.
    func store(_ texts: [String], in topic: String, timestamp: Timestamp = 1_700_000_000_000) async throws {
        let records = texts.map { NewRecord(topic: topic, timestamp: timestamp, value: Array($0.utf8)) }
        for result in await append(records) { _ = try result.get() }
    }

    /// The texts of all records of a partition.
    func all(of partition: TopicPartition) async throws -> [String] {
        let bounds = try await bounds(of: partition)
        var texts: [String] = []
        var offset = bounds.first
        while offset < bounds.next {
            let block = try await read(partition, from: offset, limit: ReadLimit())
            texts += block.records.map(\.text)
            guard block.next > offset else { break }
            offset = block.next
        }
        return texts
    }
}

/// Of this process.
func threadCount() throws -> Int {
    // Open until this returns.
    let folder = unsafe try #require(unsafe opendir("/proc/self/task"))
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    return count
}

extension Record {
    var text: String { String(decoding: value, as: UTF8.self) }
}

/// Waits for something to come true; the suite's time limit ends a wait in vain.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
}
