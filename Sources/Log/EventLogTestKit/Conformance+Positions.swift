internal import EventLog
internal import System
internal import TestSupport

extension EventLogConformance {
    static let positions: [ConformanceCheck] = [
        ConformanceCheck("a time leads to the first record at or after it") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-time", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes([100, 200, 300], to: partition.topic)
            let bounds = try await log.bounds(of: partition)
            for (time, expected) in [
                (Timestamp.min, Position(offset: places[0].offset)), (100, Position(offset: places[0].offset)),
                (101, Position(offset: places[1].offset, timestamp: 100)),
                (200, Position(offset: places[1].offset, timestamp: 100)),
                (300, Position(offset: places[2].offset, timestamp: 200)), (301, bounds.end), (.max, bounds.end),
            ] {
                let found = try await log.position(in: partition, atOrAfter: time)
                try expectEqual(found, expected, "position of time \(time)")
            }
        },
        ConformanceCheck("a time is found by the running maximum where timestamps are not in order") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-disorder", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            var random = SeededGenerator(seed: 6)
            for round in 0..<5 {
                // Mostly forward, now and then far back or far ahead.
                let times = (0..<40).map { step -> Timestamp in
                    let base = Timestamp(round * 400 + step * 10)
                    return base
                        + (Int.random(in: 0..<5, using: &random) == 0 ? .random(in: -300...300, using: &random) : 0)
                }
                _ = try await log.appendTimes(times, to: partition.topic)
                try await comparePositions(log, partition, &random)
            }
        },
        ConformanceCheck("a time does not lead past a record of that time that is appended meanwhile") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-meanwhile", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            for time in Timestamp(1)...300 {
                async let appended = log.appendTimes([time], to: partition.topic)
                let found = try await log.position(in: partition, atOrAfter: time)
                let offset = try await appended.first?.offset ?? -1
                try expect(found.offset <= offset, "time \(time): \(found) is behind its only record, \(offset)")
            }
        },
        ConformanceCheck("an offset's position has the timestamp of the nearest record before it") { fixture in
            let log = fixture.log
            let partition = TopicPartition("conformance-offset", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes([30, 10, 20], to: partition.topic)
            let next = try await log.bounds(of: partition).next
            for (offset, time) in [
                (places[0].offset, nil), (places[1].offset, 30), (places[2].offset, 10), (next, 20), (-1, nil),
            ] as [(Offset, Timestamp?)] {
                let found = try await log.position(in: partition, at: offset)
                try expectEqual(found, Position(offset: offset, timestamp: time), "position of offset \(offset)")
            }
        },
    ]

    /// Compares what the log finds with a search through all of its records.
    static func comparePositions(
        _ log: any EventLog, _ partition: TopicPartition, _ random: inout SeededGenerator
    ) async throws {
        let bounds = try await log.bounds(of: partition)
        let records = try await log.readAll(partition, from: bounds.first)
        guard let low = records.map(\.timestamp).min(), let high = records.map(\.timestamp).max() else { return }
        for _ in 0..<60 {
            let time = Timestamp.random(in: low - 5...high + 5, using: &random)
            // The first record whose running maximum reaches the time is the first whose own timestamp does.
            let index = records.firstIndex { $0.timestamp >= time }
            let expected = index.map { index in
                Position(offset: records[index].offset, timestamp: index > 0 ? records[index - 1].timestamp : nil)
            }
            let found = try await log.position(in: partition, atOrAfter: time)
            try expectEqual(found, expected ?? bounds.end, "position of time \(time)")
        }
        for record in records {
            let before = records.last { $0.offset < record.offset }?.timestamp
            let found = try await log.position(in: partition, at: record.offset)
            try expectEqual(found, Position(offset: record.offset, timestamp: before), "position of \(record.offset)")
        }
    }
}
