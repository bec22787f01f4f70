internal import EventLog

extension EventLogConformance {
    static let reading: [ConformanceCheck] = [
        ConformanceCheck("an empty partition has bounds, no records and no time") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-empty", 1)
            try await log.createTopic(partition.topic, partitions: 2)
            let bounds = try await log.bounds(of: partition)
            try expectEqual(bounds.first, bounds.next, "first and next")
            try expectEqual(bounds.lastTimestamp, nil, "last timestamp")
            let block = try await log.read(partition, from: bounds.next, limit: ReadLimit())
            try expectEqual(block.records.count, 0, "records")
            try expectEqual(block.next, bounds.next, "next of the block")
            let position = try await log.position(in: partition, atOrAfter: 0)
            try expectEqual(position, bounds.end, "position by time")
        },
        ConformanceCheck("bounds tell the first and next offset and the last timestamp") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-bounds", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes([10, 30, 20], to: partition.topic)
            let bounds = try await log.bounds(of: partition)
            try expectEqual(bounds.first, places[0].offset, "first")
            try expect(
                bounds.next > places[2].offset, "next is \(bounds.next), the last record has \(places[2].offset)")
            try expectEqual(bounds.lastTimestamp, 20, "last timestamp")
        },
        ConformanceCheck("a block has no more records than asked for") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-count", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes(Array(0..<10), to: partition.topic)
            for count in [1, 3, 10, 11] {
                let limit = ReadLimit(records: count)
                let block = try await log.read(partition, from: places[0].offset, limit: limit)
                try expectEqual(block.records.count, min(count, 10), "records with a limit of \(count)")
                let all = try await log.readAll(partition, from: places[0].offset, limit: limit)
                try expectEqual(all.map(\.offset), places.map(\.offset), "offsets by blocks of \(count)")
            }
            for count in [0, -1, Int.min] {
                let limit = ReadLimit(records: count, bytes: count)
                let block = try await log.read(partition, from: places[0].offset, limit: limit)
                try expectEqual(block.records.count, 1, "records with a limit of \(count)")
            }
        },
        ConformanceCheck("a block has no more bytes than asked for, but one record at least") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-size", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let sizes = [100, 100, 100, 5000, 1, 1]
            let places = try await log.appendAll(
                sizes.map {
                    NewRecord(topic: partition.topic, timestamp: 1, value: [UInt8](repeating: 1, count: $0))
                })
            for (start, bytes, expected) in [(0, 250, 2), (0, 300, 3), (3, 10, 1), (3, 5001, 2), (4, 2, 2), (0, 0, 1)] {
                let limit = ReadLimit(records: 100, bytes: bytes)
                let block = try await log.read(partition, from: places[start].offset, limit: limit)
                try expectEqual(block.records.count, expected, "records from \(start) within \(bytes) bytes")
            }
            let all = try await log.readAll(
                partition, from: places[0].offset, limit: ReadLimit(records: 100, bytes: 150))
            try expectEqual(all.map(\.value.count), sizes, "sizes block by block")
        },
        ConformanceCheck("the end can be read and is empty; beyond it and before the beginning can't") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-range", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            _ = try await log.appendTimes([1, 2, 3], to: partition.topic)
            let bounds = try await log.bounds(of: partition)
            let end = try await log.read(partition, from: bounds.next, limit: ReadLimit())
            try expectEqual(end.records.count, 0, "records at the end")
            for offset in [bounds.next + 1, bounds.first - 1, .max, .min] {
                try await expectError("a read from \(offset)", { $0 == .offsetOutOfRange(partition, bounds: bounds) }) {
                    _ = try await log.read(partition, from: offset, limit: ReadLimit())
                }
            }
        },
        ConformanceCheck("an unknown topic or partition is named") { fixture in
            let log = fixture.log
            try await log.createTopic("conformance-known", partitions: 2)
            for (partition, expected) in [
                (TopicPartition("conformance-none", 0), LogError.topicNotFound("conformance-none")),
                (
                    TopicPartition("conformance-known", 2),
                    .partitionNotFound(TopicPartition("conformance-known", 2))
                ),
                (
                    TopicPartition("conformance-known", -1),
                    .partitionNotFound(TopicPartition("conformance-known", -1))
                ),
            ] {
                try await expectError("bounds of \(partition)", { $0 == expected }) {
                    _ = try await log.bounds(of: partition)
                }
                try await expectError("a read of \(partition)", { $0 == expected }) {
                    _ = try await log.read(partition, from: 0, limit: ReadLimit())
                }
                try await expectError("a time in \(partition)", { $0 == expected }) {
                    _ = try await log.position(in: partition, atOrAfter: 0)
                }
                try await expectError("an offset in \(partition)", { $0 == expected }) {
                    _ = try await log.position(in: partition, at: 0)
                }
                try await expectError("following \(partition)", { $0 == expected }) {
                    _ = try await log.follow([partition: 0])
                }
            }
        },
    ]
}
