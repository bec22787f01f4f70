import HTTP
import System
import TestSupport
import Testing

@Suite struct AcceptEncodingTests {
    @Test(
        arguments: [
            "gzip", "GZIP", "x-gzip", "gzip, deflate, br, zstd", "deflate;q=1.0, gzip;q=0.1", "*", "br, *;q=0.001",
            "gzip;q=0.5, identity;q=0.5", "gzip;q=0.001, identity;q=0", " gzip ; q=1 ", "gzip,,", "identity, gzip",
            "gzip;q=0, x-gzip",
        ])
    func gzipIsTaken(header: String) {
        #expect(AcceptEncoding.takesGzip(header))
    }

    @Test(
        arguments: [
            "", "identity", "deflate, br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "gzip;q=0.4, identity",
            "*;q=0.3, identity;q=0.4", "gzip;q=2", "gzip;level=9", "gzip;q", "gzip;q=0.1;q=1", "gzipped", "\"gzip\"",
            ";q=1", "=gzip", ",;,",
        ])
    func gzipIsNotTaken(header: String) {
        #expect(!AcceptEncoding.takesGzip(header))
    }

    @Test func anyHeaderIsRead() {
        var generator = SeededGenerator(seed: 7)
        let pieces = ["gzip", "identity", "*", ";", "q", "=", "0", ".", "5", ",", " ", "\"", "\\", "x-"]
        for _ in 0..<20_000 { _ = AcceptEncoding.takesGzip(generator.text(of: pieces, upTo: 24)) }
        #expect(!AcceptEncoding.takesGzip(String(repeating: "br,", count: 10_000) + "gzip"))
    }
}
