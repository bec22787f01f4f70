import HTTP
import System
import TestSupport
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"),
        ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1::", "1::"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:0201", "192.0.2.1"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("0:0:1::", "0:0:1::"), ("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ])
    func readsAndWritesAddresses(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(address.description) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1.2.3.+4",
        "0x1.2.3.4", "1..2.3",
        ".1.2.3.4", "1.2.3.4.", "localhost", ":", ":::", "1:", ":1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1::2::3", "::1::",
        "12345::", "g::", "1:2:3:4:5:6:7::8", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "fe80::1%eth0", "[::1]", "::-1",
        "::+1", "1.2.3.4/32",
        "١.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::ffff:01.2.3.4",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func everyAddressIsReadBack() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<5000 {
            let groups = (0..<8).map { _ in
                Bool.random(using: &generator) ? 0 : UInt16.random(in: 0 ... .max, using: &generator)
            }
            let text = groups.map { String($0, radix: 16) }.joined(separator: ":")
            let address = IPAddress(text)
            #expect(address != nil && address.flatMap { IPAddress($0.description) } == address, "\(text)")
        }
        for _ in 0..<20_000 { _ = IPAddress(generator.text(of: ["1", ":", "::", ".", "f", "255", "0"], upTo: 16)) }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("0.0.0.0/0", "1.2.3.4", true), ("0.0.0.0/0", "::1", false), ("::/0", "1.2.3.4", true),
        ("2001:db8::/33", "2001:db8:8000::", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/65", "2001:db8::7fff:0:0:0", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:0", false), ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1/32", "192.0.2.2", false),
        ("::1/128", "::1", true), ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true),
        ("2001:db8::/64", "2001:db8:0:1::", false),
    ])
    func aBlockHoldsItsAddresses(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::/129", "::1/64", "10.0.0.0/8/8", "10.0.0.0/-1",
        "10.0.0.0/+8", "10/8",
    ])
    func refusesWhatIsNoBlock(text: String) {
        #expect(IPNetwork(text) == nil)
        #expect(throws: TrustedProxies.Failure(text: text)) { try TrustedProxies([text]) }
    }
}
