internal import EventFilter
internal import EventFormats
internal import EventLog
internal import EventLogTestKit
internal import Streaming
internal import Testing

@testable internal import History

// Starts by time, and the last N.
extension StartResolverTests {
    @Test func aTimeIsTheFirstRecordWhoseRunningMaximumReachesIt() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for time in [10, 50, 20, 60] as [Timestamp] { log.put(t0, timestamp: time, value: [UInt8(ascii: "e")]) }
        let found = try await resolve(.since(30), log, partitions: [t0])
        #expect(found.positions[t0] == Position(offset: 1, timestamp: 10))
        #expect(found.gaps.isEmpty)
    }

    @Test func aTimeOlderThanWhatIsKeptIsTold() async throws {
        let log = log()
        log.truncate(t0, before: 6)
        let found = try await resolve(.since(1020), log)
        #expect(found.told == ["?..6 retention"])
        #expect(found.positions[t0] == Position(offset: 5))
        #expect(found.positions[t1]?.offset == 2)
    }

    @Test func aHoleAfterWhatIsGoneDoesNotHideIt() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for time in [10, 20] as [Timestamp] { log.put(t0, timestamp: time, value: [UInt8(ascii: "e")]) }
        log.skipOffsets(t0, count: 5)
        log.put(t0, timestamp: 30, value: [UInt8(ascii: "e")])
        log.truncate(t0, before: 3)
        let found = try await resolve(.since(5), log, partitions: [t0])
        #expect(found.told == ["?..7 retention"])
    }

    @Test func nothingButAHoleAfterWhatIsGoneDoesNotHideIt() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for time in [10, 20] as [Timestamp] { log.put(t0, timestamp: time, value: [UInt8(ascii: "e")]) }
        log.skipOffsets(t0, count: 5)
        log.truncate(t0, before: 3)
        #expect(try await resolve(.since(5), log, partitions: [t0]).told == ["?..7 retention"])
        #expect(try await resolve(.since(25), log, partitions: [t0]).told == [])
    }

    @Test func aHoleAfterWhatIsGoneDoesNotMakeItAnotherLog() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for time in [10, 20] as [Timestamp] { log.put(t0, timestamp: time, value: [UInt8(ascii: "e")]) }
        log.skipOffsets(t0, count: 5)
        log.put(t0, timestamp: 30, value: [UInt8(ascii: "e")])
        log.truncate(t0, before: 3)
        let entry = RequestedPosition(topic: "t", partition: 0, place: .at(1), timestamp: 10)
        let found = try await resolve(.id(RequestedCursor([entry]), since: nil), log, partitions: [t0])
        #expect(found.told == ["1..3 retention"])
    }

    @Test func whatIsDamagedBeforeATimeIsStillKept() async throws {
        let log = log()
        log.truncate(t0, before: 2)
        log.damage(t0, 4..<6)
        let damaged = DamagedBeforeLog(inner: log, damage: 4..<6)
        let found = try await resolve(.since(1060), damaged, partitions: [t0])
        #expect(found.positions[t0] == Position(offset: 6))
        #expect(found.gaps.isEmpty)
        // All that is kept before it.
        log.truncate(t0, before: 4)
        #expect(try await resolve(.since(1060), damaged, partitions: [t0]).gaps.isEmpty)
    }

    @Test func aTimeInTheFutureIsTheEnd() async throws {
        let log = log()
        log.truncate(t0, before: 10)
        for time in [9999, Timestamp.max] {
            let found = try await resolve(.since(time), log)
            #expect(found.positions.mapValues(\.offset) == [t0: 10, t1: 10])
            #expect(found.gaps.isEmpty)
        }
    }

    @Test func theBeginningOfTimeIsTheBeginning() async throws {
        let found = try await resolve(.since(.min), log())
        #expect(found.positions == [t0: Position(offset: 0), t1: Position(offset: 0)])
        #expect(found.gaps.isEmpty)
    }

    /// Retention takes the front while the log is asked; no question may be answered as if it had not.
    @Test func whatRetentionTakesWhileItIsAskedIsTold() async throws {
        let log = TruncatingLog(inner: log(), partition: t0, before: 6)
        let found = try await resolve(.since(1020), log, partitions: [t0])
        let start = try #require(found.positions[t0]?.offset)
        // Either the gap is told now, or it is found by reading from what is gone.
        #expect(start < 6)
    }

    /// A client has the id of each gap before the next is told, and goes on from there if it is cut off.
    @Test(arguments: [0, 2] as [Offset]) func noIDStandsBehindAGapThatIsStillToBeTold(first: Offset) async throws {
        let inner = log()
        inner.truncate(t0, before: first)
        let log = TruncatingAfterSearchLog(inner: inner, partition: t0, before: 6)
        let found = try await resolve(.since(900), log, partitions: [t0, t1])
        let start = try #require(found.positions[t0]?.offset)
        for pending in found.gaps where pending.gap.partition == 0 {
            #expect(start <= pending.after?.position.offset ?? 0)
        }
        #expect(start == max(0, first - 1))
    }

    // MARK: The last

    @Test func theLastAreTheNewestOfAllPartitions() async throws {
        let found = try await resolve(.last(5), log())
        #expect(found.positions.mapValues(\.offset) == [t0: 8, t1: 7])
        #expect(found.positions[t0]?.timestamp == 1070)
    }

    @Test func onlyWhatIsShownCounts() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for offset in 0..<10 {
            log.put(t0, timestamp: 1000 + Timestamp(offset), value: Array(#"{"rest":\#(offset % 3)}"#.utf8))
        }
        let found = try await resolve(
            .last(2), log, partitions: [t0], filter: try EventFilter("rest == 0"))
        #expect(found.positions[t0]?.offset == 6)
    }

    @Test func moreThanThereAreIsAllThatIsKept() async throws {
        let log = log()
        log.truncate(t1, before: 4)
        for count in [1_000, Int.max] {
            let found = try await resolve(.last(count), log)
            #expect(found.positions.mapValues(\.offset) == [t0: 0, t1: 4])
        }
    }

    @Test(arguments: [Int.min, -1, 0]) func theLastNoneAreTheEnd(count: Int) async throws {
        let found = try await resolve(.last(count), log())
        #expect(found.positions.mapValues(\.offset) == [t0: 10, t1: 10])
    }

    @Test func damageIsPassedOverByTheLast() async throws {
        let log = log()
        log.damage(t0, 5..<8)
        let found = try await resolve(.last(4), log, partitions: [t0])
        #expect(found.positions[t0]?.offset == 3)
    }

    @Test func aSearchStopsAtItsLimitAndSaysSo() async throws {
        let log = MemoryLog(topics: ["t": 1])
        for offset in 0..<2_000 { log.put(t0, timestamp: Timestamp(offset), value: Array("{\"n\":\(offset)}".utf8)) }
        let search = SearchLimits(records: 500)
        let found = try await resolve(
            .last(10), log, partitions: [t0], limits: search, filter: try EventFilter("n >= 1598 && n < 1700"))
        #expect(found.positions[t0]?.offset == 1_690)
        #expect(found.notice == nil)
        let cut = try await resolve(
            .last(10), log, partitions: [t0], limits: search, filter: try EventFilter("n < 1000"))
        #expect(cut.positions[t0]?.offset == 2_000)
        #expect(cut.notice?.detail == "the search for the last 10 events stopped after 720 records: it found 0")
        let bytes = try await resolve(.last(1_000), log, partitions: [t0], limits: .init(bytes: 3_000))
        #expect(bytes.positions[t0]?.offset == 1_536)
        #expect(bytes.notice != nil)
    }

    @Test func notMoreIsReadOfManyPartitionsThanOfOne() async throws {
        let partitions = (0..<40).map { TopicPartition("many", $0) }
        let log = MemoryLog(topics: ["many": 40])
        for offset in 0..<300 {
            for partition in partitions {
                let time = Timestamp(1_000 * partition.partition) + Timestamp(offset)
                log.put(partition, timestamp: time, value: [UInt8(ascii: "e")])
            }
        }
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let search = NewestSearch(for: Subscription(topics: []), tail: SharedTail(maximumBytes: 1), loader: loader)
        let found = try await StartResolver(log: log, search: search, partitions: partitions, now: 0).resolve(
            .last(310))
        guard case .at(let positions) = found.start else { throw Unexpected() }
        #expect(positions[partitions[39]]?.offset == 0)
        #expect(positions[partitions[38]]?.offset == 290)
        #expect(positions[partitions[37]]?.offset == 300)
        // Two windows of each of the newest two partitions at most.
        #expect(await loader.reads <= 4)
    }

    private struct Unexpected: Error {}

    @Test func whatTheTailHasIsNotReadFromTheLog() async throws {
        let log = log()
        let tail = SharedTail(maximumBytes: 1 << 20)
        let records = try await log.read(t0, from: 4, limit: ReadLimit(records: 100)).records
        tail.withLock { tail in
            let number = tail.add(t0, at: Position(offset: 4))
            tail.append(PlainPreparer().block(of: t0, Array(records.prefix(3)), range: 4..<7), to: number)
            tail.append(PlainPreparer().block(of: t0, Array(records.dropFirst(3)), range: 7..<10), to: number)
        }
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let search = NewestSearch(for: Subscription(topics: []), tail: tail, loader: loader)
        let found = try await StartResolver(log: log, search: search, partitions: [t0], now: 0).resolve(.last(5))
        guard case .at(let positions) = found.start else { throw Unexpected() }
        #expect(positions == [t0: Position(offset: 5, timestamp: 1040)])
        #expect(await loader.reads == 0)
    }

    @Test func whoIsCancelledAsksNoFurther() async throws {
        let log = log()
        for point in [StartPoint.since(1), .last(3), .id(RequestedCursor([entry(t0, 3)]), since: nil)] {
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                _ = try await resolve(point, log)
            }
            task.cancel()
            await #expect(throws: StartError.log(.closed)) { try await task.value }
        }
    }

    @Test func retentionWhileTheLastAreSoughtIsNoError() async throws {
        let log = TruncatingLog(inner: log(), partition: t0, before: 6)
        let found = try await resolve(.last(8), log, partitions: [t0])
        #expect(found.positions[t0]?.offset == 6)
    }

    // MARK: Failures

    @Test func aLogThatCanNotBeReachedIsAnError() async throws {
        let log = log()
        for point in [StartPoint.since(1), .last(3), .id(RequestedCursor([entry(t0, 3)]), since: nil)] {
            log.failReads(1)
            await #expect(throws: StartError.log(.unavailable("injected"))) { _ = try await resolve(point, log) }
        }
        #expect(try await resolve(.live, log).isLive)
    }
}
