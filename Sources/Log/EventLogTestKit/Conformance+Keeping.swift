internal import EventLog
internal import System
internal import TestSupport

extension EventLogConformance {
    static let keeping: [ConformanceCheck] = [
        ConformanceCheck("removing old records moves the beginning and nothing else") { fixture in
            guard let truncate = fixture.truncate else { return }
            let log = fixture.log
            let partition = TopicPartition("conformance-removal", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes([10, 50, 20, 30, 60], to: partition.topic)
            let next = try await log.bounds(of: partition).next
            try await truncate(partition, places[2].offset)
            let bounds = try await log.bounds(of: partition)
            try expectEqual(bounds.first, places[2].offset, "first")
            try expectEqual(bounds.next, next, "next")
            try expectEqual(bounds.lastTimestamp, 60, "last timestamp")
            try expectEqual(
                try await log.readAll(partition, from: bounds.first).map(\.timestamp), [20, 30, 60], "what is kept")
            try await expectError("a read of what is gone", { $0 == .offsetOutOfRange(partition, bounds: bounds) }) {
                _ = try await log.read(partition, from: places[1].offset, limit: ReadLimit())
            }
            // The record before the first one kept is not kept.
            let first = try await log.position(in: partition, at: bounds.first)
            try expectEqual(first, Position(offset: bounds.first), "position at the beginning")
            // The running maximum is that of all records before, gone or not: 50 is reached by the first one kept.
            if fixture.remembersRemoved {
                let old = try await log.position(in: partition, atOrAfter: 45)
                try expectEqual(old, Position(offset: bounds.first), "position of a time before the beginning")
            }
            let late = try await log.position(in: partition, atOrAfter: 55)
            try expectEqual(late, Position(offset: places[4].offset, timestamp: 30), "position of a later time")
        },
        ConformanceCheck("a partition whose records are all gone goes on with new offsets") { fixture in
            guard let truncate = fixture.truncate else { return }
            let log = fixture.log
            let partition = TopicPartition("conformance-all-gone", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            let places = try await log.appendTimes([1, 2, 3], to: partition.topic)
            let next = try await log.bounds(of: partition).next
            try await truncate(partition, next)
            let bounds = try await log.bounds(of: partition)
            try expectEqual(bounds.first, next, "first")
            try expectEqual(bounds.next, next, "next")
            // A log may know of records that are gone; what it says of them must be right.
            try expect(bounds.lastTimestamp ?? 3 == 3, "the last timestamp was 3, not \(bounds)")
            try expect(bounds.maximumTimestamp ?? 3 == 3, "the largest timestamp was 3, not \(bounds)")
            try expectEqual(try await log.position(in: partition, atOrAfter: 0).offset, next, "position by time")
            try expectEqual(try await log.position(in: partition, at: next).offset, next, "position by offset")
            try expectEqual(
                try await log.read(partition, from: next, limit: ReadLimit()).records.count, 0, "records at the end")
            let place = try await log.appendTimes([2], to: partition.topic)[0]
            try expect(place.offset >= next && place.offset > places[2].offset, "offset \(place.offset) is given again")
            try expectEqual(try await log.bounds(of: partition).first, place.offset, "first")
        },
        ConformanceCheck("a follower that lost records is told once and goes on at the first one kept") { fixture in
            guard let truncate = fixture.truncate else { return }
            let log = fixture.log
            let lost = TopicPartition("conformance-lost", 0)
            let kept = TopicPartition("conformance-kept", 0)
            try await log.createTopic(lost.topic, partitions: 1)
            try await log.createTopic(kept.topic, partitions: 1)
            let others = try await log.appendTimes([1], to: kept.topic)
            // What was appended last is removed as well as anything.
            let places = try await log.appendTimes(Array(0..<10), to: lost.topic)
            let follower = try await log.follow([lost: places[0].offset, kept: others[0].offset])
            try await truncate(lost, places[6].offset)
            var found: [TopicPartition: [Timestamp]] = [:]
            var errors = 0
            while found.values.reduce(0, { $0 + $1.count }) < 5 {
                do {
                    for followed in try await follower.next() {
                        found[followed.topicPartition, default: []] += followed.records.map(\.timestamp)
                    }
                } catch let error as LogError {
                    try expect(isOutOfRange(error), "next threw \(error)")
                    try expectEqual(found[lost], nil, "records before the error")
                    errors += 1
                }
            }
            try expectEqual(errors, 1, "errors")
            try expectEqual(found, [lost: [6, 7, 8, 9], kept: [1]], "records")
            follower.close()
        },
        ConformanceCheck("positions are right while records are removed and appended") { fixture in
            guard let truncate = fixture.truncate else { return }
            let log = fixture.log
            let partition = TopicPartition("conformance-moving", 0)
            try await log.createTopic(partition.topic, partitions: 1)
            var random = SeededGenerator(seed: 9)
            var model: [(offset: Offset, timestamp: Timestamp, maximum: Timestamp)] = []
            var maximum = Timestamp.min
            for round in 0..<8 {
                let times = (0..<30).map {
                    Timestamp(1000 + round * 300 + $0 * 10) + .random(in: -200...200, using: &random)
                }
                for (place, time) in zip(try await log.appendTimes(times, to: partition.topic), times) {
                    maximum = max(maximum, time)
                    model.append((place.offset, time, maximum))
                }
                let cut = model[Int.random(in: 0..<model.count, using: &random)].offset
                try await truncate(partition, cut)
                model.removeAll { $0.offset < cut }
                let end = try await log.bounds(of: partition).end
                for _ in 0..<40 {
                    let time = Timestamp.random(in: 700...Timestamp(1000 + round * 300 + 600), using: &random)
                    // A record that is gone may have reached the time: not every log knows.
                    let reached = model.first { (fixture.remembersRemoved ? $0.maximum : $0.timestamp) >= time }
                    let expected = reached.map { found in
                        Position(offset: found.offset, timestamp: model.last { $0.offset < found.offset }?.timestamp)
                    }
                    let found = try await log.position(in: partition, atOrAfter: time)
                    try expectEqual(found, expected ?? end, "position of time \(time)")
                }
            }
        },
    ]
}
