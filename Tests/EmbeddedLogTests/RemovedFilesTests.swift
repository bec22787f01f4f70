import EmbeddedLog
import EventLog
import Glibc
import TestSupport
import Testing

/// What happens when the log's files go away under it: whatever is appended then would be gone with the process.
@Suite struct RemovedFilesTests {
    private func open(_ path: String, _ clock: TestClock, _ notices: Notices) async throws -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: path)
        options.clock = clock.logClock
        options.report = { notices.add($0) }
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        try await log.fill("a", [[1]])
        return log
    }

    @Test(arguments: ["log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "ledger", "lock"])
    func anAppendAfterAFileWasRemovedIsRefusedAndItIsReported(name: String) async throws {
        let directory = TemporaryDirectory()
        let notices = Notices()
        let log = try await open(directory.path, TestClock(), notices)
        #expect(log.failure == nil)
        #expect(unsafe unlink("\(directory.path)/\(name)") == 0)
        let result = await log.append([NewRecord(topic: "a", timestamp: 1, value: [2])])[0]
        guard case .failure(let error) = result else {
            Issue.record("an append into a removed file was acknowledged")
            return
        }
        #expect(error.isTransient && error.description.contains("\(directory.path)/\(name) was removed"))
        #expect(log.failure == error)
        #expect(notices.errors == [error.description])
        await #expect(throws: LogError.self) { try await log.createTopic("b", partitions: 1) }
        await log.close()
    }

    @Test func anAppendAfterAFileWasReplacedIsRefused() async throws {
        let directory = TemporaryDirectory()
        let log = try await open(directory.path, TestClock(), Notices())
        try File.write([], "\(directory.path)/other")
        #expect(unsafe rename("\(directory.path)/other", "\(directory.path)/log.sqlite-wal") == 0)
        let error = await #expect(throws: LogError.self) { try await log.fill("a", [[2]]) }
        #expect(error?.description.contains("log.sqlite-wal was replaced") == true)
        await log.close()
    }

    @Test func anAppendAfterTheDirectoryWasMovedAwayIsRefusedAtOnce() async throws {
        let parent = TemporaryDirectory()
        let (path, elsewhere) = ("\(parent.path)/log", "\(parent.path)/elsewhere")
        let notices = Notices()
        let log = try await open(path, TestClock(), notices)
        #expect(unsafe rename(path, elsewhere) == 0)
        for _ in 0..<2 {
            let error = await #expect(throws: LogError.self) { try await log.fill("a", [[2]]) }
            #expect(error?.description.contains("removed or moved away") == true)
        }
        #expect(log.failure != nil)
        #expect(unsafe rename(elsewhere, path) == 0)
        try await log.fill("a", [[3]])
        #expect(notices.all.map(\.severity) == [.error, .notice])
        // One that is back before anybody appends was never away.
        #expect(unsafe rename(path, elsewhere) == 0 && rename(elsewhere, path) == 0)
        try await log.fill("a", [[4]])
        #expect(notices.all.count == 2)
        await log.close()
    }

    @Test func aDirectoryThatWasMovedAwayIsNoticedWithinASecondAndItsReturnToo() async throws {
        let parent = TemporaryDirectory()
        let (path, elsewhere) = ("\(parent.path)/log", "\(parent.path)/elsewhere")
        let clock = TestClock()
        let notices = Notices()
        let log = try await open(path, clock, notices)
        #expect(unsafe rename(path, elsewhere) == 0)
        // Nobody appends.
        await clock.pass(1000)
        let failure = try #require(log.failure)
        #expect(failure.description.contains("removed or moved away"))
        // In its place somebody makes another.
        #expect(unsafe mkdir(path, 0o700) == 0)
        for name in ["log.sqlite", "log.sqlite-wal", "ledger"] { try File.write([], "\(path)/\(name)") }
        await clock.pass(1000)
        await #expect(throws: LogError.self) { try await log.fill("a", [[2]]) }
        for name in ["log.sqlite", "log.sqlite-wal", "ledger"] { #expect(unsafe unlink("\(path)/\(name)") == 0) }
        #expect(unsafe rmdir(path) == 0)
        #expect(unsafe rename(elsewhere, path) == 0)
        await clock.pass(1000)
        #expect(log.failure == nil)
        try await log.fill("a", [[3]])
        #expect(notices.all.map(\.severity) == [.error, .notice])
        await log.close()
        let again = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        #expect(try await again.bounds(of: TopicPartition("a", 0)).next == 2)
        await again.close()
    }

    @Test(.enabled(if: SmallFileSystem.isAvailable, "needs the right to mount a file system"))
    func aFileSystemThatWasTakenAwayIsNoticed() async throws {
        let disk = try SmallFileSystem(megabytes: 8)
        let clock = TestClock()
        let log = try await open(disk.path, clock, Notices())
        disk.unmount()
        await clock.pass(1000)
        #expect(log.failure != nil)
        await #expect(throws: LogError.self) { try await log.fill("a", [[2]]) }
        await log.close()
    }
}
