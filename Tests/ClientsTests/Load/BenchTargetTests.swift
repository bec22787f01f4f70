import Reactor
import Testing

@testable import Load

@Suite struct BenchTargetTests {
    private func target(_ url: String, clients: Int = 1, headers: [String] = []) throws -> BenchTarget {
        try BenchTarget(BenchOptions(url: url, clients: clients, headers: headers))
    }

    @Test func anAddressIsTakenApart() throws {
        let plain = try target("http://127.0.0.1:8092/v2/stream/a?since=PT1H#x")
        #expect(plain.address.description == "127.0.0.1:8092")
        #expect(plain.path == "/v2/stream/a?since=PT1H" && plain.origin == "http://127.0.0.1:8092")
        #expect(try target("http://[::1]:99").address.description == "[::1]:99")
        #expect(try target("http://[::1]").address.port == 80)
        #expect(try target("http://localhost:81").address.port == 81)
        #expect(try target("http://127.0.0.1?x").path == "/?x")
        #expect(try target("https://localhost").address.port == 443)
    }

    @Test(arguments: [
        "ftp://127.0.0.1", "127.0.0.1", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://a b/",
    ])
    func whatIsNoAddressIsRefusedInASentence(url: String) {
        #expect(throws: BenchFailure.self) { try target(url) }
    }

    @Test func manyClientsConnectFromSeveralAddressesOnLoopback() throws {
        #expect(try target("http://127.0.0.1", clients: 20_000).sources.map(\.address) == ["127.0.0.1"])
        #expect(
            try target("http://127.0.0.1", clients: 50_000).sources.map(\.address) == [
                "127.0.0.1", "127.0.0.2", "127.0.0.3",
            ])
        #expect(try target("http://192.0.2.1", clients: 50_000).sources == [])
        #expect(try target("http://[::1]", clients: 50_000).sources == [])
    }

    @Test func aHeaderReplacesTheOneOfTheSameName() throws {
        let request = String(
            decoding: try target("http://127.0.0.1/x", headers: ["accept: a/b", "X: y"]).request, as: UTF8.self)
        #expect(
            request == "GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: eventstreams\r\naccept: a/b\r\nX: y\r\n\r\n")
    }

    @Test(arguments: ["novalue", ": x", "a: b\r\nc: d"])
    func aHeaderThatIsNoneIsRefused(header: String) {
        #expect(throws: BenchFailure.self) { try target("http://127.0.0.1", headers: [header]) }
    }
}
