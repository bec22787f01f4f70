import Synchronization
import Telemetry
import Testing

@Suite struct LineRateTests {
    @Test func soManyLinesASecondPassAndTheNextOneSaysHowManyWereLeftOut() {
        let time = Mutex<Int64>(5_000)
        let rate = LineRate(perSecond: 2, now: { time.withLock { $0 } })
        #expect([rate.take(), rate.take(), rate.take(), rate.take()] == [0, 0, nil, nil])
        time.withLock { $0 = 5_999 }
        #expect(rate.take() == nil)
        time.withLock { $0 = 6_000 }
        #expect([rate.take(), rate.take(), rate.take()] == [3, 0, nil])
        #expect(rate.leftOut == 4)
        // A clock that goes back stops nothing.
        time.withLock { $0 = 1_000 }
        #expect(rate.take() == 1)
    }
}
