import EventLog
import EventLogTestKit
import HTTPClient
import Server
import Synchronization
import Testing

/// Once told to hesitate it holds back where offsets are until it is told to answer, and counts how often it is asked.
private final class HesitantLog: EventLog {
    let inner: MemoryLog
    private let state = Mutex<(count: Int, waiting: [CheckedContinuation<Void, Never>]?)>((0, nil))

    init(_ inner: MemoryLog) { self.inner = inner }

    var count: Int { state.withLock { $0.count } }

    func hesitate() { state.withLock { $0 = (0, []) } }

    func answer() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    func position(in partition: TopicPartition, at offset: Offset) async throws(LogError) -> Position {
        await withCheckedContinuation { continuation in
            let isAnswered = state.withLock { state in
                state.count += 1
                state.waiting?.append(continuation)
                return state.waiting == nil
            }
            if isAnswered { continuation.resume() }
        }
        return try await inner.position(in: partition, at: offset)
    }

    var maximumRecordBytes: Int { inner.maximumRecordBytes }
    func topics() async throws(LogError) -> [String: Int32] { try await inner.topics() }
    func createTopic(_ name: String, partitions: Int32) async throws(LogError) {
        try await inner.createTopic(name, partitions: partitions)
    }
    func bounds(of partition: TopicPartition) async throws(LogError) -> PartitionBounds {
        try await inner.bounds(of: partition)
    }
    func read(
        _ partition: TopicPartition, from offset: Offset, limit: ReadLimit
    ) async throws(LogError) -> RecordBlock { try await inner.read(partition, from: offset, limit: limit) }
    func position(in partition: TopicPartition, atOrAfter time: Timestamp) async throws(LogError) -> Position {
        try await inner.position(in: partition, atOrAfter: time)
    }
    func append(_ records: [NewRecord]) async -> [Result<Appended, LogError>] { await inner.append(records) }
    func follow(_ starts: [TopicPartition: Offset]) async throws(LogError) -> any LogFollower {
        try await inner.follow(starts)
    }
    func close() async { await inner.close() }
}

@Suite(.serialized) struct SharedLookupTests {
    /// A service that has many events, of which the oldest are not in memory.
    private func start() async throws -> (LiveService, HesitantLog) {
        let memory = MemoryLog(topics: [LiveService.topic.topic: 1, "dc.other": 1])
        for number in 0..<3_000 {
            memory.put(
                LiveService.topic, timestamp: Timestamp(number),
                value: Array(#"{"number":\#(number),"meta":{"stream":"pages"}}"#.utf8))
        }
        let log = HesitantLog(memory)
        return (try await LiveService.start(log: memory, served: log), log)
    }

    /// Both topics, as an id of the server has them.
    private static func id(_ offset: Int) -> String {
        #"[{"topic":"dc.other","partition":0,"offset":0},"#
            + #"{"topic":"dc.pages","partition":0,"offset":\#(offset),"timestamp":\#(offset - 1)}]"#
    }

    /// Opens a stream for each id, and has the log answer when all have asked.
    private func open(_ ids: [String], _ live: LiveService, _ log: HesitantLog) async throws -> [LiveStream] {
        log.hesitate()
        let before = await live.service.numbers().requests
        return try await withThrowingTaskGroup(of: (Int, HTTPBodyStream).self) { group in
            for (index, id) in ids.enumerated() {
                group.addTask { (index, try await live.open("/v2/stream/pages,other", id: id).body) }
            }
            while await live.service.numbers().requests < before + ids.count { try Task.checkCancellation() }
            log.answer()
            let bodies = try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
            return bodies.map { LiveStream($0.1) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func clientsWithTheSameIDShareALookup() async throws {
        let (live, log) = try await start()
        let streams = try await open(Array(repeating: Self.id(10), count: 100), live, log)
        #expect(log.count == 1)
        for stream in streams { #expect(try await stream.numbers(5) == Array(10..<15)) }
        await live.stop()
    }

    @Test(.timeLimit(.minutes(1))) func clientsWithDifferentIDsStartWhereTheirsSay() async throws {
        let (live, log) = try await start()
        let offsets = (0..<30).map { 10 + $0 % 3 }
        let streams = try await open(offsets.map(Self.id), live, log)
        #expect(log.count == 3)
        for (offset, stream) in zip(offsets, streams) {
            #expect(try await stream.numbers(2) == [Int64(offset), Int64(offset) + 1])
        }
        await live.stop()
    }

    @Test(.timeLimit(.minutes(1))) func aStreamWhoseStartIsLookedUpEndsAsAllOthersDo() async throws {
        let (live, log) = try await start()
        log.hesitate()
        async let opened = live.open("/v2/stream/pages,other", id: Self.id(10))
        while log.count == 0 { try Task.checkCancellation() }
        await live.stop()
        let stream = try await opened
        #expect(try await stream.retry() >= 1_000)
        await #expect(throws: LiveStream.Ended.self) { try await stream.next() }
        log.answer()
    }

    @Test(.timeLimit(.minutes(1))) func aLookupThatFailsIsToldToAllWhoShareIt() async throws {
        let (live, _) = try await start()
        live.log.failReads(10_000)
        let cursor = #"[{"topic":"dc.pages","partition":0,"offset":10,"timestamp":9}]"#
        let target = "/v2/stream/pages?cursor=" + cursor.replacing("\"", with: "%22")
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await live.get(target).head.status } }
            for try await status in group { #expect(status == 503) }
        }
        // None of them counts as a client any more.
        #expect(await live.service.numbers().clients.values.allSatisfy { $0 == 0 })
        await live.stop()
    }
}
