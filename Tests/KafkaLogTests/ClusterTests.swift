import EventLog
import KafkaLog
import Testing

/// What only a real broker knows: topics that come and go, retention, times.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: Broker.tool != nil, Broker.skipped)) struct ClusterTests {
    @Test func aTopicMadeAnewIsFollowedFromItsBeginning() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-anew", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            try await log.store((0..<20).map { "old \($0)" }, in: partition.topic)
            let follower = try await log.follow([partition: 0])
            #expect(try await follower.collect(20, of: partition).count == 20)
            try await log.deleteTopic(partition.topic)
            try await until { try await log.topics()[partition.topic] == nil }
            try await until { (try? await log.createTopic(partition.topic, partitions: 1)) != nil }
            try await log.store(["new 0", "new 1"], in: partition.topic, timestamp: 1_700_000_100_000)
            let found = try await follower.collect(2, of: partition, passingOver: isAboutTheTopic)
            #expect(found.map(\.text) == ["new 0", "new 1"])
            #expect(found.map(\.offset) == [0, 1])
        }
    }

    @Test func aTopicMadeAnewThatGrewBeyondTheOldOneIsNoticedIfItWasSeenToBeGone() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-beyond", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            try await log.store(["old"], in: partition.topic)
            let follower = try await log.follow([partition: 0])
            #expect(try await follower.collect(1, of: partition).count == 1)
            try await log.deleteTopic(partition.topic)
            try await until { log.missingPartitions == 1 }
            try await until { (try? await log.createTopic(partition.topic, partitions: 1)) != nil }
            try await log.store((0..<5).map { "new \($0)" }, in: partition.topic, timestamp: 1_700_000_100_000)
            let found = try await follower.collect(5, of: partition, passingOver: isAboutTheTopic)
            #expect(found.map(\.text) == (0..<5).map { "new \($0)" })
        }
    }

    @Test func holesOfTransactionsAreNoRecordsAndNoEnd() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-holes", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            // A commit and an abort leave a marker each; what was aborted is not to be seen.
            try Transactions.write(["a", "b"], to: partition.topic, broker: Broker.start(), commit: true)
            try Transactions.write(["gone"], to: partition.topic, broker: Broker.start(), commit: false)
            // The broker writes the markers a moment after it has answered.
            try await until { try await log.bounds(of: partition).next == 5 }
            let bounds = try await log.bounds(of: partition)
            #expect(bounds.next == 5 && bounds.lastTimestamp != nil)
            #expect(try await log.all(of: partition) == ["a", "b"])
            let follower = try await log.follow([partition: 0])
            var next: Offset = 0
            var texts: [String] = []
            while next < bounds.next {
                for followed in try await follower.next() {
                    texts += followed.records.map(\.text)
                    next = followed.next
                }
            }
            #expect(texts == ["a", "b"] && next == 5)
            let block = try await log.read(partition, from: 2, limit: ReadLimit())
            #expect(block.records.isEmpty && block.next == 5)
            #expect(try await log.position(in: partition, at: 5).timestamp == bounds.lastTimestamp)
        }
    }

    @Test func aRecordLargerThanAFetchGetsThrough() async throws {
        let properties = ["fetch.message.max.bytes": "4096", "fetch.max.bytes": "8192", "message.max.bytes": "8192"]
        try await withLog(properties) { log in
            let partition = TopicPartition("cluster-large", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            // By another producer: this one's limit is small.
            let other = try await KafkaLog.open(KafkaLogOptions(brokers: [try Broker.start()]))
            let large = String(repeating: "x", count: 900_000)
            try await other.store(["first", large, "last"], in: partition.topic)
            await other.close()
            let follower = try await log.follow([partition: 0])
            #expect(try await follower.collect(3, of: partition).map(\.value.count) == [5, 900_000, 4])
            #expect(try await log.all(of: partition).map(\.count) == [5, 900_000, 4])
        }
    }

    @Test func whereTheBrokerSetsTheTimesTheEndHasTheBrokersTime() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-broker-time", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let tool = try #require(Broker.tool)
            let line = """
                '\(tool)' configs --bootstrap-server \(try Broker.start()) --alter --entity-type topics \
                --entity-name \(partition.topic) --add-config message.timestamp.type=LogAppendTime > /dev/null
                """
            try #require(Broker.shell(line) == 0)
            try await log.store(["a"], in: partition.topic, timestamp: 1_000)
            let record = try #require(try await log.read(partition, from: 0, limit: ReadLimit()).records.first)
            #expect(record.timestamp > 1_000)
            #expect(try await log.bounds(of: partition).lastTimestamp == record.timestamp)
        }
    }

    @Test func manyWhoAskForTheBoundsAtOnceAskTheClusterLittle() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-crowd", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            try await log.store((0..<100).map { "\($0)" }, in: partition.topic)
            let before = log.statistics.fetches
            try await withThrowingTaskGroup(of: PartitionBounds.self) { group in
                for _ in 0..<500 { group.addTask { try await log.bounds(of: partition) } }
                for try await bounds in group { #expect(bounds.next == 100) }
            }
            #expect(log.statistics.fetches - before <= 2)
        }
    }

    @Test func aBatchThatIsDamagedOnTheBrokersDiskIsToldAndTheRestIsRead() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-damage", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            // Each call is a batch or several; what is damaged is in the second one.
            for batch in [["a0", "a1", "a2"], ["b3-damaged", "b4", "b5", "b6"], ["c7", "c8"]] {
                try await log.store(batch, in: partition.topic)
            }
            try Broker.damage(partition, at: "b3-damaged")
            // The live reader tells the damage and goes on behind it.
            let reader = try await log.follow([partition: 0])
            var lost: Range<Offset>?
            let found = try await reader.collect(5, of: partition) { error in
                guard case .unreadable(partition, let range, _) = error, lost == nil else { return false }
                lost = range
                return true
            }
            let range = try #require(lost)
            #expect(range.lowerBound == 3 && (4...7).contains(range.upperBound))
            let rest = (range.upperBound..<9).map { $0 }
            #expect(found.map(\.offset).prefix(5) == ([0, 1, 2] + rest).prefix(5))
            // So does history, from before it and from within it.
            let before = try await log.read(partition, from: 0, limit: ReadLimit())
            #expect(before.records.map(\.offset) == [0, 1, 2] && before.next == 3)
            await #expect(throws: LogError.self) { _ = try await log.read(partition, from: 3, limit: ReadLimit()) }
            let after = try await log.read(partition, from: range.upperBound, limit: ReadLimit())
            #expect(after.records.map(\.offset) == rest)
            // What the end needs is not damaged.
            #expect(try await log.bounds(of: partition).next == 9)
            #expect(try await log.position(in: partition, at: range.upperBound).timestamp == nil)
        }
    }

    @Test func aBatchThatIsDamagedAtTheEndHidesNothingThatComesLater() async throws {
        try await withLog { log in
            let partition = TopicPartition("cluster-damage-end", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            try await log.store(["a0"], in: partition.topic)
            try await log.store(["b1-damaged"], in: partition.topic)
            try Broker.damage(partition, at: "b1-damaged")
            let reader = try await log.follow([partition: 0])
            #expect(try await reader.collect(1, of: partition).map(\.text) == ["a0"])
            await #expect(throws: LogError.self) { _ = try await reader.collect(1, of: partition) }
            try await log.store(["c2"], in: partition.topic)
            #expect(try await reader.collect(1, of: partition).map(\.text) == ["c2"])
        }
    }

    @Test func partitionsThatATopicMadeAnewDoesNotHaveAreTold() async throws {
        try await withLog { log in
            let topic = "cluster-fewer"
            let kept = TopicPartition(topic, 0)
            let gone = TopicPartition(topic, 1)
            try await log.createTopic(topic, partitions: 2)
            try await log.store((0..<20).map { "old \($0)" }, in: topic)
            let reader = try await log.follow([kept: 0, gone: 0])
            var read = 0
            while read < 20 { for followed in try await reader.next() { read += followed.records.count } }
            try await log.deleteTopic(topic)
            try await until { try await log.topics()[topic] == nil }
            try await until { (try? await log.createTopic(topic, partitions: 1)) != nil }
            var told: [LogError] = []
            // Right after it is made, not every broker knows of it.
            try await until { (try? await log.store(["new"], in: topic, timestamp: 1_700_000_100_000)) != nil }
            var found: [Record] = []
            while !found.contains(where: { $0.text == "new" }) || !told.contains(.gone(gone)) {
                do throws(LogError) {
                    for followed in try await reader.next() where followed.topicPartition == kept {
                        found += followed.records
                    }
                } catch {
                    told.append(error)
                }
            }
            #expect(told.contains { if case .recreated(kept, _) = $0 { true } else { false } })
            await #expect(throws: LogError.partitionNotFound(gone)) { _ = try await log.bounds(of: gone) }
        }
    }

    private func isAboutTheTopic(_ error: LogError) -> Bool {
        switch error {
        case .gone, .recreated, .offsetOutOfRange: true
        default: false
        }
    }

    private func withLog(
        _ properties: [String: String] = [:], _ body: (KafkaLog) async throws -> Void
    ) async throws {
        var options = KafkaLogOptions(brokers: [try Broker.start()], properties: properties)
        options.refreshInterval = .milliseconds(100)
        try await opened(options, body)
    }
}
