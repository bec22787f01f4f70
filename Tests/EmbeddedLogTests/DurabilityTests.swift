import EmbeddedLog
import Glibc
import TestSupport
import Testing

/// A power failure can't be had in a test, but its remedy can be seen: the system calls of a log with one appender are
///
///     pwrite64(wal) … fdatasync(wal) … write(stdout, "acknowledged")
@Suite struct DurabilityTests {
    @Test(.enabled(if: Tracer.isAvailable, "needs strace"))
    func everyAcknowledgementComesAfterItsBytesWereSynced() async throws {
        let trace = try await Tracer.trace(acknowledgements: 60, durability: "full")
        #expect(trace.acknowledged == 60)
        #expect(trace.acknowledgedBeforeSync == 0)
    }

    @Test(.enabled(if: Tracer.isAvailable, "needs strace"))
    func normalDurabilityDoesNotWaitForTheDisk() async throws {
        // Also shows that the test above can fail.
        let trace = try await Tracer.trace(acknowledgements: 60, durability: "normal")
        #expect(trace.acknowledgedBeforeSync > 50)
    }
}

private enum Tracer {
    struct Trace {
        var acknowledged = 0
        /// With bytes in the write-ahead log that were not synced.
        var acknowledgedBeforeSync = 0
    }

    private static let program = "/usr/bin/strace"

    /// It is installed, and the system lets it trace.
    static var isAvailable: Bool {
        guard unsafe access(program, X_OK) == 0,
            let child = try? ChildProcess(program, ["-qq", "-o", "/dev/null", "/bin/true"])
        else { return false }
        return child.wait() == 0
    }

    static func trace(acknowledgements: Int, durability: String) async throws -> Trace {
        let directory = TemporaryDirectory()
        let path = directory.path
        let lines = try await onThread {
            // Its own output goes into the pipe too, in the order of the calls.
            let child = try ChildProcess(
                "/bin/sh",
                [
                    "-c", "exec 2>&1; exec \(program) -f -y -s 8 -e trace=write,pwrite64,fdatasync,fsync \"$@\"", "sh",
                    try ChildProcess.product("log-writer"), path + "/log", "0", "appenders=1",
                    "durability=\(durability)",
                ])
            var lines: [String] = []
            var acknowledged = 0
            while acknowledged < acknowledgements, let line = try child.line() {
                lines.append(line)
                if isAcknowledgement(line) { acknowledged += 1 }
            }
            return lines
        }
        var trace = Trace()
        var isUnsynced = false
        for line in lines {
            if line.contains("-wal>") {
                if line.contains("pwrite64(") { isUnsynced = true }
                if line.contains("sync(") { isUnsynced = false }
            } else if isAcknowledgement(line) {
                trace.acknowledged += 1
                if isUnsynced { trace.acknowledgedBeforeSync += 1 }
            }
        }
        return trace
    }

    /// The call that writes a line of an acknowledgement: `write(1<pipe…>, "a 2 17 0"..., 15)`.
    private static func isAcknowledgement(_ line: String) -> Bool {
        line.contains("write(1<") && !line.contains("ready")
    }
}
