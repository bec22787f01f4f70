internal import EventLog

// Small words for the checks.

func expect(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(ConformanceFailure) {
    guard condition else { throw ConformanceFailure(otherwise()) }
}

func expectEqual<T: Equatable>(_ found: T, _ expected: T, _ what: String) throws(ConformanceFailure) {
    try expect(found == expected, "\(what): \(found) instead of \(expected)")
}

/// Throws unless `body` throws an error that `isExpected` accepts.
func expectError(
    _ what: String, _ isExpected: (LogError) -> Bool, _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let error as LogError {
        return try expect(isExpected(error), "\(what): threw \(error)")
    }
    throw ConformanceFailure("\(what): did not throw")
}

func isOutOfRange(_ error: LogError) -> Bool {
    if case .offsetOutOfRange = error { true } else { false }
}

extension EventLog {
    /// Appends records that all must be taken.
    func appendAll(_ records: [NewRecord]) async throws -> [Appended] {
        let results = await append(records)
        try expectEqual(results.count, records.count, "results of an append")
        return try results.map { try $0.get() }
    }

    /// Appends to a topic without keys: a value of one number for each timestamp.
    func appendTimes(_ times: [Timestamp], to topic: String) async throws -> [Appended] {
        try await appendAll(times.map { NewRecord(topic: topic, timestamp: $0, value: Array("\($0)".utf8)) })
    }

    /// All records from `offset` to the end, block by block.
    func readAll(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit = ReadLimit()
    ) async throws -> [Record] {
        var records: [Record] = []
        var next = offset
        while true {
            let block = try await read(partition, from: next, limit: limit)
            try expect(block.next >= next, "a block ends at \(block.next), before it began at \(next)")
            guard block.next > next else { return records }
            records += block.records
            next = block.next
        }
    }
}

extension LogFollower {
    /// Calls `next` until it has given `count` records in all; by partition, in the order given.
    func collect(_ count: Int) async throws -> [TopicPartition: [Record]] {
        var found: [TopicPartition: [Record]] = [:]
        while found.values.reduce(0, { $0 + $1.count }) < count {
            for followed in try await next() {
                try expect(!followed.records.isEmpty, "a follower gave no records for \(followed.topicPartition)")
                found[followed.topicPartition, default: []] += followed.records
            }
        }
        return found
    }
}
