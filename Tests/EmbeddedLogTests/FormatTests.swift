import EmbeddedLog
import EventLog
import TestSupport
import Testing

/// A log that was written in format 1, by the version that had it, is read and goes on.
@Suite struct FormatTests {
    private let ends: [TopicPartition: Offset] = [
        TopicPartition("a", 0): 8, TopicPartition("a", 1): 10, TopicPartition("a", 2): 4, TopicPartition("b", 0): 11,
    ]

    /// Makes the log, and gives its database.
    private func make(_ directory: String) throws -> String {
        let fixture = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let sql = String(decoding: try File.read("/\(fixture)/Fixtures/format-1.sql"), as: UTF8.self)
        try Database.run(sql, directory + "/log.sqlite")
        return directory + "/log.sqlite"
    }

    private func expectWhole(_ log: EmbeddedLog) async throws {
        for (partition, end) in ends {
            let block = try await log.read(partition, from: 0, limit: ReadLimit())
            #expect(block.records.count >= end)
            for record in block.records.prefix(Int(end)) {
                #expect(record.value.starts(with: "0 0 \(record.timestamp) ".utf8))
                let position = try await log.position(in: partition, atOrAfter: record.timestamp)
                #expect(position.offset == record.offset)
            }
        }
    }

    @Test func itsRecordsAreReadAndNewOnesFollow() async throws {
        let directory = TemporaryDirectory()
        _ = try make(directory.path)
        for round in Offset(0)..<3 {
            let notices = Notices()
            let log = try await EmbeddedLog.open(
                EmbeddedLogOptions(directory: directory.path, clock: .stopped, report: { notices.add($0) }))
            #expect(try await log.topics() == ["a": 3, "b": 1])
            try await expectWhole(log)
            #expect(try await log.fill("b", [[1]], from: 1000).map(\.offset) == [11 + round])
            #expect(notices.errors.isEmpty)
            await log.close()
        }
    }

    @Test func aRecordOfFormat1IsStillChecked() async throws {
        let directory = TemporaryDirectory()
        let path = try make(directory.path)
        try Database.run("UPDATE record_4 SET timestamp = timestamp + 1 WHERE offset = 3", path)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        do {
            _ = try await log.read(TopicPartition("b", 0), from: 3, limit: ReadLimit())
            Issue.record("a changed record was given")
        } catch {
            guard case .unreadable(_, 3..<4, _) = error else { throw error }
        }
        await log.close()
    }
}
