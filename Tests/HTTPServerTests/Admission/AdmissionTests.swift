import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// Who may connect, told without a socket.
@Suite struct AdmissionTests {
    private func limits(_ adjust: (inout ListenerLimits) -> Void) -> ListenerLimits {
        var limits = ListenerLimits()
        adjust(&limits)
        return limits
    }

    private let one = AddressKey(v4: 0xC000_0201)
    private let other = AddressKey(v4: 0xC000_0202)

    @Test func aListenerTakesAsManyAsItsLimitAndGivesEachPlaceAgain() {
        let admission = Admission(limits { $0.connections = 2 })
        #expect(admission.admit(one, now: 0) == .admitted)
        #expect(admission.admit(other, now: 0) == .admitted)
        #expect(admission.admit(one, now: 0) == .refused(.tooManyConnections))
        #expect(admission.connections == 2)
        admission.giveBack(.init(peer: one, isRefused: true))
        admission.giveBack(.init(peer: other, isRefused: false))
        #expect(admission.admit(one, now: 0) == .admitted)
    }

    @Test func oneAddressCanNotTakeWhatIsOthers() {
        let admission = Admission(limits { $0.connectionsPerAddress = 2 })
        for _ in 0..<2 { #expect(admission.admit(one, now: 0) == .admitted) }
        #expect(admission.admit(one, now: 0) == .refused(.addressHasTooMany))
        #expect(admission.admit(other, now: 0) == .admitted)
        // A peer that speaks for many is not counted by address.
        for _ in 0..<5 { #expect(admission.admit(nil, now: 0) == .admitted) }
    }

    @Test func anAddressHasABurstAndThenItsRate() {
        let admission = Admission(limits { $0.newPerSecondPerAddress = 2 })
        let burst = 2 * ListenerLimits.rateSeconds
        for _ in 0..<burst { #expect(admission.admit(one, now: 1_000) == .admitted) }
        #expect(admission.admit(one, now: 1_000) == .refused(.addressTooFast))
        #expect(admission.admit(other, now: 1_000) == .admitted)
        #expect(admission.admit(one, now: 1_499) == .refused(.addressTooFast))
        #expect(admission.admit(one, now: 1_500) == .admitted)
        #expect(admission.admit(one, now: 1_500) == .refused(.addressTooFast))
    }

    @Test func refusalsAreLimitedTooAndFewForOneAddress() {
        let admission = Admission(
            limits {
                $0.connections = 0
                $0.refusals = 3
                $0.refusalsPerAddress = 2
            })
        for _ in 0..<2 { #expect(admission.admit(one, now: 0) == .refused(.tooManyConnections)) }
        #expect(admission.admit(one, now: 0) == .dropped)
        #expect(admission.admit(other, now: 0) == .refused(.tooManyConnections))
        #expect(admission.admit(other, now: 0) == .dropped)
        admission.giveBack(.init(peer: one, isRefused: true))
        #expect(admission.admit(other, now: 0) == .refused(.tooManyConnections))
    }

    @Test func addressesThatAreGoneAreForgotten() {
        let admission = Admission(limits { $0.newPerSecondPerAddress = 1 })
        for number in 0..<1000 {
            let key = AddressKey(v4: UInt32(number))
            #expect(admission.admit(key, now: 0) == .admitted)
            admission.giveBack(.init(peer: key, isRefused: false))
        }
        #expect(admission.admit(one, now: 20_000) == .admitted)
        #expect(admission.addresses == 1)
    }

    @Test func ipv6CountsByItsNetworkAndIPv4ByItsAddress() throws {
        func key(_ text: String) throws -> AddressKey { AddressKey(try #require(SocketAddress(text, port: 1))) }
        #expect(try key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"))
        #expect(try key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
        #expect(try key("192.0.2.1") != key("192.0.2.2"))
        #expect(try key("192.0.2.1") == AddressKey(try #require(IPAddress("192.0.2.1"))))
        #expect(try key("2001:db8:1:2::1") == AddressKey(try #require(IPAddress("2001:db8:1:2::7"))))
        #expect(try key("2001:db8:1:2::1").description == "2001:db8:1:2::/64")
        #expect(try key("192.0.2.1").description == "192.0.2.1")
    }

    @Test func aTenthOfThePlacesIsToBeFreeOfIdleConnections() {
        let admission = Admission(limits { $0.connections = 20 })
        for _ in 0..<18 { _ = admission.admit(nil, now: 0) }
        #expect(admission.excess == 0)
        _ = admission.admit(nil, now: 0)
        #expect(admission.excess == 1)
    }

    @Test func smallListenersKeepTheirDescriptorsWhateverALargeOneWants() {
        #expect(DescriptorPlan(limit: 30_000, kept: 300, wanted: [20_000, 1_000, 100]).shares == [20_000, 1_000, 100])
        #expect(DescriptorPlan(limit: 20_000, kept: 300, wanted: [20_000, 1_000, 100]).shares == [18_600, 1_000, 100])
        #expect(DescriptorPlan(limit: 200, kept: 66, wanted: [20_000, 1_000, 100]).shares == [45, 45, 44])
        #expect(DescriptorPlan(limit: 0, kept: 66, wanted: [5, 5]).shares == [1, 1])
        // Warned of is only what somebody has asked for.
        #expect(!DescriptorPlan(limit: 200, kept: 66, wanted: [20_000, 1_000]).isShort(beyond: [20_000, 1_000]))
        #expect(DescriptorPlan(limit: 20_000, kept: 300, wanted: [20_001, 1_000]).isShort(beyond: [20_000, 1_000]))
        #expect(!DescriptorPlan(limit: 90_000, kept: 300, wanted: [30_000, 1_000]).isShort(beyond: [20_000, 1_000]))
    }
}
