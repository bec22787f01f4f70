import EmbeddedLog
import EventLog
import Glibc
import System
import TestSupport
import Testing

/// The rows of the table of partitions are written later than the records: nobody sees that, whatever happens meanwhile.
@Suite struct RowTests {
    private let partitions = [TopicPartition("a", 0), TopicPartition("b", 0), TopicPartition("c", 0)]
    /// More than the write-ahead log has before it is copied.
    private let large = Array(repeating: [UInt8](repeating: 7, count: 1 << 20), count: 17)

    @Test func aCommitWritesNoRowAndTheCopyOfTheWriteAheadLogWritesAll() async throws {
        let directory = TemporaryDirectory()
        let database = directory.path + "/log.sqlite"
        let log = try await open(directory.path)
        try await log.fill("a", [[1], [2, 3]])
        try await log.fill("b", [[1]])
        #expect(try Database.integers("SELECT next FROM partitions ORDER BY id", database) == [0, 0, 0])
        #expect(try await log.bounds(of: partitions[0]).next == 2)
        // What retention removes is in the row at once, with all else.
        try await log.truncate(partitions[0], before: 1)
        let row = "SELECT first * 1000 + next * 100 + bytes * 10 + last_timestamp FROM partitions WHERE id = 1"
        #expect(try Database.integers(row, database) == [1221])
        try await log.fill("a", [[4]])
        #expect(try Database.integers(row, database) == [1221])
        try await log.fill("c", large)
        // What the last commit has left to do is done before the next one.
        try await log.fill("c", [[1]])
        #expect(try Database.integers("SELECT next FROM partitions ORDER BY id", database) == [3, 1, 17])
        #expect(try Database.integers(row, database) == [1330])
        await log.close()
        #expect(try Database.integers("SELECT next FROM partitions ORDER BY id", database) == [3, 1, 18])
    }

    @Test func whatWasInTheWriteAheadLogAloneIsToldWhereThatIsGone() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path)
        try await log.fill("a", [[1], [2]])
        try await log.fill("b", large)
        try await log.fill("a", [[3]])
        let copy = try crashed(directory.path, withWriteAheadLog: false)
        await log.close()
        let notices = Notices()
        let again = try await open(copy.path, notices)
        #expect(notices.all.allSatisfy { $0.text.contains("a/0") })
        #expect(notices.errors.contains { $0.hasPrefix("1 acknowledged records of a/0 are lost, 2 up to 3:") })
        #expect(try await again.fill("a", [[4]]).map(\.offset) == [3])
        await again.close()
    }

    @Test(arguments: [nil, "ledger"]) func damageBehindARowCostsWhatIsDamagedOnly(missing: String?) async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path)
        for (topic, start) in [("a", 0), ("b", 50), ("c", 100)] as [(String, UInt8)] {
            try await log.fill(topic, (start..<start + 40).map { [UInt8](repeating: $0, count: 1000) }, from: 100)
        }
        let copy = try crashed(directory.path)
        await log.close()
        let database = copy.path + "/log.sqlite"
        // In the middle; at the end; and a page of several.
        try Database.run(
            "UPDATE record_1 SET value = x'00' WHERE offset = 5; UPDATE record_2 SET value = x'00' WHERE offset = 39",
            database)
        #expect(try Database.integers("SELECT next FROM partitions", database) == [0, 0, 0])
        let place = try #require(try File.find([UInt8](repeating: 120, count: 1000), in: database))
        for byte in 0..<64 { try File.change(database, at: place / 8192 * 8192 + byte) { _ in 0xFF } }
        if let missing { #expect(unsafe unlink("\(copy.path)/\(missing)") == 0) }
        let notices = Notices()
        let again = try await open(copy.path, notices)
        #expect(!notices.all.contains { $0.text.contains("are lost") || $0.severity == .warning })
        #expect(notices.errors.count == 1 && notices.errors[0].contains("the last records are missing"))
        #expect(again.failure == nil)
        for partition in partitions {
            let bounds = try await again.bounds(of: partition)
            // Of the damaged last record only the ledger knows the time.
            let last: Timestamp = partition.topic == "b" && missing != nil ? 138 : 139
            #expect(bounds == PartitionBounds(first: 0, next: 40, lastTimestamp: last, maximumTimestamp: last))
            #expect(try await again.fill(partition.topic, [[1]]).map(\.offset) == [40])
        }
        let bytes = await again.statistics().partitions.mapValues(\.bytes)
        #expect(bytes[partitions[0]] == 39_002 && bytes[partitions[1]] == 39_002)
        #expect(try #require(bytes[partitions[2]]) <= 40_001)
        await again.close()
    }

    @Test func aRowThatIsGoneIsAFailureAndKeepsNothingFromBeingStored() async throws {
        let directory = TemporaryDirectory()
        let database = directory.path + "/log.sqlite"
        let notices = Notices()
        let log = try await open(directory.path, notices)
        try await log.fill("b", [[1]])
        try Database.run("DELETE FROM partitions WHERE id = 1", database)
        for _ in 0..<3 {
            try await log.fill("a", large)
            try await log.fill("c", [[1]])
        }
        #expect(notices.errors.count == 1 && notices.all.count == 1)
        #expect(log.failure?.description.contains("the row of a/0 can't be written") == true)
        #expect(try Database.integers("SELECT next FROM partitions ORDER BY id", database) == [1, 2])
        // It was copied all the same.
        #expect(await log.statistics().writeAheadBytes < 40 << 20)
        await log.close()
        let later = Notices()
        let again = try await open(directory.path, later)
        #expect(later.all.count == 1 && later.all[0].text.contains("made anew from the ledger"))
        #expect(again.failure == nil)
        let statistics = await again.statistics()
        #expect(statistics.partitions[partitions[0]] == .init(first: 0, next: 51, bytes: 51 << 20))
        await again.close()
    }

    @Test func aTableThatIsNotTheOneThatWasMadeIsNotReadForWhatARowDoesNotSay() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path)
        try await log.fill("a", [[1], [2]])
        try await log.fill("b", [[1], [2], [3], [4], [5]])
        let copy = try crashed(directory.path)
        await log.close()
        try Database.run(
            """
            PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage =
            (SELECT rootpage FROM sqlite_schema WHERE name = 'record_2') WHERE name = 'record_1'
            """, copy.path + "/log.sqlite")
        let notices = Notices()
        let again = try await open(copy.path, notices)
        #expect(again.failure != nil && !notices.all.contains { $0.text.contains("are lost") })
        // As the ledger knows them.
        #expect(try await again.bounds(of: partitions[0]).next == 2)
        #expect(try await again.bounds(of: partitions[1]).next == 5)
        await again.close()
    }

    /// The ledger is told after the commit: a kill may come between.
    @Test func aRowThatIsMadeAnewHasWhatTheLedgerWasNotToldAnyMore() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path)
        try await log.fill("a", [[1], [2]])
        let ledger = try File.read(directory.path + "/ledger")
        try await log.fill("a", [[3, 4]], from: 7)
        let copy = try crashed(directory.path)
        await log.close()
        try File.write(ledger, copy.path + "/ledger")
        try Database.run("DELETE FROM partitions WHERE id = 1", copy.path + "/log.sqlite")
        let again = try await open(copy.path)
        #expect(
            try await again.bounds(of: partitions[0])
                == PartitionBounds(first: 0, next: 3, lastTimestamp: 7, maximumTimestamp: 7))
        #expect(await again.statistics().partitions[partitions[0]]?.bytes == 4)
        await again.close()
    }

    /// After a crash, on a disk that has no room for another page.
    @Test func aLogWhoseRowsAreBehindIsOpenedWithoutRoom() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        let lines = try await onThread {
            var child = try ChildProcess("log-writer", [path, "0"])
            for _ in 0..<100 { _ = try child.line() }
            child.kill()
            let size = try File.written(path + "/log.sqlite-wal").count
            child = try ChildProcess("log-writer", [path, "1", "files=\(size)"])
            var lines = [try child.line()]
            // A commit that was cut off has written pages that others take first.
            repeat { lines.append(try child.line()) } while lines.last??.hasPrefix("failed") == false
            return lines
        }
        #expect(lines[0] == "ready")
        #expect(lines.last??.contains("there is no room") == true)
        #expect(lines.count < 100)
        let notices = Notices()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: path, report: { notices.add($0) }))
        #expect(notices.all.isEmpty)
        #expect(await log.statistics().records >= 99)
        await log.close()
    }

    ///     writer   append ── commit ── told ── append ── commit ── told ── ...
    ///     remover      remove to 10 behind ── remove to 10 behind ── ...
    ///     reader   bounds ── read ── bounds ── read ── ...
    @Test func whoReadsBesideTheWriterAndRetentionIsToldNothingWrong() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path)
        let partition = partitions[0]
        let count: Offset = 1500
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<count {
                    let record = NewRecord(topic: "a", timestamp: number, value: [UInt8](repeating: 1, count: 300))
                    let offset = try await log.append([record])[0].get().offset
                    #expect(offset == number)
                    // What was acknowledged is there for whoever asks from then on.
                    let bounds = try await log.bounds(of: partition)
                    #expect(bounds.next == offset + 1 && bounds.lastTimestamp == number)
                    #expect(bounds.maximumTimestamp == number)
                    #expect(try await log.position(in: partition, atOrAfter: number).offset == offset)
                    let block = try await log.read(partition, from: offset, limit: ReadLimit())
                    #expect(block.records.map(\.offset) == [offset])
                }
            }
            group.addTask {
                var next: Offset = 0
                while next < count {
                    next = try await log.bounds(of: partition).next
                    try await log.truncate(partition, before: next - 10)
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var next: Offset = 0
                    while next < count {
                        let bounds = try await log.bounds(of: partition)
                        #expect(bounds.first <= bounds.next && next <= bounds.next)
                        next = bounds.next
                        do throws(LogError) {
                            let block = try await log.read(partition, from: bounds.first, limit: ReadLimit())
                            #expect(block.next >= bounds.next)
                        } catch {
                            guard case .offsetOutOfRange(_, let now) = error else { throw error }
                            #expect(now.first > bounds.first && now.next >= bounds.next, "\(error)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(log.failure == nil)
        await log.close()
    }

    // MARK: -

    /// A log with three topics of a partition each.
    private func open(_ path: String, _ notices: Notices = Notices()) async throws -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: path)
        options.report = { notices.add($0) }
        options.maximumCommitBytes = 32 << 20
        let log = try await EmbeddedLog.open(options)
        for partition in partitions { try await log.createTopic(partition.topic, partitions: 1) }
        return log
    }

    /// What a crash at this moment would leave.
    private func crashed(_ path: String, withWriteAheadLog: Bool = true) throws -> TemporaryDirectory {
        let copy = TemporaryDirectory()
        for name in ["log.sqlite", "ledger"] + (withWriteAheadLog ? ["log.sqlite-wal"] : []) {
            try File.write(try File.read("\(path)/\(name)"), "\(copy.path)/\(name)")
        }
        return copy
    }
}
