import EmbeddedLog
import EventLog
import TestSupport
import Testing

/// The write-ahead log has room before SQLite needs it, and what stands in that room is nothing to whoever opens the log.
@Suite struct WriteAheadRoomTests {
    /// A new log with the topic `a`.
    private func open(_ directory: String, _ durability: Durability) async throws -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: directory)
        options.durability = durability
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        return log
    }

    @Test func theFileIsLongerThanWhatIsInItAndHoldsNothingMore() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, .full)
        let value = [UInt8](repeating: 7, count: 100)
        for _ in 0..<3 { try await log.fill("a", [value]) }
        #expect(await log.statistics().writeAheadBytes > 1 << 20)
        // As after a crash: the copy has what was in the files at that moment.
        let copy = TemporaryDirectory()
        for name in ["log.sqlite", "log.sqlite-wal", "ledger"] {
            try File.write(try File.read("\(directory.path)/\(name)"), "\(copy.path)/\(name)")
        }
        await log.close()
        let again = try await EmbeddedLog.open(EmbeddedLogOptions(test: copy.path))
        #expect(try await again.bounds(of: TopicPartition("a", 0)).next == 3)
        #expect(try await again.fill("a", [value]).map(\.offset) == [3])
        await again.close()
    }

    @Test func theFileStaysAheadOfWhatIsInItAsThatGrows() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, .full)
        // Each commit has so many frames of 4120 bytes at the least, since no two of the records have room in a page.
        let values = Array(repeating: [UInt8](repeating: 7, count: 3000), count: 170)
        for round in 1...6 {
            try await log.fill("a", values)
            // What the last commit has left to do is done before the next one.
            try await log.fill("a", [[7]])
            #expect(
                await log.statistics().writeAheadBytes > Int64(round * values.count * 4120 + (256 << 10)),
                "round \(round)")
        }
        await log.close()
    }

    @Test func aLogThatDoesNotWaitForTheDiskTakesNoRoomInAdvance() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, .normal)
        for _ in 0..<3 { try await log.fill("a", [[7]]) }
        #expect(await log.statistics().writeAheadBytes < 1 << 20)
        await log.close()
    }
}
