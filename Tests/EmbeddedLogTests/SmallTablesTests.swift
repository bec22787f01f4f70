import EmbeddedLog
import EventLog
import System
import TestSupport
import Testing

/// Damage where little is stored and much depends on it: the table of partitions, the definitions of the tables, their first
/// pages. None of it may show records that were not stored there, or give an offset twice.
@Suite struct SmallTablesTests {
    private let partitions = [TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)]
    private static let count = 8

    @Test func aRecordOfAnotherPartitionIsNotShown() async throws {
        let directory = TemporaryDirectory()
        let database = try await store(directory.path)
        // The one of the same offset, with all that stands in its row.
        try Database.run(
            "DELETE FROM record_1 WHERE offset = 3; INSERT INTO record_1 SELECT * FROM record_3 WHERE offset = 3",
            database)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        #expect(try await read(log, partitions[0]) == [0, 1, 2, nil, 4, 5, 6, 7])
        #expect(try await read(log, partitions[2]) == Array(0..<8))
        await log.close()
    }

    @Test(arguments: [
        "UPDATE partitions SET first = 0, next = 0 WHERE id = 2", "UPDATE partitions SET topic = 'z' WHERE id = 2",
        "UPDATE partitions SET number = 7 WHERE id = 2", "UPDATE partitions SET id = 9 WHERE id = 2",
        "UPDATE partitions SET maximum = 1 WHERE id = 2", "DELETE FROM partitions WHERE id = 2",
    ])
    func aRowOfThePartitionsThatIsNotWhatWasWrittenIsMadeAnew(change: String) async throws {
        let directory = TemporaryDirectory()
        try Database.run(change, try await store(directory.path))
        let notices = Notices()
        let log = try await open(directory.path, notices)
        #expect(notices.all.contains { $0.text.contains("made anew from the ledger") })
        #expect(try await log.topics() == ["a": 2, "b": 1])
        for partition in partitions { #expect(try await read(log, partition) == Array(0..<8)) }
        #expect(try await log.position(in: partitions[1], atOrAfter: 1_005).offset == 5)
        await log.close()
    }

    /// As a first page of rubbish, of zeros, or another table's.
    @Test(arguments: [0xFF, 0, nil] as [UInt8?])
    func aTableWhoseRootIsGoneIsNotEmptyAndTheLogIsNotWell(filling: UInt8?) async throws {
        let directory = TemporaryDirectory()
        let database = try await store(directory.path)
        if let filling {
            let root = try #require(
                try Database.integers("SELECT rootpage FROM sqlite_schema WHERE name = 'record_2'", database).first)
            for byte in 0..<8192 { try File.change(database, at: (root - 1) * 8192 + byte) { _ in filling } }
        } else {
            try Database.run(
                """
                PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage =
                (SELECT rootpage FROM sqlite_schema WHERE name = 'record_3') WHERE name = 'record_2'
                """, database)
        }
        let notices = Notices()
        let log = try await open(directory.path, notices)
        #expect(log.failure != nil && !notices.errors.isEmpty)
        #expect(try await log.bounds(of: partitions[1]).next == Offset(Self.count))
        await #expect(throws: LogError.self) { try await log.read(partitions[1], from: 0, limit: ReadLimit()) }
        #expect(try await read(log, partitions[0]) == Array(0..<8))
        await log.close()
    }

    @Test(arguments: 1...40) func aFlippedByteInASmallPageIsRefusedOrToldOrHarmless(seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        let database = try await store(directory.path)
        var random = SeededGenerator(seed: seed)
        // The definitions, the table of partitions, and the first page of each table: where a page has its head, or where its
        // rows are.
        let roots = try [1] + Database.integers("SELECT rootpage FROM sqlite_schema WHERE type = 'table'", database)
        let page = try #require(roots.randomElement(using: &random))
        let byte = Int.random(in: seed.isMultiple(of: 3) ? 0..<120 : 7_796..<8_192, using: &random)
        let place = (page - 1) * 8192 + byte
        let bits = UInt8.random(in: 1...255, using: &random)
        try File.change(database, at: place) { $0 ^ bits }
        let notices = Notices()
        let log: EmbeddedLog
        do {
            log = try await open(directory.path, notices)
        } catch {
            #expect(!error.description.isEmpty)
            return
        }
        #expect(try await log.topics() == ["a": 2, "b": 1])
        for partition in partitions {
            let found: [Int?]
            do {
                found = try await read(log, partition)
            } catch {
                #expect(log.failure != nil && !notices.errors.isEmpty, "\(error)")
                continue
            }
            let isWhole = found == Array(0..<Self.count)
            #expect(isWhole || !notices.errors.isEmpty, "byte \(byte) of page \(page): \(found)")
            #expect(found.count == Self.count)
        }
        let results = await log.append(["a", "a", "b"].map { NewRecord(topic: $0, timestamp: 2_000, value: [1]) })
        for case .success(let appended) in results { #expect(appended.offset == Offset(Self.count)) }
        await log.close()
    }

    // MARK: -

    private func open(_ path: String, _ notices: Notices) async throws(LogError) -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: path)
        options.report = { notices.add($0) }
        return try await EmbeddedLog.open(options)
    }

    private func value(_ partition: TopicPartition, _ number: Int) -> [UInt8] { Array("<\(partition) \(number)>".utf8) }

    /// Stores the same number of records in each partition, and gives the database.
    private func store(_ path: String) async throws -> String {
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        try await log.createTopic("a", partitions: 2)
        try await log.createTopic("b", partitions: 1)
        let keys = (0..<100).map { Array("\($0)".utf8) }
        for partition in partitions {
            let count = partition.topic == "a" ? 2 : 1
            let key = try #require(
                keys.first { KeyPartitioner.partition(ofKey: $0, count: count) == Int(partition.partition) })
            let records = (0..<Self.count).map {
                NewRecord(
                    topic: partition.topic, timestamp: 1_000 + Timestamp($0), key: key, value: value(partition, $0))
            }
            for result in await log.append(records) { #expect(try result.get().topicPartition == partition) }
        }
        await log.close()
        return "\(path)/log.sqlite"
    }

    /// The numbers of the records that are read, nil where it is said that one can't be.
    private func read(_ log: EmbeddedLog, _ partition: TopicPartition) async throws -> [Int?] {
        var numbers: [Int?] = []
        let bounds = try await log.bounds(of: partition)
        var offset = bounds.first
        while offset < bounds.next {
            do throws(LogError) {
                let block = try await log.read(partition, from: offset, limit: ReadLimit())
                for record in block.records {
                    #expect(record.offset == offset && record.value == value(partition, Int(offset)))
                    numbers.append(Int(record.offset))
                    offset += 1
                }
            } catch {
                guard case .unreadable(partition, let range, _) = error, range.lowerBound == offset else { throw error }
                numbers += Array(repeating: nil, count: range.count)
                offset = range.upperBound
            }
        }
        return numbers
    }
}
