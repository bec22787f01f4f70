import Status
import Testing

@testable import Status

@Suite struct StatusHistoryTests {
    private func minute(clients: Int = 0, sent: Int = 0, _ streams: [(String, Int, StreamState)] = [])
        -> StatusHistory.Minute
    {
        StatusHistory.Minute(
            figures: [.clients: clients, .sent: sent], streams: streams.map { (name: $0.0, events: $0.1, state: $0.2) })
    }

    @Test func aStepHasTheSumOfWhatIsCountedAndTheLargestOfWhatIsOfAMoment() {
        var history = StatusHistory()
        for (place, clients) in [3, 9, 4].enumerated() {
            history.append(Int64(100 + place), minute(clients: clients, sent: 10 + place))
        }
        #expect(history.figures(.sent, until: 102, step: 3).suffix(2) == [nil, 33])
        #expect(history.figures(.clients, until: 102, step: 3).suffix(2) == [nil, 9])
        #expect(history.figures(.sent, until: 102, step: 1).suffix(4) == [nil, 10, 11, 12])
        #expect(history.figures(.sent, until: 102, step: 1).count == 1440)
    }

    @Test func minutesThatNobodySawAreUnknownAndNotZero() {
        var history = StatusHistory()
        history.append(100, minute(sent: 1, [("a", 5, .fresh)]))
        history.append(103, minute(sent: 2, [("a", 6, .failing)]))
        #expect(history.figures(.sent, until: 104, step: 1).suffix(5) == [1, nil, nil, 2, nil])
        #expect(history.events(of: "a", until: 104, step: 1)?.suffix(5) == [5, nil, nil, 6, nil])
        #expect(history.states(of: "a", until: 103, step: 4)?.last == .failing)
        #expect(history.events(of: "b", until: 104, step: 1) == nil)
    }

    @Test func whatIsOlderThanADayIsForgotten() {
        var history = StatusHistory()
        history.append(100, minute(sent: 1))
        history.append(100 + 1440, minute(sent: 2))
        #expect(history.figures(.sent, until: 1540, step: 1).compactMap { $0 } == [2])
        history.append(1540 + 5000, minute(sent: 3))
        #expect(history.figures(.sent, until: 6540, step: 1).compactMap { $0 } == [3])
        #expect(history.figures(.sent, until: 1540, step: 1).compactMap { $0 } == [])
    }

    @Test func aClockThatGoesBackForgetsWhatItHadWrittenAhead() {
        var history = StatusHistory()
        history.append(100, minute(sent: 1))
        history.append(900, minute(sent: 2))
        history.append(101, minute(sent: 3))
        #expect(history.figures(.sent, until: 1000, step: 1).compactMap { $0 } == [1, 3])
    }

    @Test func aStreamBeyondTheLimitHasNoHistoryAndOneThatIsGoneLosesIts() {
        var history = StatusHistory()
        let names = (0...StatusHistory.mostStreams).map { "s\($0)" }
        history.append(1, minute(names.map { ($0, 1, .fresh) }))
        #expect(names.filter { history.events(of: $0, until: 1, step: 1) != nil }.count == StatusHistory.mostStreams)
        history.append(2, minute([("s0", 1, .fresh)]))
        #expect(names.filter { history.events(of: $0, until: 2, step: 1) != nil } == ["s0"])
    }

    @Test func aNumberThatIsTooLargeIsTheLargest() {
        var history = StatusHistory()
        history.append(1, minute(sent: .max))
        history.append(2, minute(sent: -5))
        #expect(history.figures(.sent, until: 2, step: 1).suffix(2) == [Int(UInt32.max) - 1, 0])
    }
}
