import Catalogue
import EventLog
import EventLogTestKit
import Events
import JSON
import Testing

@testable import Intake

/// Hasty events that wait on the disk for the log.
@Suite struct HastySpoolTests {
    private struct Place {
        let log: MemoryLog
        let spool: HastySpool
        let intake: Intake
        let metrics: IntakeMetrics
    }

    /// As a process begins: with what the disk and the log have.
    private func start(
        _ log: MemoryLog, _ disk: MemoryLog, limit: Int = 1 << 20, pause: @escaping @Sendable () async -> Void = {}
    ) async throws -> Place {
        let recent = RecentEvents(RecentEventLimits())
        let reader = RecentEventReader(recent, log: log, now: { 1_795_255_200_123 }, pause: {}, report: { _, _ in })
        for (topic, count) in (try? await log.topics()) ?? [:] {
            for number in 0..<count { await reader.read(TopicPartition(topic, number)) }
        }
        await reader.finished()
        recent.becomeReady()
        let storage = SpoolStorage(log: disk, bytesAtStart: 0, limit: limit) { partition, offset in
            disk.truncate(partition, before: offset)
        }
        let metrics = IntakeMetrics()
        let appender = EventAppender(log: log, recent: recent)
        let spool = HastySpool(
            storage, appender, metrics: metrics,
            pause: {
                await Task.yield()
                await pause()
            })
        try await spool.start()
        let catalogue = try StreamCatalogue([PublicStream("a"), PublicStream("b")])
        let intake = Intake(
            log: log, limits: IntakeLimits(), recent: recent, spool: spool, catalogue: { catalogue },
            now: { 1_795_255_200_123 }, metrics: metrics)
        return Place(log: log, spool: spool, intake: intake, metrics: metrics)
    }

    private func post(_ place: Place, _ numbers: Range<Int>, stream: String = "a") async throws -> IntakeOutcome {
        let events = numbers.map { #"{"meta":{"stream":"\#(stream)"},"n":\#($0)}"# }.joined(separator: ",")
        return try await place.intake.store(Array("[\(events)]".utf8), isHasty: true)
    }

    private func numbers(_ log: MemoryLog, _ topic: String = "a") async throws -> [Int] {
        let records = try await log.read(TopicPartition(topic, 0), from: 0, limit: ReadLimit(records: 10_000)).records
        return try records.map { Int(try JSONValue($0.value)["n"]?.integer ?? -1) }
    }

    private func isEmpty(_ place: Place) async {
        while place.spool.use.events > 0 { await Task.yield() }
    }

    @Test func whatIsTakenReachesTheLogInOrderAndLeavesTheDisk() async throws {
        let (log, disk) = (MemoryLog(topics: ["a": 1, "b": 1]), MemoryLog())
        let place = try await start(log, disk)
        for number in 0..<5 {
            #expect(try await post(place, number * 10..<number * 10 + 10).accepted == 10)
            #expect(try await post(place, number..<number + 1, stream: "b").accepted == 1)
        }
        await isEmpty(place)
        #expect(try await numbers(log) == Array(0..<50))
        #expect(try await numbers(log, "b") == Array(0..<5))
        #expect(place.spool.use.bytes == 0 && place.metrics.stored == 55)
        #expect(try await disk.bounds(of: TopicPartition("a", 0)).first == 50)
        await place.spool.stop()
    }

    @Test func whatTheLogDoesNotTakeIsOfferedAgainUntilItDoes() async throws {
        let log = MemoryLog(topics: ["a": 1])
        log.failAppends(50, with: .unavailable("away"))
        let place = try await start(log, MemoryLog())
        #expect(try await post(place, 0..<10).accepted == 10)
        #expect(try await post(place, 10..<20).accepted == 10)
        await isEmpty(place)
        #expect(try await numbers(log) == Array(0..<20))
        #expect(place.metrics.lost == 0)
        await place.spool.stop()
    }

    @Test func whatAProcessLeavesTheNextOneBringsToTheLogOnce() async throws {
        let (log, disk) = (MemoryLog(topics: ["a": 1]), MemoryLog())
        log.failAppends(10_000, with: .unavailable("away"))
        let first = try await start(log, disk, pause: { try? await Task.sleep(for: .seconds(3600)) })
        #expect(try await post(first, 0..<10).accepted == 10)
        // The log is back. The second process dies between the log's answer and the removal.
        let (again, rest) = (MemoryLog(topics: ["a": 1]), try await copies(of: disk))
        await first.spool.stop()
        let second = try await start(again, rest.first)
        await isEmpty(second)
        #expect(try await numbers(again) == Array(0..<10))
        let third = try await start(again, rest.second)
        await isEmpty(third)
        #expect(try await numbers(again) == Array(0..<10))
        #expect(third.metrics.duplicates == 10 && third.metrics.stored == 0)
        for place in [second, third] { await place.spool.stop() }
    }

    /// Two disks as one is when its process dies.
    private func copies(of disk: MemoryLog) async throws -> (first: MemoryLog, second: MemoryLog) {
        let partition = TopicPartition("a", 0)
        let copies = (MemoryLog(topics: ["a": 1]), MemoryLog(topics: ["a": 1]))
        for record in try await disk.read(partition, from: 0, limit: ReadLimit()).records {
            for copy in [copies.0, copies.1] {
                copy.put(partition, timestamp: record.timestamp, key: record.key, value: record.value)
            }
        }
        return copies
    }

    @Test func aFullSpoolRefusesAndTakesAgainWhenThereIsRoom() async throws {
        let log = MemoryLog(topics: ["a": 1])
        log.failAppends(100, with: .unavailable("away"))
        let place = try await start(log, MemoryLog(), limit: 2000)
        #expect(try await post(place, 0..<10).accepted == 10)
        let refused = try await post(place, 10..<20)
        #expect(refused.accepted == 0 && refused.refusals.count == 10 && refused.refusals[0].isTemporary)
        await isEmpty(place)
        #expect(try await post(place, 20..<30).accepted == 10)
        await isEmpty(place)
        #expect(try await numbers(log) == Array(0..<10) + Array(20..<30))
        await place.spool.stop()
    }

    @Test func aDiskThatTakesNothingRefuses() async throws {
        let (log, disk) = (MemoryLog(topics: ["a": 1]), MemoryLog())
        disk.failAppends(1, with: .full("no room"))
        let place = try await start(log, disk)
        let refused = try await post(place, 0..<2)
        #expect(refused.refusals.count == 2 && refused.refusals[0].isTemporary)
        #expect(place.spool.use.bytes == 0 && place.spool.use.events == 0)
        #expect(try await post(place, 2..<4).accepted == 2)
        await isEmpty(place)
        #expect(try await numbers(log) == [2, 3])
        await place.spool.stop()
    }

    @Test func damagedRecordsAndWhatTheLogNeverTakesAreLostAndCountedAndKeepNobodyElse() async throws {
        let (log, disk) = (MemoryLog(topics: ["a": 1], maximumRecordBytes: 200), MemoryLog(topics: ["a": 1]))
        for number in 0..<6 {
            let size = number == 4 ? 300 : 1
            let text =
                #"{"meta":{"stream":"a","id":"\#(number)"},"n":\#(number),"x":"\#(String(repeating: "x", count: size))"}"#
            disk.put(TopicPartition("a", 0), timestamp: 1, value: Array(text.utf8))
        }
        disk.damage(TopicPartition("a", 0), 1..<3)
        let place = try await start(log, disk)
        await isEmpty(place)
        #expect(try await numbers(log) == [0, 3, 5])
        #expect(place.metrics.lost == 3)
        await place.spool.stop()
    }
}
