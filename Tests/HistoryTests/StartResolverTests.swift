internal import EventFormats
internal import EventLog
internal import EventLogTestKit
internal import Streaming
internal import Testing

@testable internal import History

struct StartResolverTests {
    /// Records at 1000, 1010, … in `t/0` and at 1005, 1015, … in `t/1`.
    private func log(_ count: Int = 10) -> MemoryLog {
        let log = MemoryLog(topics: ["t": 2, "u": 1])
        for offset in 0..<count {
            log.put(t0, timestamp: 1000 + 10 * Timestamp(offset), value: [UInt8(ascii: "e")])
            log.put(t1, timestamp: 1005 + 10 * Timestamp(offset), value: [UInt8(ascii: "e")])
        }
        return log
    }

    private func resolve(
        _ point: StartPoint, _ log: some EventLog, partitions: [TopicPartition] = [t0, t1],
        now: Timestamp = .max, limits: SearchLimits = .init(),
        shows: @escaping @Sendable (Block.Entry) -> Bool = { _ in true }
    ) async throws -> Resolved {
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let search = NewestSearch(
            tail: SharedTail(maximumBytes: 1 << 20), loader: loader, limits: limits, shows: shows)
        let result = try await StartResolver(log: log, search: search, partitions: partitions, now: now).resolve(point)
        guard case .at(let positions) = result.start else { return Resolved(result, [:]) }
        return Resolved(result, positions)
    }

    private struct Resolved {
        var positions: [TopicPartition: Position]
        var gaps: [PendingGap]
        var only: [TopicPartition]?
        var isLive: Bool
        var notice: Notice?

        init(_ start: ResolvedStart, _ positions: [TopicPartition: Position]) {
            self.positions = positions
            gaps = start.gaps
            only = start.only
            notice = start.notice
            isLive = start.start == .live
        }

        /// `FROM..TO REASON` of each gap.
        var told: [String] {
            gaps.map { pending in
                let bounds = [pending.gap.from, pending.gap.to].map { $0.map { "\($0)" } ?? "?" }
                return "\(bounds.joined(separator: "..")) \(pending.gap.reason.rawValue)"
            }
        }
    }

    private func entry(_ partition: TopicPartition, _ offset: Offset?, _ timestamp: Timestamp? = nil)
        -> RequestedPosition
    {
        RequestedPosition(
            topic: partition.topic, partition: partition.partition, place: offset.map { .at($0) }, timestamp: timestamp)
    }

    // MARK: Ids

    @Test func anIDOfThisLogIsTakenAtItsWord() async throws {
        let found = try await resolve(
            .id(RequestedCursor([entry(t0, 3, 1020), entry(t1, 10, 1095)]), since: nil), log())
        #expect(found.positions[t0] == Position(offset: 3, timestamp: 1020))
        #expect(found.positions[t1] == Position(offset: 10, timestamp: 1095))
        #expect(found.gaps.isEmpty)
        #expect(found.only == nil)
    }

    @Test func anIDOfAnotherLogGoesOnByTimeAndSaysSo() async throws {
        let found = try await resolve(.id(RequestedCursor([entry(t0, 7, 1030), entry(t1, 0)]), since: nil), log())
        // The record of that time comes again; the cursor stands where it was until the gap is told.
        #expect(found.told == ["7..3 failover"])
        #expect(found.gaps[0].after == .init(t0, Position(offset: 3, timestamp: 1020)))
        #expect(found.positions[t0] == Position(offset: 7, timestamp: 1030))
    }

    @Test(arguments: [11, 4_000, Offset.max]) func anOffsetThatIsStillToComeGoesOnByTime(offset: Offset) async throws {
        let found = try await resolve(.id(RequestedCursor([entry(t0, offset, 1055), entry(t1, 0)]), since: nil), log())
        #expect(found.told == ["\(offset)..6 failover"])
    }

    @Test func anOffsetThatIsStillToComeWithoutATimeBeginsAnew() async throws {
        let found = try await resolve(.id(RequestedCursor([entry(t0, 4_000), entry(t1, 0)]), since: nil), log())
        #expect(found.told == ["4000..0 topic_recreated"])
        #expect(found.gaps[0].after == .init(t0, Position(offset: 0)))
    }

    @Test func aTopicMadeAnewWithLaterRecordsIsAFailover() async throws {
        let log = log()
        log.recreateTopic("t", partitions: 2)
        log.put(t0, timestamp: 5000, value: [UInt8(ascii: "e")])
        let found = try await resolve(.id(RequestedCursor([entry(t0, 5, 1040), entry(t1, 5, 1045)]), since: nil), log)
        #expect(found.told == ["5..0 failover", "5..0 topic_recreated"])
    }

    @Test func whatRetentionTookIsTold() async throws {
        let log = log()
        log.truncate(t0, before: 6)
        let found = try await resolve(.id(RequestedCursor([entry(t0, 3, 1020), entry(t1, 0)]), since: nil), log)
        #expect(found.told == ["3..6 retention"])
        #expect(found.positions[t0] == Position(offset: 3, timestamp: 1020))
        #expect(found.gaps[0].after == .init(t0, Position(offset: 6)))
    }

    @Test func anIDAtTheFirstRecordKeptIsRight() async throws {
        let log = log()
        log.truncate(t0, before: 6)
        let found = try await resolve(.id(RequestedCursor([entry(t0, 6, 1050), entry(t1, 0)]), since: nil), log)
        #expect(found.gaps.isEmpty)
        #expect(found.positions[t0]?.offset == 6)
    }

    @Test func beginningAndEndAreThoseOfNow() async throws {
        let log = log()
        log.truncate(t0, before: 4)
        let begin = RequestedPosition(topic: "t", partition: 0, place: .beginning)
        let end = RequestedPosition(topic: "t", partition: 1, place: .end)
        let found = try await resolve(.id(RequestedCursor([begin, end]), since: nil), log)
        #expect(found.positions[t0] == Position(offset: 4))
        #expect(found.positions[t1] == Position(offset: 10, timestamp: 1095))
        #expect(found.gaps.isEmpty)
    }

    @Test func aTimestampAloneIsATime() async throws {
        let found = try await resolve(
            .id(RequestedCursor([entry(t0, nil, 1011), entry(t1, nil, 9999)]), since: nil), log())
        #expect(found.positions[t0] == Position(offset: 2, timestamp: 1010))
        #expect(found.positions[t1]?.offset == 10)
    }

    @Test func aBareTopicIsAllItsPartitionsLiveOrSince() async throws {
        let bare = RequestedPosition(topic: "t")
        let live = try await resolve(.id(RequestedCursor([bare]), since: nil), log(), partitions: [t0, t1, u0])
        #expect(live.positions.mapValues(\.offset) == [t0: 10, t1: 10])
        #expect(live.only == [t0, t1])
        let since = try await resolve(.id(RequestedCursor([bare, entry(t1, 4, 1035)]), since: 1050), log())
        #expect(since.positions.mapValues(\.offset) == [t0: 5, t1: 4])
        #expect(since.only == nil)
    }

    @Test func aSubsetMeansOnlyThose() async throws {
        let found = try await resolve(.id(RequestedCursor([entry(t1, 4, 1035)]), since: nil), log())
        #expect(found.only == [t1])
        #expect(found.positions.count == 1)
    }

    @Test func entriesOfOtherTopicsAreDroppedAndTold() async throws {
        let found = try await resolve(
            .id(
                RequestedCursor(
                    [entry(TopicPartition("z", 0), 5), entry(TopicPartition("t", 9), 5), entry(t0, 1), entry(t1, 1)]),
                since: nil),
            log())
        #expect(found.told == ["?..? topic_unavailable", "?..? topic_unavailable"])
        #expect(found.gaps.map(\.gap.topic) == ["z", "t"])
        #expect(found.gaps.allSatisfy { $0.after == nil })
    }

    @Test func anIDOfNothingThatIsHereIsAnError() async throws {
        await #expect(throws: StartError.self) {
            _ = try await resolve(.id(RequestedCursor([entry(TopicPartition("z", 0), 5)]), since: nil), log())
        }
    }

    // MARK: What was added since

    private func whole(_ entries: [RequestedPosition]) -> StartPoint {
        .id(RequestedCursor(entries, isWhole: true), since: nil)
    }

    @Test func aPartitionThatWasAddedIsReadFromItsBeginning() async throws {
        let log = MemoryLog(topics: ["t": 2])
        for offset in 0..<5 { log.put(t0, timestamp: 1000 + Timestamp(offset), value: [UInt8(ascii: "e")]) }
        let empty = try await resolve(whole([entry(t0, 3, 1002)]), log)
        #expect(empty.positions[t1] == Position(offset: 0))
        #expect(empty.only == nil && empty.gaps.isEmpty)
        // Its times may be older than the id: it was added later all the same.
        log.put(t1, timestamp: 10, value: [UInt8(ascii: "e")])
        let older = try await resolve(whole([entry(t0, 3, 1002)]), log)
        #expect(older.positions[t1] == Position(offset: 0))
        for _ in 0..<5 { log.put(t1, timestamp: 2000, value: [UInt8(ascii: "e")]) }
        log.truncate(t1, before: 4)
        let truncated = try await resolve(whole([entry(t0, 3, 1002)]), log)
        #expect(truncated.told == ["0..4 retention"])
    }

    @Test func aPartitionThatWasAddedToAnotherLogBeginsAtTheTimeOfTheID() async throws {
        let found = try await resolve(whole([entry(t0, 7, 1030)]), log())
        #expect(found.told == ["7..3 failover"])
        #expect(found.positions[t1] == Position(offset: 3, timestamp: 1025))
    }

    @Test func aTopicThatWasAddedBeginsAtTheTimeOfTheID() async throws {
        let log = log()
        for time in stride(from: Timestamp(900), to: 1100, by: 10) {
            log.put(u0, timestamp: time, value: [UInt8(ascii: "e")])
        }
        let found = try await resolve(whole([entry(t0, 2, 1010), entry(t1, 3, 1025)]), log, partitions: [t0, t1, u0])
        #expect(found.positions[u0] == Position(offset: 13, timestamp: 1020))
        #expect(found.only == nil && found.gaps.isEmpty)
        let missing = TopicPartition("z", 0)
        let none = try await resolve(
            whole([entry(t0, 2, 1010), entry(t1, 3, 1025)]), log, partitions: [t0, t1, missing])
        #expect(none.positions[missing] == Position(offset: 0))
    }

    @Test func aTimeThatIsStillToComeIsNotTheTimeOfTheID() async throws {
        let log = log()
        log.put(u0, timestamp: 1020, value: [UInt8(ascii: "e")])
        let found = try await resolve(
            whole([entry(t0, 2, 1010), entry(t1, 3, 9_000_000)]), log, partitions: [t0, t1, u0], now: 1100)
        #expect(found.positions[u0] == Position(offset: 0))
    }

    @Test func aSubsetGetsNothingThatWasAdded() async throws {
        let log = MemoryLog(topics: ["t": 2, "u": 1])
        let found = try await resolve(.id(RequestedCursor([entry(t0, 0)]), since: nil), log, partitions: [t0, t1, u0])
        #expect(found.only == [t0])
        #expect(found.positions == [t0: Position(offset: 0)])
    }

    @Test func aPartitionThatTheLogHasAndTheLoopDoesNotKnowYetKeepsItsPlace() async throws {
        let found = try await resolve(whole([entry(t0, 3, 1020), entry(t1, 4, 1035)]), log(), partitions: [t0])
        #expect(found.positions[t1] == Position(offset: 4, timestamp: 1035))
        #expect(found.only == nil && found.gaps.isEmpty)
    }

    @Test func aCompactIDOfAnotherListOfTopicsGoesOnByTimeAndSaysSo() async throws {
        let cursor = RequestedCursor([], isWhole: true, time: 1031)
        let found = try await resolve(.id(cursor, since: nil), log())
        #expect(found.positions.mapValues(\.offset) == [t0: 4, t1: 3])
        #expect(found.told == ["?..? failover"])
    }

    // MARK: Fingerprints that can't be checked

    /// Times that go back: what is kept is older than the record of the fingerprint.
    private func backwards() -> MemoryLog {
        let log = MemoryLog(topics: ["t": 1])
        for time in [100, 900, 200, 300, 400] as [Timestamp] {
            log.put(t0, timestamp: time, value: [UInt8(ascii: "e")])
        }
        return log
    }

    @Test func aFingerprintThatRetentionTookProvesNothing() async throws {
        let log = backwards()
        log.truncate(t0, before: 2)
        let found = try await resolve(.id(RequestedCursor([entry(t0, 2, 900)]), since: nil), log, partitions: [t0])
        #expect(found.positions[t0] == Position(offset: 2))
        #expect(found.gaps.isEmpty)
        log.truncate(t0, before: 3)
        let later = try await resolve(.id(RequestedCursor([entry(t0, 2, 900)]), since: nil), log, partitions: [t0])
        #expect(later.told == ["2..3 retention"])
    }

    @Test func aFingerprintThatIsDamagedProvesNothing() async throws {
        let log = backwards()
        log.damage(t0, 1..<2)
        let found = try await resolve(.id(RequestedCursor([entry(t0, 2, 900)]), since: nil), log, partitions: [t0])
        #expect(found.positions[t0] == Position(offset: 2, timestamp: 900))
        #expect(found.gaps.isEmpty)
    }

    @Test func aFingerprintThatCompactionTookProvesNothing() async throws {
        let log = MemoryLog(topics: ["t": 1])
        log.put(t0, timestamp: 100, value: [UInt8(ascii: "e")])
        log.skipOffsets(t0, count: 1)
        for time in [200, 300] as [Timestamp] { log.put(t0, timestamp: time, value: [UInt8(ascii: "e")]) }
        let found = try await resolve(.id(RequestedCursor([entry(t0, 2, 900)]), since: nil), log, partitions: [t0])
        #expect(found.positions[t0] == Position(offset: 2, timestamp: 900))
        #expect(found.gaps.isEmpty)
    }

    @Test func aTopicThatIsNoMoreIsEmpty() async throws {
        let gone = TopicPartition("gone", 0)
        for point in [StartPoint.since(0), .last(3)] {
            let found = try await resolve(point, log(), partitions: [gone])
            #expect(found.positions == [gone: Position(offset: 0)])
            #expect(found.gaps.isEmpty)
        }
        let id = try await resolve(.id(RequestedCursor([entry(gone, 4, 900)]), since: nil), log(), partitions: [gone])
        #expect(id.told == ["4..0 topic_recreated"])
    }

    @Test func damageAtAnIDIsNoError() async throws {
        let log = log()
        log.damage(t0, 2..<4)
        let found = try await resolve(.id(RequestedCursor([entry(t0, 3, 1020), entry(t1, 3, 1025)]), since: nil), log)
        #expect(found.positions[t1]?.offset == 3)
    }

    // MARK: Times

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

    // MARK: The last

    @Test func theLastAreTheNewestOfAllPartitions() async throws {
        let found = try await resolve(.last(5), log())
        #expect(found.positions.mapValues(\.offset) == [t0: 8, t1: 7])
        #expect(found.positions[t0]?.timestamp == 1070)
    }

    @Test func onlyWhatIsShownCounts() async throws {
        let found = try await resolve(.last(2), log(), partitions: [t0], shows: { $0.offset % 3 == 0 })
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
        for offset in 0..<2_000 { log.put(t0, timestamp: Timestamp(offset), value: [UInt8(ascii: "e")]) }
        let search = SearchLimits(records: 500)
        let found = try await resolve(.last(10), log, partitions: [t0], limits: search) {
            $0.offset < 1_700 && $0.offset >= 1_598
        }
        #expect(found.positions[t0]?.offset == 1_690)
        #expect(found.notice == nil)
        let cut = try await resolve(.last(10), log, partitions: [t0], limits: search) { $0.offset < 1_000 }
        #expect(cut.positions[t0]?.offset == 2_000)
        #expect(cut.notice?.detail == "the search for the last 10 events stopped after 720 records: it found 0")
        let bytes = try await resolve(.last(1_000), log, partitions: [t0], limits: .init(bytes: 300))
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
        let search = NewestSearch(tail: SharedTail(maximumBytes: 1), loader: loader) { _ in true }
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
        let search = NewestSearch(tail: tail, loader: loader) { _ in true }
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
