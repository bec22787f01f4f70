import EventLog
import TestSupport
import Testing

@testable import EmbeddedLog

/// A clock that is set wrong must not make all records look old.
@Suite struct ClockTests {
    private static let day: Int64 = 86_400_000
    /// 2026-11-27T00:00:00Z.
    private static let today: Timestamp = 1_795_737_600_000

    private func open(
        _ path: String, _ clock: TestClock, _ notices: Notices = Notices()
    ) async throws -> EmbeddedLog {
        var options = EmbeddedLogOptions(test: path)
        options.clock = clock.logClock
        options.retention = Retention(maximumAge: 7 * 86_400)
        options.report = { notices.add($0) }
        let log = try await EmbeddedLog.open(options)
        try await log.createTopic("a", partitions: 1)
        return log
    }

    private func kept(_ log: EmbeddedLog) async -> Int64 { await log.statistics().records }

    @Test func aClockThatJumpsAheadRemovesNothingAndComesBack() async throws {
        let directory = TemporaryDirectory()
        let clock = TestClock(now: Self.today)
        let notices = Notices()
        let log = try await open(directory.path, clock, notices)
        try await log.fill("a", [[1], [2]], from: Self.today)
        await clock.pass(1000, jump: 30 * Self.day)
        for _ in 0..<3 { await clock.pass(60_000) }
        #expect(await kept(log) == 2)
        #expect(await log.statistics().clockDistance == 30 * Self.day)
        #expect(notices.all.count == 1 && notices.all[0].severity == .warning)
        #expect(notices.all[0].text.contains("2592000 seconds ahead"))
        #expect(notices.all[0].text.contains("for 86400 seconds"))
        await clock.pass(1000, jump: -30 * Self.day)
        #expect(notices.all.last?.severity == .notice)
        #expect(await log.statistics().clockDistance == 0)
        // Retention goes on by the right time.
        await clock.pass(8 * Self.day)
        #expect(await kept(log) == 0)
        await log.close()
    }

    @Test func aClockThatStaysAheadIsBelievedAfterADay() async throws {
        let directory = TemporaryDirectory()
        let clock = TestClock(now: Self.today)
        let notices = Notices()
        let log = try await open(directory.path, clock, notices)
        try await log.fill("a", [[1]], from: Self.today)
        await clock.pass(60_000, jump: 30 * Self.day)
        await clock.pass(Self.day - 120_000)
        #expect(await kept(log) == 1)
        await clock.pass(120_000)
        #expect(await kept(log) == 0)
        #expect(notices.all.map(\.severity) == [.warning, .warning])
        await log.close()
    }

    @Test func aClockThatIsWrongAtTheStartRemovesNothingEither() async throws {
        let directory = TemporaryDirectory()
        let first = try await open(directory.path, TestClock(now: Self.today))
        try await first.fill("a", [[1]], from: Self.today)
        await first.close()
        let notices = Notices()
        let clock = TestClock(now: Self.today + 30 * Self.day)
        let again = try await open(directory.path, clock, notices)
        #expect(notices.all.count == 1)
        await clock.pass(61_000)
        #expect(await kept(again) == 1)
        await again.close()
    }

    @Test func retentionGoesOnByTheSteadyClockMeanwhile() {
        var watch = ClockWatch(at: .init(now: 1_000_000, steady: 0), wait: 1_000_000, last: nil)
        #expect(watch.look(.init(now: 1_010_000, steady: 10_000)) == (1_010_000, nil))
        // Set ahead, and set back to 1970: the earlier of the two times counts.
        #expect(
            watch.look(.init(now: 9_000_000, steady: 20_000)) == (1_020_000, .jumped(by: 7_980_000, wait: 1_000_000)))
        #expect(watch.look(.init(now: 9_500_000, steady: 520_000)) == (1_520_000, nil))
        #expect(watch.look(.init(now: 0, steady: 530_000)) == (0, nil))
        #expect(watch.look(.init(now: 1_540_000, steady: 540_000)) == (1_540_000, .returned))
        // Small steps are a time server's.
        #expect(watch.look(.init(now: 1_600_000, steady: 541_000)) == (1_600_000, nil))
    }

    @Test func theLastMomentOfTheRunBeforeIsBelievedOverTheClock() {
        // The system ran on: the steady clock tells how long the log was closed.
        var watch = ClockWatch(
            at: .init(now: 99_000_000, steady: 2_000), wait: 1_000, last: (now: 1_000_000, steady: 1_000))
        #expect(watch.look(.init(now: 99_000_000, steady: 2_000)) == (1_001_000, .jumped(by: 97_999_000, wait: 1_000)))
        // It was started anew: less than a day may be true.
        var quick = ClockWatch(at: .init(now: 5_000_000, steady: 7), wait: 1_000, last: (now: 1_000_000, steady: nil))
        #expect(quick.look(.init(now: 5_000_000, steady: 7)) == (5_000_000, nil))
        // It began in 1970, until a time server is asked.
        var dead = ClockWatch(at: .init(now: 0, steady: 7), wait: 100_000, last: (now: 1_000_000, steady: nil))
        #expect(dead.look(.init(now: 0, steady: 7)) == (0, .jumped(by: -1_000_000, wait: 100_000)))
        #expect(dead.look(.init(now: 1_003_000, steady: 1_007)) == (1_003_000, .returned))
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max]) func noTimeTraps(time: Int64) {
        for last in [Int64.min, 0, .max] {
            var watch = ClockWatch(at: .init(now: time, steady: time), wait: .max, last: (last, last))
            for other in [Int64.min, 0, .max] { _ = watch.look(.init(now: other, steady: time)) }
            for other in [Int64.min, 0, .max] { _ = watch.look(.init(now: time, steady: other)) }
        }
    }
}

private func == (a: (now: Timestamp, change: ClockWatch.Change?), b: (Timestamp, ClockWatch.Change?)) -> Bool {
    a.now == b.0 && a.change == b.1
}
