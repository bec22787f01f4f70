import HTTP
import System
import TestSupport
import Testing

@Suite struct ClientAddressTests {
    private func client(
        _ peer: String, ip: String? = nil, forwarded: String? = nil,
        headers: [TrustedProxies.Header] = [.clientIP, .forwardedFor]
    ) throws -> String {
        let proxies = try TrustedProxies(["10.0.0.0/8", "2001:db8:1::/48"], headers: headers)
        return proxies.client(peer: try #require(IPAddress(peer)), clientIP: ip, forwardedFor: forwarded).description
    }

    @Test func aStrangersHeadersAreNotBelieved() throws {
        #expect(try client("192.0.2.9", ip: "1.1.1.1", forwarded: "1.1.1.1") == "192.0.2.9")
        #expect(
            try TrustedProxies().client(peer: IPAddress(v4: 1), clientIP: "1.1.1.1", forwardedFor: "1.1.1.1")
                == IPAddress(v4: 1))
    }

    @Test(arguments: [
        ("1.1.1.1", "1.1.1.1"), ("6.6.6.6, 1.1.1.1", "1.1.1.1"), ("6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        ("10.0.0.3,10.0.0.2", "10.0.0.3"), ("6.6.6.6, nonsense, 10.0.0.2", "10.0.0.2"), ("nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
        (",,", "10.0.0.1"), (" 1.1.1.1\t", "1.1.1.1"), ("1.1.1.1:4711", "1.1.1.1"), ("[2001:db8::9]:80", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"), ("6.6.6.6, 2001:db8:1::5", "6.6.6.6"), ("1.1.1.1:99999", "10.0.0.1"),
        ("[1.1.1.1]", "10.0.0.1"),
        ("[::1", "10.0.0.1"), ("[::1]x", "10.0.0.1"), ("unknown, 10.0.0.2", "10.0.0.2"), ("1.1.1.1:", "10.0.0.1"),
        (":80", "10.0.0.1"),
    ])
    func theRightmostUntrustedAddressCounts(forwarded: String, expected: String) throws {
        #expect(try client("10.0.0.1", forwarded: forwarded) == expected)
    }

    @Test func aProxysClientIPComesFirstWhereItIsAnAddress() throws {
        #expect(try client("10.0.0.1", ip: "1.1.1.1", forwarded: "2.2.2.2") == "1.1.1.1")
        #expect(try client("10.0.0.1", ip: "1.1.1.1, 3.3.3.3", forwarded: "2.2.2.2") == "2.2.2.2")
        #expect(try client("10.0.0.1", ip: "x") == "10.0.0.1")
        #expect(try client("10.0.0.1", ip: "1.1.1.1", forwarded: "2.2.2.2", headers: [.forwardedFor]) == "2.2.2.2")
        #expect(try client("::ffff:10.0.0.1", ip: "::ffff:1.1.1.1") == "1.1.1.1")
    }

    @Test(arguments: [
        ("for=1.1.1.1", "1.1.1.1"), ("for=6.6.6.6, for=1.1.1.1", "1.1.1.1"),
        ("For=\"1.1.1.1:4711\";proto=https;by=10.0.0.2", "1.1.1.1"),
        ("by=10.0.0.2; FOR = \"[2001:db8::9]:80\"", "2001:db8::9"),
        ("for=1.1.1.1, for=10.0.0.2", "1.1.1.1"), ("for=unknown", "10.0.0.1"),
        ("for=_hidden, for=10.0.0.2", "10.0.0.2"),
        ("proto=https", "10.0.0.1"), ("for=6.6.6.6, by=10.0.0.2", "10.0.0.1"), ("", "10.0.0.1"), (", ,", "10.0.0.1"),
        ("for=\"6.6.6.6, for=7.7.7.7\", for=1.1.1.1", "1.1.1.1"), ("for=\"\\\"1.1.1.1\"", "10.0.0.1"),
        ("for=\"6.6.6.6", "10.0.0.1"), ("for=2.2.2.2;for=1.1.1.1", "2.2.2.2"), ("for", "10.0.0.1"), ("=", "10.0.0.1"),
        // A quotation that a client began hides nothing of what the proxy wrote behind it, quoted or not.
        ("for=\"x, for=1.1.1.1", "1.1.1.1"), ("for=6.6.6.6;x=\", for=\"[2001:db8::9]\"", "2001:db8::9"),
        ("for=6.6.6.6;x=\"\\, for=\"1.1.1.1:80\";by=\"10.0.0.2\"", "1.1.1.1"),
        // Nor does what stands in the proxy's own quotation look like more of it.
        ("for=1.1.1.1;host=\"a, for=6.6.6.6;b\"", "1.1.1.1"), ("host=\"a;for=6.6.6.6\\\";\";for=1.1.1.1", "1.1.1.1"),
    ])
    func theRightmostUntrustedAddressOfForwardedCounts(field: String, expected: String) throws {
        let proxies = try TrustedProxies(["10.0.0.0/8"], headers: [.forwarded])
        let client = proxies.client(
            peer: try #require(IPAddress("10.0.0.1")), clientIP: "9.9.9.9", forwardedFor: "9.9.9.9", forwarded: field)
        #expect(client.description == expected)
    }

    @Test func forwardedIsBelievedLast() throws {
        let proxies = try TrustedProxies(["10.0.0.0/8"])
        let peer = try #require(IPAddress("10.0.0.1"))
        #expect(
            proxies.client(peer: peer, clientIP: nil, forwardedFor: "1.1.1.1", forwarded: "for=2.2.2.2").description
                == "1.1.1.1")
        #expect(
            proxies.client(peer: peer, clientIP: nil, forwardedFor: nil, forwarded: "for=2.2.2.2").description
                == "2.2.2.2")
    }

    @Test func aKeyIsTheWholeIPv4AddressOrTheNetworkOfIPv6() throws {
        func key(_ text: String) throws -> AddressKey { AddressKey(try #require(IPAddress(text))) }
        #expect(try key("192.0.2.1") != key("192.0.2.2"))
        #expect(try key("192.0.2.1") == key("::ffff:192.0.2.1"))
        #expect(try key("2001:db8::1") == key("2001:db8::ffff:1"))
        #expect(try key("2001:db8::1") != key("2001:db8:0:1::1"))
        #expect(try key("0.0.0.0") != key("::"))
        #expect(try key("2001:db8::1").description == "2001:db8::/64")
    }

    @Test func anyHeaderGivesAnAddress() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let text = generator.text(of: ["1", ".", ":", ",", "[", "]", "10.0.0.1", "::1", " ", "80"], upTo: 12)
            _ = try client("10.0.0.1", ip: text, forwarded: text)
            _ = try TrustedProxies(["10.0.0.0/8"], headers: [.forwarded]).client(
                peer: try #require(IPAddress("10.0.0.1")), clientIP: nil, forwardedFor: nil, forwarded: "for=" + text)
        }
    }
}
