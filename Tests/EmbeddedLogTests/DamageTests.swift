import EmbeddedLog
import EventLog
import Glibc
import System
import TestSupport
import Testing

@Suite struct DamageTests {
    private let partition = TopicPartition("a", 0)

    @Test func aFlippedBitMakesOneRecordUnreadable() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 50)
        var random = SeededGenerator(seed: 1)
        for number in [0, 7, 8, 49] {
            let place = try #require(try File.find(value(number), in: path + "/log.sqlite"))
            let byte = place + Int.random(in: 0..<value(number).count, using: &random)
            try File.change(path + "/log.sqlite", at: byte) { $0 ^ 1 << UInt8.random(in: 0..<8, using: &random) }
        }
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        let found = try await walk(log)
        #expect(found.unreadable == [0..<1, 7..<9, 49..<50])
        #expect(found.readable == Array(1..<7) + Array(9..<49))
        #expect(try await log.position(in: partition, at: 9) == Position(offset: 9, timestamp: 6))
        #expect(
            try await log.bounds(of: partition)
                == PartitionBounds(first: 0, next: 50, lastTimestamp: 49, maximumTimestamp: 49))
        await log.close()
    }

    @Test func aDestroyedPageLosesItsRecordsOnly() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 200)
        try destroyPage(path, of: 100)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        let found = try await walk(log)
        let range = try #require(found.unreadable.first)
        #expect(found.unreadable.count == 1)
        #expect(range.contains(100) && range.count < 20)
        #expect(found.readable == (0..<200).filter { !range.contains($0) })
        let position = try await log.position(in: partition, at: range.upperBound)
        #expect(position.timestamp == range.lowerBound - 1)
        // Appends go on, in this partition and in others.
        #expect(try await log.fill("a", [[1]]).map(\.offset) == [200])
        await log.close()
    }

    @Test func aFollowerIsToldOfDamageOnceAndGoesOnBehindIt() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 60)
        try destroyPage(path, of: 30)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        let follower = try await log.follow([partition: 0])
        var offsets: [Offset] = []
        var unreadable: [Range<Offset>] = []
        while offsets.last != 59 {
            do {
                offsets += try await follower.next().flatMap(\.records).map(\.offset)
            } catch {
                guard case LogError.unreadable(partition, let range, _) = error else { throw error }
                unreadable.append(range)
            }
        }
        #expect(unreadable.count == 1 && unreadable[0].contains(30))
        #expect(offsets == (0..<60).filter { !unreadable[0].contains($0) })
        await log.close()
    }

    @Test func retentionPassesDamageAndThePartitionShrinks() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 2000)
        try destroyPage(path, of: 100)
        try destroyPage(path, of: 700)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        try await log.truncate(partition, before: 1500)
        #expect(try await log.bounds(of: partition).first == 1500)
        #expect(try await log.position(in: partition, atOrAfter: 0) == Position(offset: 1500))
        await log.setRetention(Retention(maximumBytes: 0))
        try await log.enforceRetention(now: 0)
        #expect(
            await log.statistics().partitions[partition] == LogStatistics.Partition(first: 2000, next: 2000, bytes: 0))
        await log.close()
    }

    @Test func aPartitionThatCannotBeWrittenDoesNotKeepOthersFromIt() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 60)
        // The last page is where the next record would go.
        try destroyPage(path, of: 59)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        try await log.createTopic("b", partitions: 1)
        let results = await log.append(["a", "b", "a"].map { NewRecord(topic: $0, timestamp: 1, value: [1]) })
        #expect(throws: LogError.self) { try results[0].get() }
        #expect(throws: LogError.self) { try results[2].get() }
        #expect(results[1] == .success(Appended(topicPartition: TopicPartition("b", 0), offset: 0)))
        #expect(try await log.bounds(of: partition).next == 60)
        #expect(try await log.read(TopicPartition("b", 0), from: 0, limit: ReadLimit()).records.count == 1)
        await log.close()
    }

    @Test(arguments: ["not a database at all, but long enough to be one", "SQLite format 3\u{0}"])
    func aFileThatIsNoDatabaseIsRefusedWithASentence(content: String) async throws {
        let directory = TemporaryDirectory()
        try File.write(Array(content.utf8) + [UInt8](repeating: 1, count: 8192), directory.path + "/log.sqlite")
        await #expect(throws: LogError.self) { try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path)) }
    }

    @Test func aNewerFormatIsRefused() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 1)
        // The user version: bytes 60 to 63 of the header, most significant first.
        try File.change(path + "/log.sqlite", at: 63) { _ in 3 }
        do {
            _ = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
            Issue.record("a newer format was opened")
        } catch {
            #expect(error.description.contains("has format 3, and this version of the program reads formats 1 to 2"))
        }
    }

    @Test func anotherProgramsDatabaseIsRefused() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        try await store(path, count: 1)
        // The application id: bytes 68 to 71 of the header.
        try File.change(path + "/log.sqlite", at: 68) { $0 ^ 0xFF }
        do {
            _ = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
            Issue.record("another program's database was opened")
        } catch {
            #expect(error.description.contains("another program's database"))
        }
    }

    // MARK: -

    private func value(_ number: Int) -> [UInt8] {
        Array("<record \(number)>".utf8) + (0..<500).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    private func store(_ path: String, count: Int) async throws {
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        try await log.createTopic("a", partitions: 1)
        try await log.fill("a", (0..<count).map(value))
        await log.close()
    }

    private func destroyPage(_ path: String, of number: Int) throws {
        let file = path + "/log.sqlite"
        let place = try #require(try File.find(value(number), in: file))
        for byte in 0..<64 { try File.change(file, at: place / 8192 * 8192 + byte) { _ in 0xFF } }
    }

    /// Reads everything and notes what can't be.
    private func walk(_ log: EmbeddedLog) async throws -> (readable: [Offset], unreadable: [Range<Offset>]) {
        var readable: [Offset] = []
        var unreadable: [Range<Offset>] = []
        let bounds = try await log.bounds(of: partition)
        var offset = bounds.first
        while offset < bounds.next {
            do {
                let block = try await log.read(partition, from: offset, limit: ReadLimit(records: 30))
                for record in block.records { #expect(record.value == value(Int(record.offset))) }
                readable += block.records.map(\.offset)
                offset = block.next
            } catch {
                guard case .unreadable(partition, let range, _) = error, range.lowerBound == offset else { throw error }
                unreadable.append(range)
                offset = range.upperBound
            }
        }
        return (readable, unreadable)
    }
}
