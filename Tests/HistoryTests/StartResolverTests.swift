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
        appeared: @escaping @Sendable (TopicPartition) -> Timestamp? = { _ in nil },
        matches: @escaping @Sendable (TopicPartition, Record) -> Bool = { _, _ in true }
    ) async throws -> Resolved {
        let result = try await StartResolver(
            log: log, partitions: partitions, appeared: appeared, matches: matches
        ).resolve(point)
        guard case .at(let positions) = result.start else { return Resolved(result, [:]) }
        return Resolved(result, positions)
    }

    private struct Resolved {
        var positions: [TopicPartition: Position]
        var gaps: [PendingGap]
        var only: [TopicPartition]?
        var isLive: Bool

        init(_ start: ResolvedStart, _ positions: [TopicPartition: Position]) {
            self.positions = positions
            gaps = start.gaps
            only = start.only
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
        let found = try await resolve(.id([entry(t0, 3, 1020), entry(t1, 10, 1095)], since: nil), log())
        #expect(found.positions[t0] == Position(offset: 3, timestamp: 1020))
        #expect(found.positions[t1] == Position(offset: 10, timestamp: 1095))
        #expect(found.gaps.isEmpty)
        #expect(found.only == nil)
    }

    @Test func anIDOfAnotherLogGoesOnByTimeAndSaysSo() async throws {
        let found = try await resolve(.id([entry(t0, 7, 1030), entry(t1, 0)], since: nil), log())
        // The record of that time comes again; the cursor stands where it was until the gap is told.
        #expect(found.told == ["7..3 failover"])
        #expect(found.gaps[0].after == .init(t0, Position(offset: 3, timestamp: 1020)))
        #expect(found.positions[t0] == Position(offset: 7, timestamp: 1030))
    }

    @Test(arguments: [11, 4_000, Offset.max]) func anOffsetThatIsStillToComeGoesOnByTime(offset: Offset) async throws {
        let found = try await resolve(.id([entry(t0, offset, 1055), entry(t1, 0)], since: nil), log())
        #expect(found.told == ["\(offset)..6 failover"])
    }

    @Test func anOffsetThatIsStillToComeWithoutATimeBeginsAnew() async throws {
        let found = try await resolve(.id([entry(t0, 4_000), entry(t1, 0)], since: nil), log())
        #expect(found.told == ["4000..0 topic_recreated"])
        #expect(found.gaps[0].after == .init(t0, Position(offset: 0)))
    }

    @Test func aTopicMadeAnewWithLaterRecordsIsAFailover() async throws {
        let log = log()
        log.recreateTopic("t", partitions: 2)
        log.put(t0, timestamp: 5000, value: [UInt8(ascii: "e")])
        let found = try await resolve(.id([entry(t0, 5, 1040), entry(t1, 5, 1045)], since: nil), log)
        #expect(found.told == ["5..0 failover", "5..0 topic_recreated"])
    }

    @Test func whatRetentionTookIsTold() async throws {
        let log = log()
        log.truncate(t0, before: 6)
        let found = try await resolve(.id([entry(t0, 3, 1020), entry(t1, 0)], since: nil), log)
        #expect(found.told == ["3..6 retention"])
        #expect(found.positions[t0] == Position(offset: 3, timestamp: 1020))
        #expect(found.gaps[0].after == .init(t0, Position(offset: 6)))
    }

    @Test func anIDAtTheFirstRecordKeptIsRight() async throws {
        let log = log()
        log.truncate(t0, before: 6)
        let found = try await resolve(.id([entry(t0, 6, 1050), entry(t1, 0)], since: nil), log)
        #expect(found.gaps.isEmpty)
        #expect(found.positions[t0]?.offset == 6)
    }

    @Test func beginningAndEndAreThoseOfNow() async throws {
        let log = log()
        log.truncate(t0, before: 4)
        let begin = RequestedPosition(topic: "t", partition: 0, place: .beginning)
        let end = RequestedPosition(topic: "t", partition: 1, place: .end)
        let found = try await resolve(.id([begin, end], since: nil), log)
        #expect(found.positions[t0] == Position(offset: 4))
        #expect(found.positions[t1] == Position(offset: 10, timestamp: 1095))
        #expect(found.gaps.isEmpty)
    }

    @Test func aTimestampAloneIsATime() async throws {
        let found = try await resolve(.id([entry(t0, nil, 1011), entry(t1, nil, 9999)], since: nil), log())
        #expect(found.positions[t0] == Position(offset: 2, timestamp: 1010))
        #expect(found.positions[t1]?.offset == 10)
    }

    @Test func aBareTopicIsAllItsPartitionsLiveOrSince() async throws {
        let bare = RequestedPosition(topic: "t")
        let live = try await resolve(.id([bare], since: nil), log(), partitions: [t0, t1, u0])
        #expect(live.positions.mapValues(\.offset) == [t0: 10, t1: 10])
        #expect(live.only == [t0, t1])
        let since = try await resolve(.id([bare, entry(t1, 4, 1035)], since: 1050), log())
        #expect(since.positions.mapValues(\.offset) == [t0: 5, t1: 4])
        #expect(since.only == nil)
    }

    @Test func aSubsetMeansOnlyThose() async throws {
        let found = try await resolve(.id([entry(t1, 4, 1035)], since: nil), log())
        #expect(found.only == [t1])
        #expect(found.positions.count == 1)
    }

    @Test func entriesOfOtherTopicsAreDroppedAndTold() async throws {
        let found = try await resolve(
            .id(
                [entry(TopicPartition("z", 0), 5), entry(TopicPartition("t", 9), 5), entry(t0, 1), entry(t1, 1)],
                since: nil),
            log())
        #expect(found.told == ["?..? topic_unavailable", "?..? topic_unavailable"])
        #expect(found.gaps.map(\.gap.topic) == ["z", "t"])
        #expect(found.gaps.allSatisfy { $0.after == nil })
    }

    @Test func anIDOfNothingThatIsHereIsAnError() async throws {
        await #expect(throws: StartError.self) {
            _ = try await resolve(.id([entry(TopicPartition("z", 0), 5)], since: nil), log())
        }
    }

    @Test func aPartitionYoungerThanTheIDIsReadFromItsBeginning() async throws {
        let log = MemoryLog(topics: ["t": 2])
        for offset in 0..<5 { log.put(t0, timestamp: 1000 + Timestamp(offset), value: [UInt8(ascii: "e")]) }
        log.put(t1, timestamp: 1010, value: [UInt8(ascii: "e")])
        let young = try await resolve(.id([entry(t0, 3, 1002)], since: nil), log)
        #expect(young.positions[t1] == Position(offset: 0))
        #expect(young.only == nil)
        let empty = MemoryLog(topics: ["t": 2])
        empty.put(t0, timestamp: 1000, value: [UInt8(ascii: "e")])
        let known = try await resolve(.id([entry(t0, 1, 1000)], since: nil), empty, appeared: { $0 == t1 ? 2000 : nil })
        #expect(known.positions[t1] == Position(offset: 0))
    }

    @Test func damageAtAnIDIsNoError() async throws {
        let log = log()
        log.damage(t0, 2..<4)
        let found = try await resolve(.id([entry(t0, 3, 1020), entry(t1, 3, 1025)], since: nil), log)
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
        let found = try await resolve(.id([entry], since: nil), log, partitions: [t0])
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
        let found = try await resolve(.last(2), log(), partitions: [t0], matches: { $1.offset % 3 == 0 })
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

    @Test func retentionWhileTheLastAreSoughtIsNoError() async throws {
        let log = TruncatingLog(inner: log(), partition: t0, before: 6)
        let found = try await resolve(.last(8), log, partitions: [t0])
        #expect(found.positions[t0]?.offset == 6)
    }

    // MARK: Failures

    @Test func aLogThatCanNotBeReachedIsAnError() async throws {
        let log = log()
        for point in [StartPoint.since(1), .last(3), .id([entry(t0, 3)], since: nil)] {
            log.failReads(1)
            await #expect(throws: StartError.log(.unavailable("injected"))) { _ = try await resolve(point, log) }
        }
        #expect(try await resolve(.live, log).isLive)
    }
}

/// Takes the front of a partition once its bounds were asked for.
private struct TruncatingLog: ForwardingLog {
    let inner: MemoryLog
    var partition: TopicPartition
    var before: Offset

    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        defer { inner.truncate(self.partition, before: before) }
        return try await inner.bounds(of: partition)
    }
}
