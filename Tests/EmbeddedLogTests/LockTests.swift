import EmbeddedLog
import EventLog
import Glibc
import TestSupport
import Testing

@Suite struct LockTests {
    @Test func aSecondOpenIsToldWhoHasTheDirectory() async throws {
        let directory = TemporaryDirectory()
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        await #expect(
            throws: LogError.invalid(
                "the log's directory \(directory.path) is in use by process \(getpid()); stop it, or name another directory"
            )
        ) {
            try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
        }
        await log.close()
        await (try EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))).close()
    }

    @Test func anotherProcessIsNamedAndItsDeathFreesTheDirectory() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path
        let child = try ChildProcess("log-writer", [path, "0"])
        #expect(try child.line() == "ready")
        await #expect(
            throws: LogError.invalid(
                "the log's directory \(path) is in use by process \(child.identifier); stop it, or name another directory"
            )
        ) {
            try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        }
        child.kill()
        await (try EmbeddedLog.open(EmbeddedLogOptions(test: path))).close()
    }

    @Test func missingDirectoriesAreMadeForTheOwnerAndGroup() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/a//b"
        await (try EmbeddedLog.open(EmbeddedLogOptions(test: path))).close()
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 & ~0o750 == 0)
    }

    @Test(arguments: ["", "/proc/nothing/here", "/dev/null", "/dev/null/log", "/etc/passwd"])
    func aPathThatCannotBeALogIsAnsweredWithASentence(path: String) async throws {
        do {
            _ = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
            Issue.record("\(path) was opened")
        } catch {
            guard case .invalid(let sentence) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(sentence.hasPrefix("the log's directory "))
        }
    }

    @Test func aLogThatIsDroppedWithoutClosingFreesTheDirectory() async throws {
        let directory = TemporaryDirectory()
        try await leave(directory.path)
        // The last references go with the threads' jobs; until then the directory is in use.
        for _ in 0..<10_000 {
            if let log = try? await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path)) {
                #expect(try await log.bounds(of: TopicPartition("a", 0)).next == 1)
                return await log.close()
            }
            await Task.yield()
        }
        Issue.record("the directory is still in use")
    }

    @Test func aLogThatWasClosedInTheMiddleOfWorkCanBeOpenedAtOnce() async throws {
        let directory = TemporaryDirectory()
        for _ in 0..<20 {
            let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
            try await log.createTopic("a", partitions: 1)
            try await log.fill("a", Array(repeating: [1], count: 3000))
            let work = [
                Task { try await log.truncate(TopicPartition("a", 0), before: .max) },
                Task { try await log.enforceRetention(now: .max) },
                Task { while true { try await log.fill("a", [[1]]) } },
            ]
            await Task.yield()
            await log.close()
            let again = try await EmbeddedLog.open(EmbeddedLogOptions(test: directory.path))
            _ = try await again.bounds(of: TopicPartition("a", 0))
            await again.close()
            for task in work { _ = await task.result }
        }
    }

    private func leave(_ path: String) async throws {
        let log = try await EmbeddedLog.open(EmbeddedLogOptions(test: path))
        try await log.createTopic("a", partitions: 1)
        try await log.fill("a", [[1]])
    }
}
