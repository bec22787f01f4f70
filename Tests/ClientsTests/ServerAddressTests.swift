import Clients
import Testing

@Suite struct ServerAddressTests {
    @Test(
        "A stream is a URL, a URL without its scheme, or a name asked of the local server",
        arguments: [
            ("http://a/v2/stream/b", "http://a/v2/stream/b"), ("https://a/b?c", "https://a/b?c"),
            ("ftp://a/b", "ftp://a/b"),
            ("localhost:8092/v2/stream/b", "http://localhost:8092/v2/stream/b"), ("a.example/b", "http://a.example/b"),
            ("[::1]:8092/b", "http://[::1]:8092/b"), ("localhost:8092", "http://localhost:8092"),
            ("recentchange", "http://local:1/v2/stream/recentchange"),
            ("a.b,c-d.v1", "http://local:1/v2/stream/a.b,c-d.v1"),
            ("", ""),
        ])
    func stream(text: String, url: String) {
        #expect(ServerAddress.stream(text, at: "http://local:1") == url)
    }

    @Test func aURLWithoutItsSchemeIsHTTP() {
        #expect(ServerAddress.url("localhost:8192/v1/events") == "http://localhost:8192/v1/events")
        #expect(ServerAddress.url("https://a") == "https://a")
        #expect(ServerAddress.url("") == "")
    }
}
