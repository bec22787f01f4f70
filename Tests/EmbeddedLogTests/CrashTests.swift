import EmbeddedLog
import EventLog
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

    /// What a disk that lies about its writes leaves behind after a power failure.
    @Test(arguments: 1...12) func aTornWriteAheadLogLosesItsEndOnly(seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        var random = SeededGenerator(seed: seed)
        let told = try await onThread {
            let child = try ChildProcess("log-writer", [path, "0"])
            var lines = 0
            while lines < 100, try child.line() != nil { lines += 1 }
            child.kill()
            return lines
        }
        #expect(told == 100)
        let file = path + "/log.sqlite-wal"
        let content = try File.read(file)
        let cut = Int.random(in: content.count / 2..<content.count, using: &random)
        // The end is missing, or it is there and is rubbish.
        let rubbish =
            seed.isMultiple(of: 2) ? content[cut...].map { _ in UInt8.random(in: 0...255, using: &random) } : []
        try File.write(content[..<cut] + rubbish, file)
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: path, clock: .stopped))
        var checker = Checker()
        try await checker.check(log, told: [])
        #expect(await log.statistics().records > 0)
        // New records take the places of the lost ones.
        let record = NewRecord(topic: "b", timestamp: 1, value: [1])
        let next = try await log.bounds(of: TopicPartition("b", 0)).next
        #expect(
            await log.append([record]) == [
                .success(Appended(topicPartition: TopicPartition("b", 0), offset: next))
            ])
        await log.close()
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
        for line in told {
            let fields = line.split(separator: " ")
            let numbers = fields.dropFirst().compactMap { Int($0) }
            // The last line may be cut off by the kill.
            guard fields.count == 6, numbers.count == 5, line != told.last else { continue }
            acknowledged += 1
            let place = Appended(
                topicPartition: TopicPartition(String(fields[0]), Int32(numbers[0])), offset: Offset(numbers[1]))
            let identity = Identity(run: numbers[2], appender: numbers[3], number: numbers[4])
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
