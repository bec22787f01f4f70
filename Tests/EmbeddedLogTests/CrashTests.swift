import EmbeddedLog
import EventLog
import System
import TestSupport
import Testing

/// A child appends to a log and is killed at a moment that the seed and the schedulers choose; then the log is read:
///
///     child   append ─ commit ─ "acknowledged" ─ append ─ commit ─ ✗
///     parent                    reads it ··············· kill ···· opens, and looks for all it was told
@Suite(.serialized) struct CrashTests {
    @Test(arguments: [nil, 300_000]) func everyAcknowledgedRecordSurvivesAKill(retentionBytes: Int?) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        var random = SeededGenerator(seed: UInt64(retentionBytes ?? 1))
        var checker = Checker()
        for run in 0..<24 {
            // Now and then while the log is being opened or recovered, else among the appends.
            let lines = Int.random(in: 0..<6, using: &random) == 0 ? 0 : Int.random(in: 1...150, using: &random)
            let told = try await onThread {
                let child = try ChildProcess(
                    "log-writer", [path, "\(run)"] + (retentionBytes.map { ["retention=\($0)"] } ?? []))
                var told: [String] = []
                while told.count < lines, let line = try child.line() { told.append(line) }
                child.kill()
                while let line = try child.line() { told.append(line) }
                return told
            }
            #expect(told.count >= lines)
            #expect(told.allSatisfy { $0 == "ready" || !$0.hasPrefix("failed") })
            let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: path, clock: .stopped))
            try await checker.check(log, told: told.filter { $0 != "ready" })
            await log.close()
        }
        #expect(checker.acknowledged > 500)
    }

    /// The rows of the partitions are behind then, and only the records say what there is.
    @Test(arguments: 1...6) func afterAKillALogIsWhatItsRecordsSayAndNobodyNeedBeTold(seed: Int) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        let told = try await Self.killed(path, after: 150 * seed, seed.isMultiple(of: 2) ? ["retention=20000"] : [])
        let notices = Notices()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: path, report: { notices.add($0) }))
        #expect(notices.all.isEmpty)
        let statistics = await log.statistics()
        #expect(statistics.partitions.count == 4 && statistics.records > 0)
        for (partition, found) in statistics.partitions where found.records > 0 {
            let records = try await log.read(partition, from: found.first, limit: ReadLimit(records: .max, bytes: .max))
                .records
            #expect(records.map(\.offset) == Array(found.first..<found.next))
            #expect(records.reduce(0) { $0 + $1.value.count + ($1.key?.count ?? 0) } == found.bytes)
            // The number of a record is its timestamp.
            let numbers = told.compactMap(Acknowledged.init).filter { $0.place.topicPartition == partition }.map(
                \.number)
            let maximum = (numbers.map(Timestamp.init) + records.map(\.timestamp)).max()
            #expect(
                try await log.bounds(of: partition)
                    == PartitionBounds(
                        first: found.first, next: found.next, lastTimestamp: records.last?.timestamp,
                        maximumTimestamp: maximum))
        }
        let next = try #require(statistics.partitions[TopicPartition("b", 0)]).next
        #expect(try await log.fill("b", [[1]]).map(\.offset) == [next])
        await log.close()
        // Those that nobody appended to have their rows now, too.
        var rows = statistics.partitions.sorted { $0.key < $1.key }.map { Int($0.value.next) }
        rows[3] += 1
        #expect(try Database.integers("SELECT next FROM partitions ORDER BY id", path + "/log.sqlite") == rows)
    }

    /// What a disk that lies about its writes leaves behind after a power failure.
    @Test(arguments: 1...12) func aTornWriteAheadLogLosesItsEndOnlyAndSaysSo(seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        var random = SeededGenerator(seed: seed)
        let told = try await Self.killed(path, after: 100)
        let file = path + "/log.sqlite-wal"
        let content = try File.written(file)
        let cut = Int.random(in: content.count / 2..<content.count, using: &random)
        // The end is missing, or it is there and is rubbish.
        let rubbish =
            seed.isMultiple(of: 2) ? content[cut...].map { _ in UInt8.random(in: 0...255, using: &random) } : []
        try File.write(content[..<cut] + rubbish, file)
        let notices = Notices()
        let log = try await EmbeddedLog.open(
            EmbeddedLogOptions(directory: path, clock: .stopped, report: { notices.add($0) }))
        // What was acknowledged is there, or it is said that it isn't.
        var lost = 0
        var ends: [TopicPartition: Offset] = [:]
        for line in told {
            guard let place = Acknowledged(line)?.place else { continue }
            ends[place.topicPartition] = max(ends[place.topicPartition] ?? 0, place.offset + 1)
            do throws(LogError) {
                let block = try await log.read(place.topicPartition, from: place.offset, limit: ReadLimit(records: 1))
                #expect(block.records.map(\.offset) == [place.offset])
            } catch {
                guard case .unreadable(place.topicPartition, let range, _) = error, range.contains(place.offset) else {
                    throw error
                }
                lost += 1
            }
        }
        #expect(await log.statistics().records > 0)
        let sentences = notices.all.filter { $0.severity == .error && $0.text.contains("are lost") }
        #expect(lost == 0 || !sentences.isEmpty)
        // No offset is given twice, and new records can be read.
        for (partition, end) in ends {
            let bounds = try await log.bounds(of: partition)
            #expect(bounds.next >= end)
        }
        let partition = TopicPartition("b", 0)
        let next = try await log.bounds(of: partition).next
        let record = NewRecord(topic: "b", timestamp: 1, value: [1])
        #expect(await log.append([record]) == [.success(Appended(topicPartition: partition, offset: next))])
        #expect(try await log.read(partition, from: next, limit: ReadLimit()).records.map(\.value) == [[1]])
        await log.close()
    }

    /// `kill -9`, and then one bit of the write-ahead log is another.
    @Test(arguments: 1...6) func whatAFlippedBitInTheWriteAheadLogTakesIsToldAndItsOffsetsStayTaken(
        seed: UInt64
    ) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        var random = SeededGenerator(seed: seed)
        let told = try await Self.killed(path, after: 60)
        let file = path + "/log.sqlite-wal"
        let size = try File.written(file).count
        // In the second half: the topics were made in the first.
        try File.change(file, at: Int.random(in: size / 2..<size * 3 / 4, using: &random)) { $0 ^ 1 }
        let notices = Notices()
        let log = try await EmbeddedLog.open(
            EmbeddedLogOptions(directory: path, clock: .stopped, report: { notices.add($0) }))
        var missing: [TopicPartition: Set<Offset>] = [:]
        for place in told.compactMap({ Acknowledged($0)?.place }) {
            do throws(LogError) {
                _ = try await log.read(place.topicPartition, from: place.offset, limit: ReadLimit(records: 1))
            } catch {
                guard case .unreadable(_, let range, _) = error, range.contains(place.offset) else { throw error }
                missing[place.topicPartition, default: []].insert(place.offset)
            }
        }
        #expect(!missing.isEmpty)
        for (partition, offsets) in missing {
            #expect(
                notices.all.contains {
                    $0.severity == .error && $0.text.contains("acknowledged records of \(partition) are lost")
                })
            // A client that has seen the last of them is where the log is.
            let next = try #require(offsets.max()) + 1
            #expect(try await log.bounds(of: partition).next >= next)
        }
        await log.close()
        // Said once, and the hole stays.
        let later = Notices()
        let again = try await EmbeddedLog.open(
            EmbeddedLogOptions(directory: path, clock: .stopped, report: { later.add($0) }))
        #expect(!later.all.contains { $0.text.contains("are lost") })
        for (partition, offsets) in missing {
            let first = try #require(offsets.min())
            await #expect(throws: LogError.self) { try await again.read(partition, from: first, limit: ReadLimit()) }
        }
        await again.close()
    }

    /// Runs a child that appends, kills it after so many lines, and gives all it has acknowledged.
    private static func killed(_ path: String, after lines: Int, _ options: [String] = []) async throws -> [String] {
        try await onThread {
            let child = try ChildProcess("log-writer", [path, "0"] + options)
            var told: [String] = []
            while told.count < lines, let line = try child.line() { told.append(line) }
            child.kill()
            while let line = try child.line() { told.append(line) }
            return told
        }
    }
}

/// What a line of `log-writer` says.
private struct Acknowledged {
    var place: Appended
    var run: Int
    var appender: Int
    var number: Int

    /// Nil for other lines, and one that the kill has cut off.
    init?(_ line: String) {
        let fields = line.split(separator: " ")
        let numbers = fields.dropFirst().compactMap { Int($0) }
        guard fields.count == 6, numbers.count == 5 else { return nil }
        place = Appended(
            topicPartition: TopicPartition(String(fields[0]), Int32(numbers[0])), offset: Offset(numbers[1]))
        (run, appender, number) = (numbers[2], numbers[3], numbers[4])
    }
}

/// What must hold of the log after each kill.
private struct Checker {
    /// What a value says of itself: its run, appender and number.
    private struct Identity: Hashable {
        var run: Int
        var appender: Int
        var number: Int
    }

    private var seen: [Identity: Appended] = [:]
    /// Up to where a partition was read before.
    private var verified: [TopicPartition: Offset] = [:]
    private(set) var acknowledged = 0

    mutating func check(_ log: EmbeddedLog, told: [String]) async throws {
        let statistics = await log.statistics()
        for partition in statistics.partitions.keys.sorted() {
            try await check(log, partition, bytes: statistics.partitions[partition]?.bytes)
        }
        let last = told.last
        for line in told {
            // The last line may be cut off by the kill.
            guard let told = Acknowledged(line), line != last else { continue }
            acknowledged += 1
            let place = told.place
            let identity = Identity(run: told.run, appender: told.appender, number: told.number)
            let first = statistics.partitions[place.topicPartition]?.first ?? 0
            if place.offset >= first { #expect(seen[identity] == place) }
        }
    }

    private mutating func check(_ log: EmbeddedLog, _ partition: TopicPartition, bytes: Int64?) async throws {
        let bounds = try await log.bounds(of: partition)
        let start = verified[partition] ?? 0
        #expect(bounds.next >= start, "offsets of \(partition) went back")
        var offset = bounds.first
        var total: Int64 = 0
        while offset < bounds.next {
            let block = try await log.read(partition, from: offset, limit: ReadLimit())
            #expect(block.records.map(\.offset) == Array(offset..<block.next), "a hole in \(partition)")
            for record in block.records {
                total += Int64(record.value.count + (record.key?.count ?? 0))
                if record.offset >= start { remember(record, partition) }
            }
            offset = block.next
        }
        #expect(total == bytes, "the bytes of \(partition) are counted wrong")
        verified[partition] = bounds.next
    }

    private mutating func remember(_ record: Record, _ partition: TopicPartition) {
        let numbers = record.value.split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
            .prefix(3).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 3 else {
            Issue.record("the value of \(partition)/\(record.offset) is not what was appended")
            return
        }
        let identity = Identity(run: numbers[0], appender: numbers[1], number: numbers[2])
        let filling = record.value.drop { $0 != UInt8(ascii: "x") }
        #expect(filling.count == identity.number * 37 % 3000)
        #expect(filling.allSatisfy { $0 == UInt8(ascii: "x") })
        #expect(record.key == Array("\(identity.number)".utf8))
        #expect(record.timestamp == Timestamp(identity.number))
        let place = Appended(topicPartition: partition, offset: record.offset)
        #expect(seen.updateValue(place, forKey: identity) == nil, "a record is there twice")
    }
}
