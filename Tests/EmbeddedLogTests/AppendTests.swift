import EmbeddedLog
import EventLog
import Synchronization
import System
import TestSupport
import Testing

@Suite struct AppendTests {
    private let partition = TopicPartition("a", 0)

    @Test func appendsThatWaitShareACommit() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(EmbeddedLogOptions(directory: directory.path, clock: .stopped))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let record = NewRecord(topic: "a", timestamp: Timestamp(number), value: [1])
                    #expect(await log.append([record]).allSatisfy { (try? $0.get()) != nil })
                }
            }
        }
        let statistics = await log.statistics()
        #expect(statistics.appendedRecords == 200)
        // How many is up to the disk and the scheduler, but while one waits for the disk others arrive.
        #expect(statistics.commits < 200)
        #expect(statistics.waitingBytes == 0)
        await log.close()
    }

    @Test func anAppendGoesBackToItsCallersThreadWithNoOtherOneBetween() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(EmbeddedLogOptions(test: directory.path))
        let shared = CountingExecutor()
        let caller = try Caller(log)
        let between = await Task(executorPreference: shared) { await caller.append(counting: shared) }.value
        #expect(between == 0)
        await log.close()
    }

    @Test func aLargeCallIsStoredInSeveralCommits() async throws {
        let directory = TemporaryDirectory()
        var options = EmbeddedLogOptions(test: directory.path)
        options.maximumCommitRecords = 7
        options.maximumCommitBytes = 1000
        let log = try await open(options)
        let byCount = try await log.fill("a", Array(repeating: [1], count: 70))
        #expect(byCount.map(\.offset) == Array(0..<70))
        #expect(await log.statistics().commits == 10)
        // Two of 400 bytes fit into one commit, three don't; one that is larger than the limit has a commit of its own.
        let sizes = [400, 400, 400, 400, 5000, 400]
        let bySize = try await log.fill("a", sizes.map { [UInt8](repeating: 1, count: $0) })
        #expect(bySize.map(\.offset) == Array(70..<76))
        #expect(await log.statistics().commits == 14)
        await log.close()
    }

    @Test func commitsThatEndInTheMiddleOfATurnStillUseAllPartitions() async throws {
        let directory = TemporaryDirectory()
        var options = EmbeddedLogOptions(test: directory.path)
        options.maximumCommitRecords = 2
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 3)
        try await log.fill("a", Array(repeating: [1], count: 30))
        #expect(await log.statistics().partitions.values.map(\.records) == [10, 10, 10])
        await log.close()
    }

    @Test func appendsPastTheWaitingBytesAreRefusedAndMemoryStaysBounded() async throws {
        let directory = TemporaryDirectory()
        var options = EmbeddedLogOptions(directory: directory.path, clock: .stopped)
        options.maximumWaitingBytes = 10_000
        let log = try await open(options)
        let value = [UInt8](repeating: 1, count: 4000)
        let results = await withTaskGroup(of: Result<Appended, LogError>.self) { group in
            for _ in 0..<200 {
                group.addTask { await log.append([NewRecord(topic: "a", timestamp: 1, value: value)])[0] }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let stored = results.compactMap { try? $0.get() }
        let refused = results.compactMap { result -> LogError? in
            if case .failure(let error) = result { error } else { nil }
        }
        #expect(!stored.isEmpty && !refused.isEmpty)
        #expect(refused.allSatisfy { $0.isTransient && $0.description.contains("wait for the disk") })
        #expect(stored.map(\.offset).sorted() == Array(0..<Offset(stored.count)))
        #expect(try await log.bounds(of: partition).next == Offset(stored.count))
        // A call larger than the limit is taken when nothing else waits; the limit is of what waits behind others.
        #expect(try await log.fill("a", Array(repeating: value, count: 5)).count == 5)
        await log.close()
    }

    @Test func whatWasAdmittedBeforeClosingIsStoredAndAnswered() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(EmbeddedLogOptions(test: directory.path))
        let calls = (0..<50).map { number in
            Task { await log.append([NewRecord(topic: "a", timestamp: Timestamp(number), value: [UInt8(number)])])[0] }
        }
        await log.close()
        var stored: [Offset: UInt8] = [:]
        for (number, call) in calls.enumerated() {
            switch await call.value {
            case .success(let place): stored[place.offset] = UInt8(number)
            case .failure(let error): #expect(error == .closed)
            }
        }
        let again = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        let block = try await again.read(partition, from: 0, limit: ReadLimit())
        #expect(Dictionary(uniqueKeysWithValues: block.records.map { ($0.offset, $0.value[0]) }) == stored)
        await again.close()
    }

    @Test func optionsThatNoLogCanBeKeptWithAreNamed() async throws {
        let directory = TemporaryDirectory()
        for (name, change) in [
            ("maximumRecordBytes", { $0.maximumRecordBytes = 0 }), ("readers", { $0.readers = .max }),
            ("maximumWaitingBytes", { $0.maximumWaitingBytes = -1 }),
            ("minimumFreeBytes", { $0.minimumFreeBytes = -1 }),
            ("maximumCommitRecords", { $0.maximumCommitRecords = 0 }),
            ("maximumCommitBytes", { $0.maximumCommitBytes = .min }),
            ("maximumFileBytes", { $0.maximumFileBytes = 0 }), ("retentionInterval", { $0.retentionInterval = .zero }),
        ] as [(String, (inout EmbeddedLogOptions) -> Void)] {
            var options = EmbeddedLogOptions(test: directory.path)
            change(&options)
            do {
                await (try EmbeddedLog.open(options)).close()
                Issue.record("\(name) was taken")
            } catch {
                #expect("\(error)".hasPrefix("\(name) is "))
            }
        }
    }

    @Test func readersFollowersAppendsAndRetentionAgreeUnderLoad() async throws {
        let directory = TemporaryDirectory()
        var options = EmbeddedLogOptions(test: directory.path)
        options.maximumCommitRecords = 30
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 2)
        let total = 3000
        let followers = (0..<3).map { _ in Task { try await follow(log, total) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for call in 0..<total / 40 {
                        let records = (0..<10).map { number in
                            let time = Timestamp(call * 10 + number)
                            return NewRecord(
                                topic: "a", timestamp: time, value: value(Record(offset: 0, timestamp: time, value: []))
                            )
                        }
                        for result in await log.append(records) { _ = try result.get() }
                    }
                }
            }
            group.addTask {
                for offset in stride(from: Offset(50), to: 1200, by: 50) {
                    try await log.truncate(partition, before: offset)
                }
            }
            try await group.waitForAll()
        }
        for follower in followers { #expect(try await follower.value == total) }
        await log.close()
    }

    /// Follows until so many records were given or passed over; gives that number.
    private func follow(_ log: EmbeddedLog, _ total: Int) async throws -> Int {
        let follower = try await log.follow([partition: 0, TopicPartition("a", 1): 0])
        var next: [TopicPartition: Offset] = [:]
        var count = 0
        while count < total {
            do throws(LogError) {
                for followed in try await follower.next() {
                    for record in followed.records {
                        #expect(record.offset == next[followed.topicPartition, default: 0])
                        #expect(record.value == value(record))
                        next[followed.topicPartition] = record.offset + 1
                        count += 1
                    }
                }
            } catch {
                // Removed before it was read.
                guard case .offsetOutOfRange(let partition, let bounds) = error else { throw error }
                count += Int(bounds.first - next[partition, default: 0])
                next[partition] = bounds.first
            }
        }
        return count
    }

    private func value(_ record: Record) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: record.timestamp), count: Int(record.timestamp % 300))
    }

    private func open(_ options: EmbeddedLogOptions) async throws -> EmbeddedLog {
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        return log
    }
}

/// One that appends on a thread of its own, as an event loop does.
private actor Caller {
    private let thread: BlockingThread
    private let log: EmbeddedLog
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(_ log: EmbeddedLog) throws {
        thread = try BlockingThread()
        self.log = log
    }

    /// How many jobs an append gives to the executor.
    func append(counting executor: CountingExecutor) async -> Int {
        let before = executor.jobs
        _ = await log.append([NewRecord(topic: "a", timestamp: 1, value: [1])])
        return executor.jobs - before
    }
}

/// In the place of the threads that all tasks share.
private final class CountingExecutor: TaskExecutor {
    private let count = Atomic(0)
    var jobs: Int { count.load(ordering: .relaxed) }

    func enqueue(_ job: consuming ExecutorJob) {
        count.add(1, ordering: .relaxed)
        globalConcurrentExecutor.enqueue(job)
    }
}
