internal import EventLog

extension EventLogConformance {
    static let following: [ConformanceCheck] = [
        ConformanceCheck("a follower gives the past and then what comes") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-live", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let past = try await log.appendTimes(Array(0..<50), to: partition.topic)
            let follower = try await log.follow([partition: past[10].offset])
            let first = try await follower.collect(40)
            try expectEqual(first[partition]?.map(\.timestamp), Array(10..<50), "the past")
            for time in Timestamp(50)..<60 {
                async let found = follower.collect(1)
                _ = try await log.appendTimes([time], to: partition.topic)
                try expectEqual(try await found[partition]?.map(\.timestamp), [time], "what came")
            }
            follower.close()
        },
        ConformanceCheck("a follower at the end waits for the next record") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-end", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            _ = try await log.appendTimes([1, 2, 3], to: partition.topic)
            let follower = try await log.follow([partition: try await log.bounds(of: partition).next])
            async let found = follower.next()
            let place = try await log.appendTimes([4], to: partition.topic)[0]
            try expectEqual(try await found.flatMap(\.records).map(\.offset), [place.offset], "offsets")
            follower.close()
        },
        ConformanceCheck("a follower of several partitions gives each in order and without a gap") { fixture in
            let log = fixture.log
            try await log.createTopic("conformance-many-a", partitions: 3)
            try await log.createTopic("conformance-many-b", partitions: 1)
            let partitions =
                (0..<3).map { TopicPartition("conformance-many-a", Int32($0)) }
                + [TopicPartition("conformance-many-b", 0)]
            var starts: [TopicPartition: Offset] = [:]
            for partition in partitions { starts[partition] = try await log.bounds(of: partition).next }
            let follower = try await log.follow(starts)
            let count = 600
            async let found = follower.collect(count)
            var expected: [TopicPartition: [Offset]] = [:]
            for call in 0..<count / 6 {
                let records = (0..<6).map { index in
                    NewRecord(
                        topic: index < 4 ? "conformance-many-a" : "conformance-many-b", timestamp: 1,
                        key: Array("\(call * 6 + index)".utf8), value: [1])
                }
                for place in try await log.appendAll(records) {
                    expected[place.topicPartition, default: []].append(place.offset)
                }
            }
            try expectEqual(try await found.mapValues { $0.map(\.offset) }, expected, "offsets")
            follower.close()
        },
        ConformanceCheck("followers are independent of each other") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-two", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes(Array(0..<5), to: partition.topic)
            let one = try await log.follow([partition: places[0].offset])
            let other = try await log.follow([partition: places[3].offset])
            try expectEqual(try await one.collect(5)[partition]?.count, 5, "records of one")
            one.close()
            try expectEqual(try await other.collect(2)[partition]?.count, 2, "records of the other")
            async let found = other.collect(1)
            _ = try await log.appendTimes([9], to: partition.topic)
            try expectEqual(try await found[partition]?.map(\.timestamp), [9], "the other goes on")
            other.close()
        },
        ConformanceCheck("a partition can be added while a follower waits") { fixture in
            let log = fixture.log
            let one = TopicPartition("conformance-add", 0)
            let other = TopicPartition("conformance-added", 0)
            try await log.createTopic(one.topic, partitions: 1)
            try await log.createTopic(other.topic, partitions: 1)
            let places = try await log.appendTimes([1, 2], to: other.topic)
            let follower = try await log.follow([one: try await log.bounds(of: one).next])
            async let found = follower.collect(2)
            follower.add(other, from: places[0].offset)
            try expectEqual(try await found[other]?.map(\.timestamp), [1, 2], "of the added partition")
            // Again: nothing changes, above all not the place.
            follower.add(other, from: places[0].offset)
            async let more = follower.collect(2)
            _ = try await log.appendTimes([3], to: other.topic)
            _ = try await log.appendTimes([4], to: one.topic)
            let both = try await more
            try expectEqual(both[other]?.map(\.timestamp), [3], "of the added partition, later")
            try expectEqual(both[one]?.map(\.timestamp), [4], "of the first partition")
            follower.close()
        },
        ConformanceCheck("a new partition of a followed topic can be added") { fixture in
            let log = fixture.log
            let topic = "conformance-grown"
            try await log.createTopic(topic, partitions: 1)
            let follower = try await log.follow([TopicPartition(topic, 0): 0])
            try await log.createTopic(topic, partitions: 2)
            let added = TopicPartition(topic, 1)
            follower.add(added, from: try await log.bounds(of: added).next)
            async let found = follower.collect(10)
            let records = (0..<10).map { NewRecord(topic: topic, timestamp: 1, key: Array("\($0)".utf8), value: [1]) }
            let places = try await log.appendAll(records)
            let offsets = try await found.mapValues { $0.map(\.offset) }
            let expected = Dictionary(grouping: places, by: \.topicPartition).mapValues { $0.map(\.offset) }
            try expectEqual(offsets, expected, "offsets")
            try expect(expected[added] != nil, "no key went to the new partition")
            follower.close()
        },
        ConformanceCheck("a waiting follower ends when its task is cancelled") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-cancel", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let follower = try await log.follow([partition: 0])
            let waiting = Task { try await follower.next().count }
            waiting.cancel()
            try await expectError("next of a cancelled task", { $0 == .closed }) { _ = try await waiting.value }
            // The follower itself lives on.
            async let found = follower.collect(1)
            _ = try await log.appendTimes([1], to: partition.topic)
            try expectEqual(try await found[partition]?.count, 1, "records after the cancellation")
            follower.close()
        },
        ConformanceCheck("a waiting follower ends when it is closed") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-close", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let follower = try await log.follow([partition: 0])
            let waiting = Task { try await follower.next().count }
            follower.close()
            try await expectError("next of a closed follower", { $0 == .closed }) { _ = try await waiting.value }
            try await expectError("next again", { $0 == .closed }) { _ = try await follower.next() }
            // The log lives on.
            _ = try await log.appendTimes([1], to: partition.topic)
        },
        ConformanceCheck("many large records pass through a follower") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-heavy", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let follower = try await log.follow([partition: try await log.bounds(of: partition).next])
            async let found = follower.collect(40)
            for number in 0..<UInt8(40) {
                let value = [UInt8](repeating: number, count: 200_000)
                _ = try await log.appendAll([NewRecord(topic: partition.topic, timestamp: 1, value: value)])
            }
            let values = try await found[partition, default: []].map(\.value)
            try expectEqual(values.compactMap(\.first), Array(0..<40), "order")
            try expect(values.allSatisfy { $0.count == 200_000 }, "a value has another size")
            follower.close()
        },
    ]
}
