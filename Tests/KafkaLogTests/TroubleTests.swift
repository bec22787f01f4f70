import CRdKafkaMock
import EventLog
import KafkaLog
import Testing

/// One partition or the whole cluster in trouble: what callers are told, what the operator is told, and how it ends.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TroubleTests {
    let partition = TopicPartition("t", 0)
    let other = TopicPartition("t", 1)

    // MARK: Without a leader

    @Test func aPartitionWithoutALeaderIsOutOfReachAndNotMissing() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 2)
        cluster.move(other, to: nil)
        try await cluster.withLog { log in
            let other = other
            #expect(try await log.topics() == ["t": 2])
            #expect(try await log.bounds(of: partition).next == 0)
            await isUnavailable { _ = try await log.bounds(of: other) }
            await isUnavailable { _ = try await log.position(in: other, atOrAfter: 1) }
            await isUnavailable { _ = try await log.position(in: other, at: 1) }
            await isUnavailable { _ = try await log.read(other, from: 0, limit: ReadLimit()) }
            cluster.move(other, to: 1)
            try await until { (try? await log.bounds(of: other)) != nil }
        }
    }

    @Test func theOthersAreReadLiveWhileAPartitionHasNoLeaderAndItFollows() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 2)
        cluster.create("u", partitions: 1)
        cluster.move(other, to: nil)
        let reports = Reports()
        try await cluster.withLog(reports: reports) { log in
            let steady = TopicPartition("u", 0)
            let reader = try await log.follow([steady: 0, other: 0])
            try await log.store(["a", "b"], in: "u")
            #expect(try await reader.collect(2, of: steady).map(\.text) == ["a", "b"])
            try await until { log.statistics.unreadPartitions == 1 }
            cluster.move(other, to: 1)
            try await log.storeByKey(in: other)
            #expect(try await reader.collect(1, of: other).count == 1)
            async let rest = reader.collect(1, of: steady)
            try await until { reports.naming("has a leader again").count == 1 }
            try await log.store(["c"], in: "u")
            #expect(try await rest.map(\.text) == ["c"])
            #expect(reports.naming("t/1 has no leader").count == 1)
            #expect(log.statistics.unreadPartitions == 0)
        }
    }

    // MARK: Without permission

    @Test func aPartitionThatMayNotBeReadAnyMoreIsToldOnceAndGoesOn() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        let reports = Reports()
        try await cluster.withLog(reports: reports) { log in
            let earlier = try await log.follow([partition: 0])
            try await log.store(["before"], in: "t")
            #expect(try await earlier.collect(1, of: partition).map(\.text) == ["before"])
            earlier.close()
            // At the partition's end librdkafka takes this cluster's refusal for the end: it sends a high watermark along, which
            // brokers don't.
            try await log.store(["after"], in: "t")
            cluster.fail(.fetch, with: Array(repeating: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, count: 10_000))
            let reader = try await log.follow([partition: 1])
            async let found = reader.collect(1, of: partition)
            try await until { reports.naming("does not let t/0 be read").count == 1 && log.failure != nil }
            let partition = partition
            await isUnavailable { _ = try await log.read(partition, from: 0, limit: ReadLimit()) }
            cluster.clearErrors(.fetch)
            #expect(try await found.map(\.text) == ["after"])
            try await until { reports.naming("t/0 may be read again").count == 1 && log.failure == nil }
            #expect(reports.naming("does not let").count == 1)
        }
    }

    // MARK: Damage

    @Test func anAnswerThatWasDamagedOnItsWayCostsNothing() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        try await cluster.withLog { log in
            let reader = try await log.follow([partition: 0])
            try await log.store(["a"], in: "t")
            #expect(try await reader.collect(1, of: partition).map(\.text) == ["a"])
            cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_INVALID_MSG])
            try await log.store(["b"], in: "t")
            #expect(try await reader.collect(1, of: partition).map(\.text) == ["b"])
            cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_INVALID_MSG])
            #expect(try await log.all(of: partition) == ["a", "b"])
        }
    }

    // MARK: The cluster

    @Test func aClusterThatFallsSilentIsToldOnceAndOnceWhenItIsBack() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        let reports = Reports()
        try await cluster.withLog(reports: reports) { log in
            let partition = partition
            let reader = try await log.follow([partition: 0])
            for round in 1...2 {
                cluster.takeDown(1)
                try await until { log.failure != nil }
                for _ in 0..<5 { await isUnavailable { _ = try await log.bounds(of: partition) } }
                cluster.bringUp(1)
                try await until { log.failure == nil }
                try await log.store(["\(round)"], in: "t")
                #expect(try await reader.collect(1, of: partition).map(\.text) == ["\(round)"])
                #expect(reports.naming("does not answer").count == round)
                #expect(reports.naming("answers again").count == round)
            }
        }
    }

    @Test func aClusterThatStartsALittleLaterIsWaitedForAndThatIsTold() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        cluster.takeDown(1)
        let reports = Reports()
        let starter = Task {
            try await until { reports.naming("does not answer").count == 1 }
            cluster.bringUp(1)
        }
        let adjust: (inout KafkaLogOptions) -> Void = { options in
            options.grace = .seconds(60)
            options.requestTimeout = 500
        }
        try await cluster.withLog(reports: reports, adjust: adjust) { log in
            let topics = try await log.topics()
            #expect(topics == ["t": 1])
            #expect(reports.naming("answers again").count == 1)
        }
        try await starter.value
    }

    @Test func aLogClosesWhateverItsThreadsWaitFor() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        let reports = Reports()
        let adjust: (inout KafkaLogOptions) -> Void = { options in
            // Longer than the test may take.
            options.requestTimeout = 600_000
            options.closeTime = .milliseconds(500)
        }
        try await cluster.withLog(reports: reports, adjust: adjust) { log in
            let partition = partition
            _ = try await log.follow([partition: 0])
            let asked = log.questions
            cluster.delay(1, by: 600_000)
            for place in 0..<3 { Task { try await log.position(in: partition, atOrAfter: Timestamp(place + 1)) } }
            try await until { log.questions > asked }
            await log.close()
            #expect(reports.naming("left behind").count == 1)
        }
    }

    @Test func topicsThatCanNotBeWrittenToAreToldOnceAndOnceWhenTheyCan() async throws {
        let cluster = try MockCluster(brokers: 1)
        cluster.create("t", partitions: 1)
        let reports = Reports()
        try await cluster.withLog(reports: reports) { log in
            cluster.fail(.produce, with: Array(repeating: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, count: 3))
            for _ in 0..<3 {
                let results = await log.append([NewRecord(topic: "t", timestamp: 1, value: [1])])
                guard case .failure = try #require(results.first) else {
                    Issue.record("it was stored")
                    return
                }
            }
            cluster.clearErrors(.produce)
            try await until { (try? await log.store(["a"], in: "t")) != nil }
            #expect(reports.naming("events of t can't be stored").count == 1)
            #expect(reports.naming("events of t are stored again").count == 1)
        }
    }

    // MARK: -

    private func isUnavailable(_ body: () async throws -> Void, line: Int = #line) async {
        do {
            try await body()
            Issue.record("line \(line): it was answered")
        } catch {
            guard case .unavailable = error as? LogError else {
                Issue.record("line \(line): the error was \(error)")
                return
            }
        }
    }
}

extension KafkaLog {
    /// Appends a record whose key leads to a partition of a topic of two.
    func storeByKey(in partition: TopicPartition) async throws {
        let key = try #require(
            (0..<100).map { Array("\($0)".utf8) }.first {
                KeyPartitioner.partition(ofKey: $0, count: 2) == Int(partition.partition)
            })
        let record = NewRecord(topic: partition.topic, timestamp: 1, key: key, value: [1])
        for result in await append([record]) { _ = try result.get() }
    }
}
