internal import EventLog

extension EventLogConformance {
    static let topics: [ConformanceCheck] = [
        ConformanceCheck("topics are made, grow and never shrink") { fixture in
            let log = fixture.log
            let topic = "conformance.topic_1-x"
            try expectEqual(try await log.topics()[topic], nil, "before")
            try await log.createTopic(topic, partitions: 2)
            try expectEqual(try await log.topics()[topic], 2, "made")
            try await log.createTopic(topic, partitions: 5)
            try expectEqual(try await log.topics()[topic], 5, "grown")
            try await log.createTopic(topic, partitions: 1)
            try expectEqual(try await log.topics()[topic], 5, "asked for fewer")
        },
        ConformanceCheck("records stay where they are when their topic grows") { fixture in
            let log = fixture.log
            let topic = "conformance-growth"
            try await log.createTopic(topic, partitions: 1)
            let before = try await log.appendTimes([1, 2], to: topic)
            try await log.createTopic(topic, partitions: 3)
            let found = try await log.readAll(TopicPartition(topic, 0), from: before[0].offset)
            try expectEqual(found.map(\.timestamp), [1, 2], "records")
            for partition in Int32(1)...2 {
                let bounds = try await log.bounds(of: TopicPartition(topic, partition))
                try expectEqual(bounds.first, bounds.next, "bounds of a new partition")
            }
        },
        ConformanceCheck("a topic needs at least one partition") { fixture in
            for count in [0, -1, Int32.min] {
                try await expectError(
                    "\(count) partitions",
                    {
                        if case .invalid = $0 { true } else { false }
                    }
                ) {
                    try await fixture.log.createTopic("conformance-none", partitions: count)
                }
            }
            try expectEqual(try await fixture.log.topics()["conformance-none"], nil, "the topic")
        },
        ConformanceCheck("topics made at once are all there") { fixture in
            let log = fixture.log
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    group.addTask { try await log.createTopic("conformance-at-once-\(number % 4)", partitions: 3) }
                }
                try await group.waitForAll()
            }
            let topics = try await log.topics()
            for number in 0..<4 { try expectEqual(topics["conformance-at-once-\(number)"], 3, "topic \(number)") }
        },
        ConformanceCheck("a closed log refuses everything, and closing again does nothing") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-closed", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            _ = try await log.appendTimes([1], to: partition.topic)
            let follower = try await log.follow([partition: try await log.bounds(of: partition).next])
            let waiting = Task { try await follower.next().count }
            await log.close()
            await log.close()
            try await expectError("a waiting follower", { $0 == .closed }) { _ = try await waiting.value }
            try await expectError("topics", { $0 == .closed }) { _ = try await log.topics() }
            try await expectError("createTopic", { $0 == .closed }) { try await log.createTopic("a", partitions: 1) }
            try await expectError("bounds", { $0 == .closed }) { _ = try await log.bounds(of: partition) }
            try await expectError("read", { $0 == .closed }) {
                _ = try await log.read(partition, from: 0, limit: ReadLimit())
            }
            try await expectError("position by time", { $0 == .closed }) {
                _ = try await log.position(in: partition, atOrAfter: 0)
            }
            try await expectError("position by offset", { $0 == .closed }) {
                _ = try await log.position(in: partition, at: 0)
            }
            try await expectError("follow", { $0 == .closed }) { _ = try await log.follow([partition: 0]) }
            let results = await log.append([NewRecord(topic: partition.topic, timestamp: 1, value: [])])
            try expectEqual(results, [.failure(.closed)], "append")
        },
    ]
}
