import HTTP
import HTTPServer
import Reactor
import Testing

@Suite struct SocketIPAddressTests {
    @Test(arguments: [
        "127.0.0.1", "255.254.253.252", "0.0.0.0", "::1", "2001:db8::8:800:200c:417a",
        "ffff:ffff:ffff:ffff:fffe:fdfc:fbfa:f9f8", "::ffff:192.0.2.1", "::",
    ])
    func aSocketsAddressIsTheOneOfItsText(text: String) throws {
        #expect(try IPAddress(#require(SocketAddress(text, port: 80))) == #require(IPAddress(text)))
    }
}
