import Synchronization
import TestSupport
import Testing

@testable import TLS

@Suite struct TLSTicketTests {
    private final class Clock: Sendable {
        let now = Atomic<Int64>(0)
    }

    @Test func aKeyIsReplacedInTimeAndTheOneBeforeItStillTaken() throws {
        let clock = Clock()
        let keys = TLSTicketKeys(lifetime: 1_000) { clock.now.load(ordering: .relaxed) }
        let first = keys.newest
        clock.now.store(999, ordering: .relaxed)
        #expect(keys.newest.name == first.name)
        clock.now.store(1_000, ordering: .relaxed)
        let second = keys.newest
        #expect(second.name != first.name && second.cipher != first.cipher && second.mac != first.mac)
        #expect(keys.key(named: first.name)?.isNewest == false && keys.key(named: second.name)?.isNewest == true)
        clock.now.store(2_000, ordering: .relaxed)
        #expect(keys.key(named: first.name) == nil)
        #expect(keys.key(named: second.name)?.isNewest == false)
        #expect(keys.key(named: [UInt8](repeating: 0, count: 16)) == nil)
    }

    @Test func aClientComesBackWithATicketOverReloadsAndUntilItsKeyIsGone() throws {
        let clock = Clock()
        let keys = TLSTicketKeys(lifetime: 1_000_000) { clock.now.load(ordering: .relaxed) }
        let first = try TLSPair(try TLSPair.context(keys: keys))
        first.settle()
        #expect(first.server.facts?.isResumed == false)
        let ticket = try #require(first.client.takeTicket())
        // Another context, as after a reload.
        for (time, isResumed) in [(0, true), (1_500_000, true), (2_500_000, false)] {
            clock.now.store(Int64(time), ordering: .relaxed)
            let pair = try TLSPair(try TLSPair.context(keys: keys), ticket: ticket)
            pair.settle()
            #expect(pair.server.facts?.isResumed == isResumed, "\(time)")
        }
    }
}
