import Glibc
import Synchronization
import Testing

@testable import Reactor

/// An actor that lives on a loop and notes what the loop tells it.
private actor Resident: EventLoopClient {
    nonisolated let loop: EventLoop
    nonisolated let woken = AsyncStream.makeStream(of: WakeReasons.self)
    nonisolated let ticks = AsyncStream.makeStream(of: Int64.self)
    nonisolated let events = AsyncStream.makeStream(of: SlabKey.self)
    nonisolated let needsTick = Atomic<Bool>(false)
    nonisolated let turns = Atomic<Int>(0)
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    var count = 0

    init() throws { loop = try EventLoop(name: "test") }

    nonisolated func ready(_ events: ReadyEvents, now: Int64) {
        for index in 0..<events.count { self.events.continuation.yield(events[index].key) }
    }
    nonisolated func woken(_ reasons: WakeReasons) { woken.continuation.yield(reasons) }
    nonisolated func tick(now: Int64) { ticks.continuation.yield(now) }
    nonisolated func endTurn(now: Int64) -> TurnOutcome {
        turns.wrappingAdd(1, ordering: .relaxed)
        return TurnOutcome(hasMoreWork: false, needsTick: needsTick.load(ordering: .relaxed))
    }

    func increment() -> UInt {
        count += 1
        return UInt(pthread_self())
    }
    func wakeTwice() {
        loop.wake(WakeReasons(rawValue: 1))
        loop.wake(WakeReasons(rawValue: 4))
    }
    func watch(_ descriptor: Int32, _ key: SlabKey) throws {
        try loop.register(descriptor, key: key, for: [.readable, .edgeTriggered])
    }
}

/// Wakes its loop while many descriptors are ready, and notes how often it is told of descriptors until it is told of that.
private actor Crowd: EventLoopClient {
    nonisolated let loop: EventLoop
    nonisolated let waits = AsyncStream.makeStream(of: Int.self)
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private var descriptors: [Int32] = []
    private var calls = 0
    private var hasWoken = false

    init() throws { loop = try EventLoop(name: "crowd") }

    nonisolated func ready(_ events: ReadyEvents, now: Int64) { assumeIsolated { $0.takeEvents() } }
    nonisolated func woken(_ reasons: WakeReasons) { assumeIsolated { $0.finish() } }
    nonisolated func tick(now: Int64) {}
    nonisolated func endTurn(now: Int64) -> TurnOutcome { TurnOutcome(hasMoreWork: false, needsTick: false) }

    private func takeEvents() {
        calls += 1
        guard !hasWoken else { return }
        hasWoken = true
        calls = 0
        loop.wake(WakeReasons(rawValue: 1))
    }

    private func finish() {
        waits.continuation.yield(calls)
        for descriptor in descriptors { Socket.close(descriptor) }
        descriptors = []
    }

    /// Each is ready at once, and stays so.
    func watch(_ count: Int) throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        #expect(unsafe write(ends[1], "x", 1) == 1)
        descriptors = ends
        for _ in 0..<count {
            let descriptor = dup(ends[0])
            descriptors.append(descriptor)
            try loop.register(descriptor, key: SlabKey(index: 1, generation: 1), for: .readable)
        }
    }
}

/// Many patient descriptors that are ready, and one that is not patient and becomes ready while the first of them are told.
private actor Queue: EventLoopClient {
    nonisolated let loop: EventLoop
    /// How many patient ones were told before the other.
    nonisolated let told = AsyncStream.makeStream(of: Int.self)
    /// Which were told at all, when all were.
    nonisolated let all = AsyncStream.makeStream(of: Set<UInt32>.self)
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
    private var descriptors: [Int32] = []
    private var seen: Set<UInt32> = []
    private var isRinging = false

    init() throws { loop = try EventLoop(name: "queue") }

    nonisolated func ready(_ events: ReadyEvents, now: Int64) {
        let keys = (0..<events.count).map { events[$0].key.index }
        assumeIsolated { $0.take(keys) }
    }
    nonisolated func woken(_ reasons: WakeReasons) {}
    nonisolated func tick(now: Int64) {}
    nonisolated func endTurn(now: Int64) -> TurnOutcome { TurnOutcome(hasMoreWork: false, needsTick: false) }

    private func take(_ keys: [UInt32]) {
        if !isRinging, let bell = descriptors.first {
            isRinging = true
            #expect(unsafe write(bell, "x", 1) == 1)
        }
        for key in keys {
            if key == 0 { told.continuation.yield(seen.count) }
            seen.insert(key)
        }
        if seen.count == descriptors.count - 3 { all.continuation.yield(seen) }
    }

    /// All are edge-triggered: each is told once.
    func watch(_ count: Int) throws {
        var bell: [Int32] = [0, 0]
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&bell) == 0 && pipe(&ends) == 0)
        #expect(unsafe write(ends[1], "x", 1) == 1)
        descriptors = [bell[1], bell[0], ends[0], ends[1]]
        try loop.register(bell[0], key: SlabKey(index: 0, generation: 1), for: .readable)
        for number in 1...count {
            let descriptor = dup(ends[0])
            descriptors.append(descriptor)
            let key = SlabKey(index: UInt32(number), generation: 1)
            try loop.register(descriptor, key: key, for: [.readable, .edgeTriggered], isPatient: true)
        }
    }

    func close() {
        for descriptor in descriptors { Socket.close(descriptor) }
        descriptors = []
    }
}

@Suite struct EventLoopTests {
    private func with(_ body: (Resident) async throws -> Void) async throws {
        let resident = try Resident()
        try resident.loop.start(resident)
        do {
            try await body(resident)
        } catch {
            await resident.loop.stop()
            throw error
        }
        await resident.loop.stop()
    }

    @Test func everyJobOfAnActorRunsOnTheLoopsThread() async throws {
        try await with { resident in
            let threads = await withTaskGroup(of: UInt.self) { group in
                for _ in 0..<1000 { group.addTask { await resident.increment() } }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(threads.count == 1)
            #expect(threads.first != UInt(pthread_self()))
            #expect(await resident.count == 1000)
        }
    }

    @Test func isolationIsAQuestionOfTheThread() async throws {
        try await with { resident in #expect(resident.loop.isIsolatingCurrentContext() == false) }
    }

    @Test func wakesOfOneTurnComeAsOneWithAllTheirReasons() async throws {
        try await with { resident in
            await resident.wakeTwice()
            var reasons = resident.woken.stream.makeAsyncIterator()
            #expect(await reasons.next() == WakeReasons(rawValue: 5))
        }
    }

    /// Each comes about when the loop falls asleep.
    @Test(.timeLimit(.minutes(2))) func noWakeAndNoJobIsLostWhereTheLoopFallsAsleep() async throws {
        try await with { resident in
            var reasons = resident.woken.stream.makeAsyncIterator()
            for number in 1...10_000 {
                resident.loop.wake(WakeReasons(rawValue: 2))
                #expect(await reasons.next() == WakeReasons(rawValue: 2))
                _ = await resident.increment()
                #expect(await resident.count == number)
            }
        }
    }

    @Test func aWakeDoesNotWaitForDescriptorsThatWereReadyBefore() async throws {
        let crowd = try Crowd()
        try crowd.loop.start(crowd)
        do {
            try await crowd.watch(3 * EventLoop.eventsPerTurn)
            var waits = crowd.waits.stream.makeAsyncIterator()
            // It is told in the turn in which it was made, or in the next.
            #expect(try #require(await waits.next()) <= 1)
        } catch {
            await crowd.loop.stop()
            throw error
        }
        await crowd.loop.stop()
    }

    @Test func patientDescriptorsWaitForOthersAndAreAllTold() async throws {
        let queue = try Queue()
        let count = 10 * EventLoop.patientEventsPerTurn
        try queue.loop.start(queue)
        try await queue.watch(count)
        var told = queue.told.stream.makeAsyncIterator()
        // Those of the turn in which it became ready, and of the next.
        #expect(try #require(await told.next()) <= 2 * EventLoop.patientEventsPerTurn)
        var all = queue.all.stream.makeAsyncIterator()
        #expect(await all.next() == Set(0...UInt32(count)))
        await queue.close()
        await queue.loop.stop()
    }

    @Test func aLoopThatWaitsForNothingDoesNotTurn() async throws {
        try await with { resident in
            _ = await resident.increment()
            var ticks = resident.ticks.stream.makeAsyncIterator()
            resident.needsTick.store(true, ordering: .relaxed)
            _ = await resident.increment()
            let first = try #require(await ticks.next())
            let second = try #require(await ticks.next())
            #expect(second - first >= EventLoop.tickMilliseconds)
            resident.needsTick.store(false, ordering: .relaxed)
            // The turn of this job is the last one that may have been due already. Each later one is a job's.
            _ = await resident.increment()
            let turns = resident.turns.load(ordering: .relaxed)
            for _ in 0..<100 { _ = await resident.increment() }
            #expect(resident.turns.load(ordering: .relaxed) - turns <= 101)
        }
    }

    @Test func aReadyDescriptorBringsItsKey() async throws {
        try await with { resident in
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            let key = SlabKey(index: 7, generation: 9)
            try await resident.watch(ends[0], key)
            #expect(unsafe write(ends[1], "x", 1) == 1)
            var events = resident.events.stream.makeAsyncIterator()
            #expect(await events.next() == key)
            for end in ends { Socket.close(end) }
        }
    }

    @Test func aJobAfterTheStopIsStillRunAndAlone() async throws {
        let resident = try Resident()
        try resident.loop.start(resident)
        await resident.loop.stop()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 { group.addTask { _ = await resident.increment() } }
        }
        #expect(await resident.count == 1000)
    }

    @Test func aThreadThatRanALateJobIsNotTheLoopsAfterwards() async throws {
        let resident = try Resident()
        try resident.loop.start(resident)
        await resident.loop.stop()
        for _ in 0..<100 {
            _ = await resident.increment()
            #expect(resident.loop.isIsolatingCurrentContext() == false)
        }
    }

    @Test func aLoopThatStopsLetsGoOfItsClient() async throws {
        weak var gone: Resident?
        do {
            let resident = try Resident()
            gone = resident
            try resident.loop.start(resident)
            await resident.loop.stop()
        }
        #expect(gone == nil)
    }
}
