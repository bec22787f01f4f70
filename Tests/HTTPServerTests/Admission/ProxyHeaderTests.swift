import HTTPServer
import Reactor
import System
import Testing

/// The PROXY protocol: what is a header, what may become one, what never will.
@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    private static let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x34, 0x01, 0xBB]
    private static let v6: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [9]

    private static let right: [(header: [UInt8], client: String?)] = [
        (Array("PROXY TCP4 192.0.2.1 198.51.100.7 4660 443\r\n".utf8), "192.0.2.1:4660"),
        (Array("PROXY TCP6 2001:db8::9 2001:db8::1 1 65535\r\n".utf8), "[2001:db8::9]:1"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".utf8), nil),
        (binary(0x21, 0x11, v4), "192.0.2.1:4660"),
        (binary(0x21, 0x21, v6 + v6 + [0, 1, 0, 2]), "[2001:db8::9]:1"),
        // With more behind the addresses.
        (binary(0x21, 0x11, v4 + [0x04, 0x00, 0x02, 0xAA, 0xBB]), "192.0.2.1:4660"),
        (binary(0x20, 0x00, []), nil),
        (binary(0x20, 0x11, v4), nil),
        (binary(0x21, 0x31, [UInt8](repeating: 65, count: 216)), nil),
    ]

    @Test(arguments: right.indices) func aHeaderNamesTheClientAndEndsWhereItSays(index: Int) {
        let (header, client) = Self.right[index]
        for rest in [[], Array("GET / HTTP/1.1\r\n".utf8), [0x16, 3, 1]] {
            guard case .whole(let length, let found) = ProxyHeader.read(header + rest) else {
                Issue.record("it is not read")
                return
            }
            #expect(length == header.count)
            #expect(found.map { "\($0)" } == client)
        }
        for count in header.indices { #expect(ProxyHeader.read(Array(header[..<count])) == .incomplete) }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n", "PROXY \r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n", "PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n", "PROXY TCP4 ::1 ::2 1 2\r\n",
        "PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n", "PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n", "PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n",
    ])
    func anotherLineIsNone(text: String) {
        #expect(ProxyHeader.read(Array(text.utf8)) == .wrong)
    }

    @Test func whatIsTooLongOrOfAnotherVersionIsNone() {
        #expect(ProxyHeader.read(Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 65, count: 100)) == .wrong)
        #expect(ProxyHeader.read(Self.binary(0x11, 0x11, Self.v4)) == .wrong)
        #expect(ProxyHeader.read(Self.binary(0x22, 0x11, Self.v4)) == .wrong)
        #expect(ProxyHeader.read(Self.binary(0x21, 0x11, Array(Self.v4.dropLast()))) == .wrong)
        #expect(ProxyHeader.read(Self.binary(0x21, 0x21, Self.v6)) == .wrong)
        #expect(ProxyHeader.read(Self.signature + [0x21, 0x11, 0xFF, 0xFF]) == .wrong)
    }

    @Test func anyBytesAreReadOrNot() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<50_000 {
            var bytes = Self.right[Int.random(in: Self.right.indices, using: &random)].header
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if case .whole(let length, _) = ProxyHeader.read(bytes) { #expect(length <= bytes.count) }
        }
    }
}
