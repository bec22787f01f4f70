import Reactor
import Testing

@Suite struct SocketAddressNamesTests {
    @Test(arguments: ["127.0.0.1", "::1", "::", "0.0.0.0"])
    func anAddressAsTextStandsForItself(text: String) throws {
        #expect(try SocketAddress.addresses(of: text, port: 80) == [try #require(SocketAddress(text, port: 80))])
    }

    @Test func aNameStandsForAllItsAddressesEachOnce() throws {
        let found = try SocketAddress.addresses(of: "localhost", port: 80)
        #expect(found.contains(try #require(SocketAddress("127.0.0.1", port: 80))))
        #expect(Set(found).count == found.count)
    }

    @Test(arguments: ["", "not an ip", "a.invalid", "127.0.0.1:80", "[::1]", "x\u{0}y.invalid", "300.1.1.1"])
    func whatIsNoNameIsToldWithWhatToWrite(text: String) {
        #expect(throws: HostNameError.self) { try SocketAddress.addresses(of: text, port: 80) }
    }
}
