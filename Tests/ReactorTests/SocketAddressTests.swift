import Testing

@testable import Reactor

@Suite struct SocketAddressTests {
    @Test(arguments: [("192.0.2.1", "192.0.2.1:80"), ("2001:DB8::1", "[2001:db8::1]:80"), ("::", "[::]:80")])
    func textBecomesAnAddressAndText(text: String, description: String) throws {
        let address = try #require(SocketAddress(text, port: 80))
        #expect(address.description == description)
        #expect(SocketAddress(bytes: address.bytes, port: 80) == address)
    }

    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "::1%lo", "300.1.1.1"])
    func otherTextIsNoAddress(text: String) { #expect(SocketAddress(text, port: 80) == nil) }

    @Test func bytesAreInNetworkOrder() throws {
        #expect(try #require(SocketAddress("1.2.3.4", port: 0)).bytes == [1, 2, 3, 4])
        let six = try #require(SocketAddress("102:304:506:708:90a:b0c:d0e:f10", port: 0))
        #expect(six.bytes == Array(1...16))
        #expect(SocketAddress(bytes: [1, 2, 3], port: 0) == nil)
    }

    @Test func errorsNameTheirCall() {
        #expect(SystemError(call: "bind", number: 98).description == "bind failed: Address already in use")
        #expect(SystemError(call: "accept4", number: 24).isOutOfDescriptors)
    }
}
