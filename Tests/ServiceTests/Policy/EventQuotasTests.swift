import Testing

@testable import Admission

@Suite struct EventQuotasTests {
    private func take(
        _ quotas: EventQuotas<String>, _ key: String = "a", events: Int = 1, bytes: Int = 1, now: Int64
    ) -> EventQuotas<String>.Refusal? {
        do throws(EventQuotas<String>.Refusal) {
            try quotas.take(key, events: events, bytes: bytes, now: now)
            return nil
        } catch { return error }
    }

    @Test func theAverageHoldsWhateverTheBatches() {
        let quotas = EventQuotas<String>(EventRate(events: 100))
        // Ten seconds' worth at once, then nothing until it is paid off.
        #expect(take(quotas, events: 3000, now: 0) == nil)
        #expect(take(quotas, now: 0) == .init(unit: .events, perSecond: 100, retryAfter: 21))
        #expect(take(quotas, now: 20_000) == .init(unit: .events, perSecond: 100, retryAfter: 1))
        #expect(take(quotas, now: 20_010) == nil)
        #expect(quotas.refused == 2)
        var taken = 0
        for second in 0..<100 {
            for _ in 0..<10 where take(quotas, events: 50, now: 30_000 + Int64(second) * 1000) == nil { taken += 50 }
        }
        #expect((100 * 100...100 * 100 + 1050).contains(taken))
    }

    @Test func bytesCountByThemselves() {
        let quotas = EventQuotas<String>(EventRate(bytes: 1000))
        #expect(take(quotas, events: 1_000_000, bytes: 15_000, now: 0) == nil)
        #expect(take(quotas, now: 0) == .init(unit: .bytes, perSecond: 1000, retryAfter: 6))
    }

    @Test func eachHasItsOwn() {
        let quotas = EventQuotas<String>(EventRate(events: 1))
        #expect(take(quotas, events: 100, now: 0) == nil && take(quotas, now: 0) != nil)
        #expect(take(quotas, "b", events: 100, now: 0) == nil)
    }

    @Test func whatIsFoundInARequestCountsLater() {
        let quotas = EventQuotas<String>(EventRate(events: 10))
        #expect(take(quotas, events: 0, now: 0) == nil)
        #expect(quotas.rest(of: "a", now: 0) == 100)
        quotas.add("a", events: 100, now: 0)
        #expect(quotas.rest(of: "a", now: 0) == 0 && take(quotas, events: 0, now: 0) != nil)
    }

    @Test func whoOwesNothingIsForgotten() {
        let quotas = EventQuotas<Int>(EventRate(events: 10))
        for address in 0..<1000 { try? quotas.take(address, events: 1, bytes: 1, now: 0) }
        try? quotas.take(0, events: 1000, bytes: 1, now: 20_000)
        #expect(quotas.known == 1)
    }

    @Test func noNumbersAreTooLarge() {
        let quotas = EventQuotas<String>(EventRate(events: 1_000_000_000, bytes: 1 << 40))
        #expect(take(quotas, events: 1_000_000, bytes: 1 << 30, now: 0) == nil)
        #expect(take(quotas, now: .max) == nil)
    }

    @Test func withoutARateNothingIsCounted() {
        let quotas = EventQuotas<String>(EventRate())
        #expect(take(quotas, events: .max, bytes: .max, now: 0) == nil && quotas.known == 0)
    }
}
