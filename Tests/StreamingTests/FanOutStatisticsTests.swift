import EventFormats
import Testing

@testable import Streaming

@Suite struct FanOutStatisticsTests {
    @Test func everyNumberOfTheLoopsIsAdded() {
        let members = Mirror(reflecting: FanOutStatistics()).children
        #expect(members.count { $0.value is Int } == Set(FanOutStatistics.numbers).count)
        #expect(members.count == FanOutStatistics.numbers.count + 2, "and two counts by reason")
        var one = FanOutStatistics()
        for (value, number) in FanOutStatistics.numbers.enumerated() { one[keyPath: number] = value + 1 }
        one.gaps = [.retention: 1, .slow: 2]
        one.evictions = [.stalled: 3]
        let both = one + one
        for number in FanOutStatistics.numbers { #expect(both[keyPath: number] == 2 * one[keyPath: number]) }
        #expect(both.gaps == [.retention: 2, .slow: 4])
        #expect(both.evictions == [.stalled: 6])
    }
}
