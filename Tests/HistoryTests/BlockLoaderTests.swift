internal import EventFormats
internal import EventLog
internal import EventLogTestKit
internal import Streaming
internal import Synchronization
internal import System
internal import Testing

@testable internal import History

/// A log that keeps its readers waiting until it is opened.
private final class GatedLog: ForwardingLog {
    let inner: MemoryLog
    let reads = Mutex(0)
    private let isOpen = Mutex(false)
    private let signal = ChangeSignal()

    init(_ inner: MemoryLog) { self.inner = inner }

    func open() {
        isOpen.withLock { $0 = true }
        signal.fire()
    }

    /// Returns once so many reads wait.
    func waitForReads(_ count: Int) async {
        while reads.withLock({ $0 }) < count { await Task.yield() }
    }

    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock {
        reads.withLock { $0 += 1 }
        while true {
            let epoch = signal.epoch
            if isOpen.withLock({ $0 }) { break }
            await signal.wait(since: epoch)
        }
        return try await inner.read(partition, from: offset, limit: limit)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct BlockLoaderTests {
    private func log(_ count: Int) -> MemoryLog {
        let log = MemoryLog(topics: ["t": 2])
        for offset in 0..<count { log.put(t0, timestamp: 1000 + Timestamp(offset), value: [UInt8(ascii: "e")]) }
        return log
    }

    private func block(_ result: BlockResult) throws -> Block {
        guard case .block(let block) = result else { throw Unexpected() }
        return block
    }

    private struct Unexpected: Error {}

    @Test func readersAtDifferentPlacesShareOneRead() async throws {
        let log = GatedLog(log(300))
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let results = await withTaskGroup(of: BlockResult.self) { group in
            for offset in 0..<100 { group.addTask { await loader.block(of: t0, at: Offset(offset)) } }
            await log.waitForReads(1)
            log.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(log.reads.withLock { $0 } == 1)
        for result in results { #expect(try block(result).range == 0..<256) }
        #expect(await loader.reads == 1)
    }

    @Test func blocksBeginAtMultiplesOfTheAlignment() async throws {
        let loader = BlockLoader(log: log(700), preparer: PlainPreparer())
        #expect(try block(await loader.block(of: t0, at: 300)).range == 256..<512)
        #expect(try block(await loader.block(of: t0, at: 511)).range == 256..<512)
        #expect(try block(await loader.block(of: t0, at: 512)).range == 512..<700)
        #expect(await loader.reads == 2)
    }

    @Test func aBlockAtTheEndIsGoneOnFromOnceThereIsMore() async throws {
        let log = log(10)
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        #expect(try block(await loader.block(of: t0, at: 3)).range == 0..<10)
        guard case .unavailable = await loader.block(of: t0, at: 10) else { throw Unexpected() }
        log.put(t0, timestamp: 2000, value: [UInt8(ascii: "e")])
        #expect(try block(await loader.block(of: t0, at: 10)).range == 10..<11)
    }

    @Test func whatIsKeptStaysWithinItsBound() async throws {
        let loader = BlockLoader(log: log(3_000), preparer: PlainPreparer(), maximumBytes: 40_000)
        for offset in stride(from: Offset(0), to: 3_000, by: 256) {
            let found = try block(await loader.block(of: t0, at: offset))
            #expect(found.range.contains(offset))
            #expect(await loader.bytes <= 40_000)
        }
        let reads = await loader.reads
        _ = await loader.block(of: t0, at: 2_999)
        #expect(await loader.reads == reads)
        _ = await loader.block(of: t0, at: 0)
        #expect(await loader.reads == reads + 1)
    }

    @Test func smallBlocksLeadToTheRecordAskedFor() async throws {
        let loader = BlockLoader(log: log(300), preparer: PlainPreparer(), blockBytes: 10)
        #expect(try block(await loader.block(of: t0, at: 45)).range.contains(45))
    }

    @Test func whatRetentionTookIsMissing() async throws {
        let log = log(600)
        log.truncate(t0, before: 300)
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        guard case .missing(300, .retention, _) = await loader.block(of: t0, at: 20) else {
            throw Unexpected()
        }
        #expect(try block(await loader.block(of: t0, at: 300)).range.lowerBound == 300)
        #expect(try block(await loader.block(of: t0, at: 301)).range.contains(301))
    }

    @Test func aPositionBeyondTheEndIsOfATopicMadeAnew() async throws {
        let loader = BlockLoader(log: log(10), preparer: PlainPreparer())
        // Near the end, and so far off that the block itself begins beyond it.
        for offset in [11, 500] as [Offset] {
            _ = await loader.block(of: t0, at: 0)
            #expect(await loader.bytes > 0)
            guard case .missing(0, .topicRecreated, _) = await loader.block(of: t0, at: offset) else {
                throw Unexpected()
            }
            // What was read before may be of the old one.
            #expect(await loader.bytes == 0)
        }
        guard case .missing(.max, .topicUnavailable, _) = await loader.block(of: TopicPartition("z", 0), at: 5) else {
            throw Unexpected()
        }
    }

    @Test(arguments: [Offset.min, -1, .max, .max - 256]) func noOffsetIsATrap(offset: Offset) async {
        let loader = BlockLoader(log: log(10), preparer: PlainPreparer())
        if case .block = await loader.block(of: t0, at: offset) { Issue.record("a block of nothing") }
    }

    @Test func damageIsMissingAndWhatIsAroundItIsNot() async throws {
        let log = log(100)
        log.damage(t0, 0..<3)
        log.damage(t0, 40..<50)
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        guard case .missing(3, .unreadable, _) = await loader.block(of: t0, at: 0) else { throw Unexpected() }
        guard case .missing(50, .unreadable, _) = await loader.block(of: t0, at: 44) else {
            throw Unexpected()
        }
        for offset in [3, 39, 50, 99] as [Offset] {
            #expect(try block(await loader.block(of: t0, at: offset)).range.contains(offset))
        }
    }

    /// One asks for damaged records while another asks for good ones before them, whose block begins with damage too:
    ///
    ///     damage 0..<3, good 3..<40, damage 40..<50
    ///     A asks for 44: reads from 0, goes around the damage
    ///     B asks for 20: joins A's read, and must not be told that 20 is damaged
    @Test func whoJoinsAReadIsNotToldOfAnothersDamage() async throws {
        let inner = log(100)
        inner.damage(t0, 0..<3)
        inner.damage(t0, 40..<50)
        let log = GatedLog(inner)
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let damaged = Task { await loader.block(of: t0, at: 44) }
        await log.waitForReads(1)
        let good = (0..<10).map { _ in Task { await loader.block(of: t0, at: 20) } }
        for _ in 0..<1_000 { await Task.yield() }
        log.open()
        guard case .missing(50, .unreadable, _) = await damaged.value else { throw Unexpected() }
        for task in good { #expect(try block(await task.value).range.contains(20)) }
    }

    @Test func aFailureIsNotKept() async throws {
        let log = log(10)
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        log.failReads(1)
        guard case .unavailable = await loader.block(of: t0, at: 0) else { throw Unexpected() }
        #expect(try block(await loader.block(of: t0, at: 0)).range == 0..<10)
    }

    @Test func aTopicMadeAnewWhileItWasReadIsNotMixedWithTheOldOne() async throws {
        let log = GatedLog(log(10))
        let loader = BlockLoader(log: log, preparer: PlainPreparer())
        let reading = Task { await loader.block(of: t0, at: 0) }
        await log.waitForReads(1)
        await loader.forget("t")
        log.open()
        guard case .unavailable = await reading.value else { throw Unexpected() }
        #expect(await loader.bytes == 0)
        _ = await loader.block(of: t0, at: 0)
        #expect(await loader.bytes > 0)
        await loader.forget("t")
        #expect(await loader.bytes == 0)
    }
}
