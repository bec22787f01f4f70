import HTTP
import Testing

@testable import HTTPServer

@Suite struct HandshakeGateTests {
    private func limits(_ perSecond: Int?, _ perAddress: Int?) -> HandshakeLimits {
        var limits = HandshakeLimits()
        (limits.perSecond, limits.perSecondPerAddress) = (perSecond, perAddress)
        return limits
    }

    @Test func anAddressHasABurstOfTenSecondsAndThenItsRate() {
        let gate = HandshakeGate(limits(nil, 2), now: 0)
        let (one, other) = (AddressKey(v4: 1), AddressKey(v4: 2))
        #expect((0..<21).map { _ in gate.admit(one, now: 0) } == Array(repeating: .begins, count: 20) + [.refused])
        #expect(gate.admit(other, now: 0) == .begins)
        #expect(gate.admit(one, now: 500) == .begins && gate.admit(one, now: 500) == .refused)
    }

    @Test func whatIsOverTheRateOfAllWaitsAndCostsItsAddressNothing() {
        let gate = HandshakeGate(limits(1, 1), now: 0)
        let one = AddressKey(v4: 1)
        #expect(gate.admit(one, now: 0) == .begins)
        for now in Int64(0)..<999 { #expect(gate.admit(one, now: now) == .waits) }
        #expect(gate.admit(one, now: 1_000) == .begins)
    }

    @Test func whoIsRefusedTakesNothingFromOthers() {
        let gate = HandshakeGate(limits(12, 1), now: 0)
        for _ in 0..<1_000 { _ = gate.admit(AddressKey(v4: 1), now: 0) }
        #expect(gate.admit(AddressKey(v4: 2), now: 0) == .begins)
    }

    @Test func whoeverIsNotCountedHasTheRateOfAllAlone() {
        let gate = HandshakeGate(limits(nil, 1), now: 0)
        for _ in 0..<100 { #expect(gate.admit(nil, now: 0) == .begins) }
    }

    @Test func addressesThatOweNothingAreForgotten() {
        let gate = HandshakeGate(limits(nil, 1), now: 0)
        for address in 1...100 { _ = gate.admit(AddressKey(v4: UInt32(address)), now: 0) }
        #expect(gate.addresses == 100)
        _ = gate.admit(AddressKey(v4: 1), now: 20_000)
        #expect(gate.addresses == 1)
    }
}
