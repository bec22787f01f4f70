import EmbeddedLog
import EventLog
import Glibc
import TestSupport
import Testing

/// No room on the disk: appends are refused, nothing is stored by halves, reading goes on, and room brings appends back.
@Suite struct RoomTests {
    private let partition = TopicPartition("a", 0)

    @Test func aLimitOnTheFileStopsAppendsUntilRetentionMakesRoom() async throws {
        let directory = TemporaryDirectory()
        var options = EmbeddedLogOptions(test: directory.path)
        options.maximumFileBytes = 1 << 20
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        let stored = try await fillUp(log)
        #expect(stored > 100)
        try await log.truncate(partition, before: Offset(stored / 2))
        #expect(try await log.fill("a", [value]).map(\.offset) == [Offset(stored)])
        // The freed pages are used again: the file stays as large as it was.
        for _ in 0..<20 {
            let next = try await log.bounds(of: partition).next
            try await log.truncate(partition, before: next - 50)
            try await log.fill("a", Array(repeating: value, count: 50))
        }
        #expect(await log.statistics().fileBytes <= 1 << 20)
        await log.close()
    }

    @Test(.enabled(if: SmallFileSystem.isAvailable, "needs the right to mount a file system"))
    func aFullDiskStopsAppendsUntilThereIsRoom() async throws {
        let disk = try SmallFileSystem(megabytes: 6)
        let path = disk.path
        try File.write([UInt8](repeating: 0, count: 3 << 20), path + "/ballast")
        // No reserve: the very last byte is used.
        let options = EmbeddedLogOptions(directory: path + "/log", minimumFreeBytes: 0, clock: .stopped)
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        let stored = try await fillUp(log)
        #expect(stored > 100)
        #expect(unsafe unlink(path + "/ballast") == 0)
        #expect(try await log.fill("a", Array(repeating: value, count: 100)).count == 100)
        try await expectWhole(log, count: stored + 100)
        await log.close()
        let again = try await EmbeddedLog.open(options)
        try await expectWhole(again, count: stored + 100)
        await again.close()
    }

    @Test(.enabled(if: SmallFileSystem.isAvailable, "needs the right to mount a file system"))
    func theReserveLetsRetentionFreeAFullDisk() async throws {
        let disk = try SmallFileSystem(megabytes: 10)
        let log = try await EmbeddedLog.open(
            EmbeddedLogOptions(directory: disk.path + "/log", minimumFreeBytes: 4 << 20, clock: .stopped))
        try await log.createTopic("a", partitions: 1)
        let stored = try await fillUp(log)
        for round in 1...5 {
            await log.setRetention(Retention(maximumBytes: stored * value.count / 2))
            try await log.enforceRetention(now: 0)
            #expect(await log.statistics().freeBytes > 4 << 20, "round \(round)")
            #expect(try await log.fill("a", Array(repeating: value, count: stored / 4)).count == stored / 4)
        }
        await log.close()
    }

    @Test func aLimitOnTheSizeOfFilesIsNoRoomEither() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        let lines = try await onThread {
            let child = try ChildProcess("log-writer", [path, "0", "files=\(1 << 20)"])
            var lines: [String] = []
            while let line = try child.line() { lines.append(line) }
            #expect(child.wait() == 3)
            return lines
        }
        #expect(lines.contains { $0.hasPrefix("failed: failure") && $0.contains("there is no room") })
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        #expect(await log.statistics().records >= lines.count { !$0.hasPrefix("failed") && $0 != "ready" })
        await log.close()
    }

    private let value = [UInt8](repeating: 7, count: 2000)

    /// Appends until there is no room; gives the number stored.
    private func fillUp(_ log: EmbeddedLog) async throws -> Int {
        var stored = 0
        while true {
            let results = await log.append(
                Array(repeating: NewRecord(topic: "a", timestamp: 1, value: value), count: 10))
            if case .failure(let error) = results[0] {
                guard case .full = error else { throw error }
                #expect(results == Array(repeating: results[0], count: 10))
                #expect(error.isTransient)
                try await expectWhole(log, count: stored)
                return stored
            }
            stored += try results.map { try $0.get() }.count
        }
    }

    private func expectWhole(_ log: EmbeddedLog, count: Int) async throws {
        #expect(try await log.bounds(of: partition).next == Offset(count))
        var offset: Offset = 0
        while offset < count {
            let block = try await log.read(partition, from: offset, limit: ReadLimit())
            #expect(block.records.allSatisfy { $0.value == value })
            offset = block.next
        }
    }
}

/// A file system in memory of a few megabytes.
struct SmallFileSystem: ~Copyable {
    let directory = TemporaryDirectory()
    var path: String { directory.path }

    static var isAvailable: Bool {
        (try? SmallFileSystem(megabytes: 1)) != nil
    }

    init(megabytes: Int) throws {
        let options = "size=\(megabytes)m"
        let result = unsafe options.withCString { unsafe mount("tmpfs", directory.path, "tmpfs", 0, $0) }
        guard result == 0 else { throw ChildError("mount", errno) }
    }

    /// Takes it away. What is open lives on.
    func unmount() {
        unsafe umount2(directory.path, Int32(MNT_DETACH))
    }

    deinit {
        // Lazily: a log that was not closed must not keep it.
        unsafe umount2(directory.path, Int32(MNT_DETACH))
    }
}
