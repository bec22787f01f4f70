import Glibc
import Testing

@testable import Reactor

/// Signals belong to a process: each of these runs in one of its own.
@Suite struct SignalsTests {
    @Test func aSignalArrivesAsAValue() async {
        await #expect(processExitsWith: .success) {
            var signals = try Signals.arriving([.terminate, .hangUp]).makeAsyncIterator()
            kill(getpid(), SIGTERM)
            #expect(await signals.next() == .terminate)
            kill(getpid(), SIGHUP)
            #expect(await signals.next() == .hangUp)
        }
    }

    @Test func theHandlersCanBeSetOnce() async {
        await #expect(processExitsWith: .success) {
            _ = try Signals.arriving([.terminate])
            #expect(throws: SystemError.self) { _ = try Signals.arriving([.terminate]) }
        }
    }

    @Test func writingToAPipeWithoutAReaderIsAnErrorAndNotTheEnd() async {
        await #expect(processExitsWith: .success) {
            try Signals.ignoreBrokenPipes()
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            Socket.close(ends[0])
            #expect(unsafe write(ends[1], "x", 1) == -1)
        }
    }
}
