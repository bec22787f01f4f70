import Catalogue
import EventLog
import EventLogTestKit
import Events
import JSON
import Synchronization
import Testing

@testable import Intake

@Suite struct RecentEventsTests {
    private static let partition = TopicPartition("a", 0)

    /// An intake that knows what the log has, as after a start.
    private func intake(
        _ log: any EventLog, limits: RecentEventLimits = RecentEventLimits(),
        unread: @escaping @Sendable (TopicPartition, LogError) -> Void = { _, _ in }
    ) async throws -> (intake: Intake, recent: RecentEvents) {
        let recent = RecentEvents(limits)
        let reader = RecentEventReader(recent, log: log, now: { 1_795_255_200_123 }, pause: {}, report: unread)
        for (topic, count) in try await log.topics() {
            for number in 0..<count { await reader.read(TopicPartition(topic, number)) }
        }
        await reader.finished()
        recent.becomeReady()
        let catalogue = try StreamCatalogue([PublicStream("a"), PublicStream("b")])
        let intake = Intake(
            log: log, limits: IntakeLimits(), recent: recent, catalogue: { catalogue }, now: { 1_795_255_200_123 })
        return (intake, recent)
    }

    private func event(_ id: String?, stream: String = "a", _ number: Int = 0) -> String {
        let member = id.map { #","id":"\#($0)""# } ?? ""
        return #"{"meta":{"stream":"\#(stream)"\#(member)},"n":\#(number)}"#
    }

    private func post(
        _ intake: Intake, _ events: String..., key: String? = nil, isHasty: Bool = false
    ) async throws -> [IntakeOutcome.Fate] {
        let body = "[" + events.joined(separator: ",") + "]"
        let facts = IntakeFacts(idempotencyKey: key.flatMap { IdempotencyKey($0) })
        return try await intake.store(Array(body.utf8), facts: facts, isHasty: isHasty).events.map(\.fate)
    }

    private func appended(_ offset: Offset, _ topic: String = "a") -> Appended {
        Appended(topicPartition: TopicPartition(topic, 0), offset: offset)
    }

    @Test func anEventThatIsSentAgainIsStoredOnceAndToldWhereItIs() async throws {
        let log = MemoryLog(topics: ["a": 1, "b": 1])
        let (intake, _) = try await intake(log)
        #expect(try await post(intake, event("x"), event("y")) == [.stored(appended(0)), .stored(appended(1))])
        #expect(try await post(intake, event("y", 7), event("z")) == [.duplicate(appended(1)), .stored(appended(2))])
        #expect(try await log.bounds(of: Self.partition).next == 3)
        // In another stream it is another event.
        #expect(try await post(intake, event("x", stream: "b")) == [.stored(appended(0, "b"))])
    }

    @Test func eventsWithoutAnIDAreAlwaysStored() async throws {
        let (intake, recent) = try await intake(MemoryLog(topics: ["a": 1]))
        #expect(try await post(intake, event(nil)) == [.stored(appended(0))])
        #expect(try await post(intake, event(nil)) == [.stored(appended(1))])
        #expect(recent.use.events == 0)
    }

    @Test func anEventThatStandsTwiceInARequestIsStoredOnce() async throws {
        let (intake, _) = try await intake(MemoryLog(topics: ["a": 1]))
        let fates = try await post(intake, event("x"), event(nil), event("y"), event("y"), event("x"))
        #expect(
            fates == [
                .stored(appended(0)), .stored(appended(1)), .stored(appended(2)), .duplicate(appended(2)),
                .duplicate(appended(0)),
            ])
    }

    @Test func whatTheLogDidNotStoreMayBeSentAgain() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let (intake, _) = try await intake(log)
        log.failAppends(1)
        let fates = try await post(intake, event("x"), event("x"))
        #expect(fates.allSatisfy { if case .refused(let error) = $0 { error.isTemporary } else { false } })
        #expect(try await post(intake, event("x")) == [.stored(appended(0))])
    }

    @Test func afterAStartEventsAreKnownFromTheLog() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let events = [event("x"), event(nil), #"{"meta":{"stream":"\u0061","id":"\u0079"}}"#]
        _ = try await post(try await intake(log).intake, events[0], events[1], events[2])
        // No index comes out of a log on a disk, and what is no event is passed over.
        log.put(Self.partition, timestamp: 1_795_255_200_123, value: Array("no event".utf8))
        log.put(Self.partition, timestamp: 1_795_255_200_123, value: Array(event("z").utf8))
        let (again, _) = try await intake(log)
        let fates = try await post(again, event("x"), event("y"), event("z"))
        #expect(fates == [.duplicate(appended(0)), .duplicate(appended(2)), .duplicate(appended(4))])
    }

    @Test func aKeyGivesEventsTheSameIDsEachTimeThatItIsSent() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let key = "c0ffee00-key-of-one-request"
        let first = try await post(try await intake(log).intake, event(nil), event(nil), key: key)
        #expect(first == [.stored(appended(0)), .stored(appended(1))])
        // The server died before it answered.
        let again = try await intake(log).intake
        #expect(
            try await post(again, event(nil), event(nil), event(nil), key: "\"\(key)\"")
                == [.duplicate(appended(0)), .duplicate(appended(1)), .stored(appended(2))])
        #expect(try await post(again, event(nil), key: key + "2") == [.stored(appended(3))])
        let record = try await log.read(Self.partition, from: 1, limit: ReadLimit(records: 1)).records[0]
        // As Python's uuid.uuid5 has it.
        #expect(try JSONValue(record.value)["meta"]?["id"]?.string == "9ad550be-10ea-50d2-9b8e-95a0206cf7c1")
    }

    @Test(
        arguments: [
            ("0123456789abcdef", "0123456789abcdef"), ("\"0123456789abcdef\"", "0123456789abcdef"),
            ("0123456789abcde", nil), ("", nil), ("\"", nil), ("\"0123456789abcdef", nil), ("0123456789 abcdef", nil),
            ("0123456789abcdéf", nil), (String(repeating: "k", count: 257), nil),
        ] as [(String, String?)])
    func aKeyIsLongEnoughToBeItsRequestsOwn(value: String, text: String?) {
        #expect(IdempotencyKey(value)?.text == text)
    }

    /// first:  claim x ── append (held) ──────────── stored
    /// second:              claim x: waits ────────────────── duplicate
    @Test func anEventThatIsSentAgainWhileItIsBeingStoredWaitsForThat() async throws {
        let log = HeldLog(MemoryLog(topics: ["a": 1]))
        let (intake, _) = try await intake(log)
        async let first = post(intake, event("x"))
        await log.arrived()
        async let second = post(intake, event("x"), event("y"))
        for _ in 0..<100 { await Task.yield() }
        log.release()
        await log.arrived()
        log.release()
        #expect(try await first == [.stored(appended(0))])
        #expect(try await second == [.duplicate(appended(0)), .stored(appended(1))])
    }

    /// As above, but the log stores nothing of the first: the second stores it then.
    @Test func anEventThatWasNotStoredIsStoredByWhoWaitedForIt() async throws {
        let memory = MemoryLog(topics: ["a": 1])
        memory.failAppends(1)
        let log = HeldLog(memory)
        let (intake, _) = try await intake(log)
        async let first = post(intake, event("x"))
        await log.arrived()
        async let second = post(intake, event("x"))
        for _ in 0..<100 { await Task.yield() }
        log.release()
        await log.arrived()
        log.release()
        #expect(try await first.contains { if case .refused = $0 { true } else { false } })
        #expect(try await second == [.stored(appended(0))])
    }

    @Test func manyWhoSendTheSameEventsInAnyOrderStoreEachOnce() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let (intake, _) = try await intake(log)
        let stored = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                let events = (0..<5).map { event("\(($0 * (number % 2 == 0 ? 1 : 4) + number) % 20)") }
                let body = Array(("[" + events.joined(separator: ",") + "]").utf8)
                group.addTask { try await intake.store(body).stored }
            }
            return try await group.reduce(0, +)
        }
        #expect(stored == 20)
        #expect(try await log.bounds(of: Self.partition).next == 20)
    }

    @Test func hastyEventsAreStoredOnceToo() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let (intake, _) = try await intake(log)
        _ = try await post(intake, event("x"))
        #expect(try await post(intake, event("x"), event("y"), isHasty: true) == [.accepted, .accepted])
        // What comes after it finds the hasty one stored, or waits for it.
        while try await log.bounds(of: Self.partition).next < 2 { await Task.yield() }
        #expect(try await post(intake, event("y")) == [.duplicate(appended(1))])
        #expect(try await log.bounds(of: Self.partition).next == 2)
    }

    @Test func untilTheLogWasReadEventsThatMayComeAgainAreNotTaken() async throws {
        let catalogue = try StreamCatalogue([PublicStream("a")])
        let recent = RecentEvents(RecentEventLimits())
        let intake = Intake(
            log: MemoryLog(topics: ["a": 1]), limits: IntakeLimits(), recent: recent, catalogue: { catalogue },
            now: { 1_795_255_200_123 })
        let fates = try await post(intake, event("x"))
        #expect(fates.allSatisfy { if case .refused(let error) = $0 { error.isTemporary } else { false } })
        #expect(try await post(intake, event(nil)) == [.stored(appended(0))])
        recent.becomeReady()
        #expect(try await post(intake, event("x")) == [.stored(appended(1))])
    }

    @Test func afterAStartAsMuchIsReadAsIsKnownAndNoMore() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let hour: Timestamp = 3_600_000
        for number in 0..<3000 { put(log, number, time: 0) }
        put(log, 3000, time: 24 * hour)
        // The last one is a day younger: of the others as many as are read whatever their time.
        #expect(try await intake(log).recent.use.events == 1000)
        for number in 3001..<5000 { put(log, number, time: 24 * hour + 60_000) }
        // One that came late is old by its own time, and so the window is that before it.
        put(log, 5000, time: hour)
        #expect(try await intake(log).recent.use.events == 2001)
        put(log, 5001, time: 24 * hour + 120_000)
        #expect(try await intake(log).recent.use.events == 2002)
        #expect(try await intake(log, limits: RecentEventLimits(bytes: 1)).recent.use.events == 1024)
    }

    private func put(_ log: MemoryLog, _ number: Int, time: Timestamp) {
        log.put(Self.partition, timestamp: time, value: Array(event("\(number)").utf8))
    }

    @Test func damagedRecordsAndALogThatDoesNotAnswerAtOnceKeepNoOthersFromBeingKnown() async throws {
        let log = MemoryLog(topics: ["a": 1])
        for number in 0..<10 { put(log, number, time: 0) }
        log.damage(Self.partition, 2..<5)
        log.failReads(2)
        let (intake, recent) = try await intake(log)
        #expect(recent.use.events == 7)
        #expect(try await post(intake, event("5"), event("1")) == [.duplicate(appended(5)), .duplicate(appended(1))])
    }

    @Test func aPartitionThatCannotBeReadIsTold() async throws {
        let log = MemoryLog(topics: ["a": 1])
        put(log, 1, time: 0)
        log.failReads(3)
        let told = Told()
        let (_, recent) = try await intake(log) { partition, _ in told.partitions.withLock { $0.append(partition) } }
        #expect(told.partitions.withLock { $0 } == [Self.partition])
        #expect(recent.isReady && recent.use.events == 0)
    }

    private final class Told: Sendable {
        let partitions = Mutex<[TopicPartition]>([])
    }
}
