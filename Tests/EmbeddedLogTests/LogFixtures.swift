import EmbeddedLog
import EventLog

extension LogClock {
    /// Never wakes anybody: the background pass of retention stays out of the way.
    static let stopped = LogClock(
        now: { 0 }, steady: { 0 },
        sleep: { _ in
            try await Task.sleep(for: .seconds(100_000))
        })
}

extension EmbeddedLogOptions {
    init(test directory: String) {
        self.init(directory: directory, durability: .normal, clock: .stopped)
    }
}

extension EventLog {
    /// Appends values to a topic with their index as timestamp, all of which must be taken.
    @discardableResult
    func fill(_ topic: String, _ values: [[UInt8]], from time: Timestamp = 0) async throws -> [Appended] {
        let records = values.enumerated().map {
            NewRecord(topic: topic, timestamp: time + Timestamp($0.offset), value: $0.element)
        }
        return try await append(records).map { try $0.get() }
    }
}
