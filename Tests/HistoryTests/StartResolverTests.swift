internal import EventFilter
internal import EventFormats
internal import EventLog
internal import EventLogTestKit
internal import Streaming
internal import Testing

@testable internal import History

struct StartResolverTests {
    /// Records at 1000, 1010, … in `t/0` and at 1005, 1015, … in `t/1`.
    func log(_ count: Int = 10) -> MemoryLog {
        let log = MemoryLog(topics: ["t": 2, "u": 1])
        for offset in 0..<count {
            log.put(t0, timestamp: 1000 + 10 * Timestamp(offset), value: [UInt8(ascii: "e")])
            log.put(t1, timestamp: 1005 + 10 * Timestamp(offset), value: [UInt8(ascii: "e")])
        }
        return log
    }

    func resolve(
        _ point: StartPoint, _ log: some EventLog, partitions: [TopicPartition] = [t0, t1],
        now: Timestamp = .max, limits: SearchLimits = .init(),
        filter: EventFilter? = nil
    ) async throws -> Resolved {
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let search = NewestSearch(
            for: Subscription(topics: [], filter: filter), tail: SharedTail(maximumBytes: 1 << 20), loader: loader,
            limits: limits)
        let result = try await StartResolver(log: log, search: search, partitions: partitions, now: now).resolve(point)
        guard case .at(let positions) = result.start else { return Resolved(result, [:]) }
        return Resolved(result, positions)
    }

    struct Resolved {
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

    func entry(_ partition: TopicPartition, _ offset: Offset?, _ timestamp: Timestamp? = nil)
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

    /// What was written while the client was away has times before that of its fingerprint.
    @Test(arguments: [3, 4_000]) func aFingerprintOfTheFutureIsNoTimeToGoOnAt(offset: Offset) async throws {
        let id = StartPoint.id(RequestedCursor([entry(t0, offset, 9_000_000), entry(t1, 6, 1055)]), since: nil)
        let found = try await resolve(id, log(), now: 2_000)
        #expect(found.told == ["\(offset)..6 failover"])
        #expect(found.gaps[0].after == .init(t0, Position(offset: 6, timestamp: 1050)))
        let alone = StartPoint.id(RequestedCursor([entry(t0, offset, 9_000_000)]), since: nil)
        #expect(try await resolve(alone, log(), now: 2_000).told == ["\(offset)..0 failover"])
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
        let ahead = RequestedCursor([], isWhole: true, time: 9_000_000)
        #expect(
            try await resolve(.id(ahead, since: nil), log(), now: 2_000).positions.mapValues(\.offset) == [
                t0: 0, t1: 0,
            ])
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
}
