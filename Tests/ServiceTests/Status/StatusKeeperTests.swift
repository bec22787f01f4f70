import Status
import Testing

@Suite struct StatusKeeperTests {
    static let limits = FreshnessLimits(fresh: 60_000, canary: 300_000)
    /// A minute's beginning.
    static let noon: Int64 = 1_790_510_400_000

    private func state(_ stream: StatusReading.Stream, isLogReadable: Bool = true, canary: Int64 = 300_000)
        -> StreamState
    {
        StreamState(
            stream, isLogReadable: isLogReadable, limits: FreshnessLimits(fresh: 60_000, canary: canary), now: Self.noon
        )
    }

    @Test func aStreamIsAsItsNewestEventAndItsCanarySay() {
        let (now, old) = (Self.noon - 60_000, Self.noon - 60_001)
        #expect(state(.init("a", newest: now)) == .fresh)
        #expect(state(.init("a", newest: old)) == .quiet)
        #expect(state(.init("a")) == .empty)
        #expect(state(.init("a", newest: now, isReadable: false)) == .unavailable)
        #expect(state(.init("a", newest: now), isLogReadable: false) == .unavailable)
        #expect(state(.init("a", newest: now, canary: .init(seen: now, isHealthy: false))) == .failing)
        let long = Self.noon - 300_001
        #expect(state(.init("a", newest: long, canary: .init(seen: long, isHealthy: true))) == .stale)
        #expect(state(.init("a", newest: old, canary: .init(seen: long, isHealthy: true))) == .quiet)
        #expect(state(.init("a", newest: long, canary: .init(seen: long, isHealthy: true)), canary: 0) == .quiet)
    }

    @Test func aMinuteIsTakenDownWhenItIsOver() {
        var keeper = StatusKeeper(limits: Self.limits, now: Self.noon)
        func reading(_ events: Int, sent: Int, clients: Int) -> StatusReading {
            StatusReading(
                streams: [.init("a", events: events, newest: Self.noon)], figures: [.sent: sent, .clients: clients])
        }
        keeper.take(reading(10, sent: 100, clients: 1), at: Self.noon)
        keeper.take(reading(15, sent: 150, clients: 2), at: Self.noon + 59_999)
        let minute = StatusKeeper.minute(Self.noon)
        #expect(keeper.history.figures(.sent, until: minute, step: 1).last == .some(nil))
        keeper.take(reading(17, sent: 170, clients: 3), at: Self.noon + 60_000)
        keeper.take(reading(18, sent: 171, clients: 1), at: Self.noon + 120_000)
        #expect(keeper.history.figures(.sent, until: minute + 1, step: 1).suffix(2) == [70, 1])
        #expect(keeper.history.figures(.clients, until: minute + 1, step: 1).suffix(2) == [3, 1])
        #expect(keeper.history.events(of: "a", until: minute + 1, step: 1)?.suffix(2) == [7, 1])
    }

    @Test func troubleIsToldWhenItBeginsAndOnceWhenItIsOver() {
        var keeper = StatusKeeper(limits: Self.limits, now: Self.noon)
        func take(_ healthy: Bool, readable: Bool = true, log: Bool = true, after seconds: Int64) {
            let now = Self.noon + seconds * 1000
            let stream = StatusReading.Stream(
                "a", newest: now, canary: .init(seen: now, isHealthy: healthy), isReadable: readable)
            keeper.take(StatusReading(streams: [stream], isLogReadable: log), at: now)
        }
        take(true, after: 0)
        take(false, after: 1)
        take(false, after: 2)
        take(false, readable: false, after: 3)
        take(true, after: 31)
        take(true, log: false, after: 32)
        take(true, after: 33)
        #expect(keeper.incidents.map(\.kind) == [.started, .streamFailing, .streamUnavailable, .streamWell])
        #expect(keeper.incidents.last?.text == "a is well again, after 30 s.")
    }

    @Test func aStartTellsWhetherTheLastOneEndedInOrder() {
        var keeper = StatusKeeper(limits: Self.limits, now: Self.noon)
        #expect(keeper.incidents.map(\.text) == ["The server was started."])
        keeper.take(StatusReading(streams: []), at: Self.noon)
        let running = StatusKeeper(
            limits: Self.limits, file: keeper.file(hasEnded: false, now: Self.noon), now: Self.noon + 90_000)
        #expect(running.incidents.map(\.kind) == [.started, .restarted])
        #expect(
            running.incidents.last?.text == "The server was started again, 90 s after it had last been seen running.")
        let stopped = StatusKeeper(
            limits: Self.limits, file: keeper.file(hasEnded: true, now: Self.noon), now: Self.noon + 600_000)
        #expect(stopped.incidents.last?.text == "The server was started, after it had been stopped for 10 min.")
    }

    @Test func incidentsAreBoundedAndTheNewestStay() {
        var keeper = StatusKeeper(limits: Self.limits, now: Self.noon)
        for number in 0..<1000 { keeper.add(Incident(.recordsLost, of: "t/0", number: Int64(number), at: Self.noon)) }
        #expect(keeper.incidents.count == StatusKeeper.mostIncidents && keeper.incidents.last?.number == 999)
    }

    @Test func whatAClockThatWasAheadWroteIsNoHistory() {
        var ahead = StatusKeeper(limits: Self.limits, now: Self.noon + 86_400_000)
        for minute: Int64 in 0...3 {
            ahead.take(StatusReading(streams: [], figures: [:]), at: Self.noon + 86_400_000 + minute * 60_000)
        }
        let file = ahead.file(hasEnded: true, now: Self.noon + 86_600_000)
        let keeper = StatusKeeper(limits: Self.limits, file: file, now: Self.noon)
        #expect(
            keeper.incidents.map(\.text) == ["The server was started, after it had been stopped for 0 s."]
                || keeper.incidents.count == 1)
        let known = keeper.history.figures(.sent, until: StatusKeeper.minute(Self.noon) + 1445, step: 1)
        #expect(known.allSatisfy { $0 == nil })
    }
}
