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

    /// In pages of the size that a log is made with, and in those of logs that are older.
    @Test(arguments: [8192, 4096]) func theFileStaysAheadOfWhatIsInItAsThatGrows(pageBytes: Int) async throws {
        let directory = TemporaryDirectory()
        let database = "\(directory.path)/log.sqlite"
        if pageBytes == 4096 {
            await (try open(directory.path, .full)).close()
            try Database.run("PRAGMA journal_mode=DELETE; PRAGMA page_size=4096; VACUUM", database)
        }
        let log = try await open(directory.path, .full)
        #expect(try Database.integers("PRAGMA page_size", database) == [pageBytes])
        // Each commit has so many frames at the least, since no two of the records have room in a page.
        let values = Array(repeating: [UInt8](repeating: 7, count: pageBytes * 3 / 4), count: 680_000 / pageBytes)
        for round in 1...6 {
            try await log.fill("a", values)
            // What the last commit has left to do is done before the next one.
            try await log.fill("a", [[7]])
            #expect(
                await log.statistics().writeAheadBytes > Int64(round * values.count * (24 + pageBytes) + (256 << 10)),
                "round \(round)")
        }
        let first = try await log.read(TopicPartition("a", 0), from: 0, limit: ReadLimit(records: 1))
        #expect(first.records.map(\.value) == [values[0]])
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
