import Admission
import Endpoints
import HTTP
import JSON
import Testing

@Suite struct ConnectionLimitsTests {
    private func key(_ number: UInt32) -> AddressKey { AddressKey(IPAddress(v4: number)) }

    private func lease(_ limits: ConnectionLimits, _ number: UInt32) -> ConnectionLimits.Lease? {
        try? limits.acquire(key(number)).get().lease
    }

    @Test func anAddressHasItsLimitAndOthersHaveTheirs() throws {
        let limits = ConnectionLimits(total: 10, perAddress: 2)
        let held = [lease(limits, 1), lease(limits, 1), lease(limits, 2)]
        #expect(held.allSatisfy { $0 != nil })
        #expect(throws: ConnectionLimits.Refusal.address(limit: 2, use: 2)) { try limits.acquire(key(1)).get() }
        let use = limits.use
        #expect(use.connections == 3 && use.addresses == 2 && use.refusedTotal == 0 && use.refusedAddress == 1)
    }

    @Test func theTotalHolds() {
        let limits = ConnectionLimits(total: 2)
        let held = [lease(limits, 1), lease(limits, 2)]
        #expect(throws: ConnectionLimits.Refusal.total(limit: 2, use: 2)) { try limits.acquire(key(3)).get() }
        #expect(held.count == 2 && limits.use.refusedTotal == 1)
    }

    @Test func whatIsGivenBackCanBeHadAgain() throws {
        let limits = ConnectionLimits(perAddress: 1)
        let held = try limits.acquire(key(1)).get().lease
        #expect(lease(limits, 1) == nil)
        limits.giveBack(held)
        #expect(limits.use.connections == 0 && limits.use.addresses == 0)
        #expect(lease(limits, 1) != nil)
    }

    @Test func refusingTakesNothing() {
        let limits = ConnectionLimits(total: 1, perAddress: 1)
        let held = lease(limits, 1)
        for _ in 0..<100 { #expect(lease(limits, 1) == nil) }
        if let held { limits.giveBack(held) }
        #expect(limits.use.connections == 0 && limits.use.addresses == 0)
    }

    @Test func aLimitOfItsOwnHoldsForOneAndWhatIsUsedOfItIsTold() throws {
        let limits = ConnectionLimits(total: 10, perAddress: 1)
        let known = AddressKey(name: "tools/patrolbot")
        #expect(try limits.acquire(known, limit: 2).get().use == 1)
        let second = try limits.acquire(known, limit: 2).get()
        #expect(second.use == 2 && second.limit == 2)
        #expect(throws: ConnectionLimits.Refusal.address(limit: 2, use: 2)) {
            try limits.acquire(known, limit: 2).get()
        }
        #expect(try limits.acquire(key(7), limit: nil).get().limit == nil)
        #expect(try limits.acquire(key(7), limit: nil).get().use == 2)
    }

    @Test func noMoreThanTheLimitIsEverHeldByManyThreads() async {
        let limits = ConnectionLimits(total: 50, perAddress: 20)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var held: [ConnectionLimits.Lease] = []
                    for turn in 0..<2000 {
                        if let lease = self.lease(limits, UInt32(turn % 3)) { held.append(lease) }
                        if held.count > task { limits.giveBack(held.removeFirst()) }
                        #expect(limits.use.connections <= 50)
                    }
                    for lease in held { limits.giveBack(lease) }
                }
            }
        }
        #expect(limits.use.connections == 0 && limits.use.addresses == 0)
    }

    @Test func aRefusalIsAProblemWithLimitAndUse() {
        let own = Problem(ConnectionLimits.Refusal.address(limit: 2, use: 2), retryAfter: 7)
        #expect(own.status == 429 && own.retryAfter == 7)
        #expect(own.members == [.init("limit", 2), .init("use", 2)])
        #expect(Problem(ConnectionLimits.Refusal.total(limit: 2, use: 2), retryAfter: 7).type == .overloaded)
    }
}
