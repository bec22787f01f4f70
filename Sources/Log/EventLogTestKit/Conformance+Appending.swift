internal import EventLog

extension EventLogConformance {
    static let appending: [ConformanceCheck] = [
        ConformanceCheck("what was appended is read back byte for byte") { fixture in
            let log = fixture.log
            let topic = "conformance-bytes"
            try await log.createTopic(topic, partitions: 1)
            let every = [UInt8](0...255)
            let contents: [(key: [UInt8]?, value: [UInt8])] = [
                (nil, []), ([], []), ([0], [0]), (every, every), (nil, Array("{\"a\":\"\u{e9}\"}".utf8)),
                ([0xFF, 0xFE], [0x0A, 0x0D, 0x00]), (nil, Array(repeating: 7, count: 300_000)),
            ]
            let wanted: [Timestamp] = [0, 1, -1, 1_790_487_705_416, 5, 253_402_300_799_999, 2]
            let times = wanted.map { min(max($0, fixture.timestamps.lowerBound), fixture.timestamps.upperBound) }
            let records = zip(contents, times).map { content, time in
                NewRecord(topic: topic, timestamp: time, key: content.key, value: content.value)
            }
            let appended = try await log.appendAll(records)
            let partition = TopicPartition(topic, 0)
            try expectEqual(appended.map(\.topicPartition), records.map { _ in partition }, "partitions")
            let found = try await log.readAll(partition, from: appended[0].offset)
            try expectEqual(found.map(\.offset), appended.map(\.offset), "offsets")
            try expectEqual(found.map(\.timestamp), times, "timestamps")
            for (record, content) in zip(found, contents) {
                try expectEqual(record.key, content.key, "key of \(record.offset)")
                try expect(record.value == content.value, "value of \(record.offset) is another")
            }
        },
        ConformanceCheck("offsets grow in the order of a call and of calls") { fixture in
            let log = fixture.log
            try await log.createTopic("conformance-order", partitions: 1)
            var offsets: [Offset] = []
            for call in 0..<5 {
                let times = (0..<20).map { Timestamp(call * 20 + $0 + 1) }
                offsets += try await log.appendTimes(times, to: "conformance-order").map(\.offset)
            }
            try expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "offsets don't grow: \(offsets)")
            let found = try await log.readAll(TopicPartition("conformance-order", 0), from: offsets[0])
            try expectEqual(found.map(\.timestamp), (1...100).map { Timestamp($0) }, "order of records")
        },
        ConformanceCheck("a key chooses its partition as in Kafka") { fixture in
            let log = fixture.log
            let topic = "conformance-keys"
            try await log.createTopic(topic, partitions: 7)
            // Keys and their murmur2, from Kafka's own tests.
            let hashes: [(String, Int32)] = [
                ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
                ("a-little-bit-longer-string", -1_486_304_829), ("abc", 479_470_107),
                ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ]
            let records = hashes.map { NewRecord(topic: topic, timestamp: 1, key: Array($0.0.utf8), value: [1]) }
            let appended = try await log.appendAll(records + records)
            let expected = hashes.map { TopicPartition(topic, ($0.1 & 0x7FFF_FFFF) % 7) }
            try expectEqual(appended.map(\.topicPartition), expected + expected, "partitions")
        },
        ConformanceCheck("records without a key use all partitions") { fixture in
            let log = fixture.log
            try await log.createTopic("conformance-turns", partitions: 3)
            var used: Set<Int32> = []
            // A log may stay with one partition for a while (Kafka: until a batch is full).
            for call in 0..<300 where used.count < 3 {
                let value = [UInt8](repeating: 1, count: 1000)
                let record = NewRecord(topic: "conformance-turns", timestamp: Timestamp(call), value: value)
                used.formUnion(try await log.appendAll([record]).map(\.topicPartition.partition))
            }
            try expectEqual(used, [0, 1, 2], "partitions used")
        },
        ConformanceCheck("a record that can't be stored does not keep others from being stored") { fixture in
            let log = fixture.log
            try await log.createTopic("conformance-mixed", partitions: 1)
            let large = [UInt8](repeating: 1, count: (fixture.maximumRecordBytes ?? 0) + 1)
            var records = [
                NewRecord(topic: "conformance-mixed", timestamp: 1, value: [1]),
                NewRecord(topic: "conformance-unknown", timestamp: 2, value: [2]),
            ]
            if fixture.maximumRecordBytes != nil {
                records.append(NewRecord(topic: "conformance-mixed", timestamp: 3, value: large))
            }
            records.append(NewRecord(topic: "conformance-mixed", timestamp: 4, value: [4]))
            let results = await log.append(records)
            try expectEqual(results.count, records.count, "results")
            try expectEqual(results[1], .failure(.topicNotFound("conformance-unknown")), "unknown topic")
            if let limit = fixture.maximumRecordBytes {
                try expectEqual(results[2], .failure(.recordTooLarge(limit: limit)), "large record")
            }
            let first = try results[0].get()
            let found = try await log.readAll(first.topicPartition, from: first.offset)
            try expectEqual(found.map(\.timestamp), [1, 4], "records stored")
        },
        ConformanceCheck("a record of the largest size is stored") { fixture in
            guard let limit = fixture.maximumRecordBytes else { return }
            let log = fixture.log
            try await log.createTopic("conformance-large", partitions: 1)
            let value = (0..<limit - 3).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let record = NewRecord(topic: "conformance-large", timestamp: 1, key: [1, 2, 3], value: value)
            let place = try await log.appendAll([record])[0]
            let block = try await log.read(place.topicPartition, from: place.offset, limit: ReadLimit())
            try expect(block.records.first?.value == value, "the large value is another")
        },
        ConformanceCheck("callers at once each keep the order of their call") { fixture in
            let log = fixture.log
            let topic = "conformance-crowd"
            try await log.createTopic(topic, partitions: 1)
            let callers: UInt8 = 8
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        for call in 0..<UInt8(10) {
                            let records = (0..<UInt8(5)).map {
                                NewRecord(topic: topic, timestamp: 1, value: [caller, call, $0])
                            }
                            _ = try await log.appendAll(records)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let partition = TopicPartition(topic, 0)
            let found = try await log.readAll(partition, from: try await log.bounds(of: partition).first)
            try expectEqual(found.count, Int(callers) * 50, "records")
            try expectEqual(Set(found.map(\.offset)).count, found.count, "offsets")
            for caller in 0..<callers {
                let order = found.filter { $0.value[0] == caller }.map { Int($0.value[1]) * 5 + Int($0.value[2]) }
                try expectEqual(order, Array(0..<50), "order of caller \(caller)")
            }
        },
        ConformanceCheck("an append of nothing has no results") { fixture in
            try expectEqual(await fixture.log.append([]).count, 0, "results")
        },
    ]
}
