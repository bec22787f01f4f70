import Testing

@testable import HTTPServer

/// What is refused, and how. Each row is the bytes of a request and the reason it gets.
@Suite struct ReaderRefusalTests {
    static let requestLines: [(String, Refusal)] = [
        ("GET / HTTP/1.1\nHost: x\r\n\r\n", .badLineEnd),
        ("GET / HTTP/1.1\rHost: x\r\n\r\n", .badLineEnd),
        ("\nGET / HTTP/1.1\r\n", .badLineEnd),
        ("\rGET / HTTP/1.1\r\n", .badLineEnd),
        ("\r\n\r\n\r\nGET / HTTP/1.1\r\n", .badMethod),
        (" GET / HTTP/1.1\r\n", .badMethod),
        ("G\u{0}T / HTTP/1.1\r\n", .badMethod),
        ("\u{16}\u{3}\u{1}", .badMethod),
        ("GET\r\n", .badMethod),
        ("G@T / HTTP/1.1\r\n", .badMethod),
        ("get / HTTP/1.1\r\n", .unknownMethod),
        ("BREW / HTTP/1.1\r\n", .unknownMethod),
        ("CONNECT x:80 HTTP/1.1\r\n", .unknownMethod),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unknownMethod),
        (String(repeating: "A", count: 21), .unknownMethod),
        ("GET  / HTTP/1.1\r\n", .badTarget),
        ("GET x HTTP/1.1\r\n", .badTarget),
        ("GET x:80 HTTP/1.1\r\n", .badTarget),
        ("GET * HTTP/1.1\r\n", .badTarget),
        ("GET ftp://x/ HTTP/1.1\r\n", .badTarget),
        ("GET http:// HTTP/1.1\r\n", .badTarget),
        ("GET http://a@b/ HTTP/1.1\r\n", .badTarget),
        ("GET /#a HTTP/1.1\r\n", .badTarget),
        ("GET /\t HTTP/1.1\r\n", .badTarget),
        ("GET /\u{7F} HTTP/1.1\r\n", .badTarget),
        ("GET /ä HTTP/1.1\r\n", .badTarget),
        ("GET /\r\n", .badTarget),
        ("GET / \r\n", .badVersion),
        ("GET /  HTTP/1.1\r\n", .badVersion),
        ("GET / HTTP/1.1 \r\n", .badVersion),
        ("GET / http/1.1\r\n", .badVersion),
        ("GET / HTTP/1\r\n", .badVersion),
        ("GET / HTTP/11.1\r\n", .badVersion),
        ("GET / HTTP/1.1x\r\n", .badVersion),
        ("GET / HTTP/1.2\r\n", .unknownVersion),
        ("GET / HTTP/2.0\r\n", .unknownVersion),
        ("GET / HTTP/0.9\r\n", .unknownVersion),
    ]

    static let fields: [(String, Refusal)] = [
        ("Host: x\n", .badLineEnd),
        ("Host: x\rA: b\r\n\r\n", .badLineEnd),
        ("Host: x\r\n\n", .badLineEnd),
        ("Host: x\r\n\rX", .badLineEnd),
        ("Host : x\r\n\r\n", .badFieldName),
        (": x\r\n\r\n", .badFieldName),
        ("Ho st: x\r\n\r\n", .badFieldName),
        ("Höst: x\r\n\r\n", .badFieldName),
        ("Host\r\n\r\n", .badFieldName),
        ("Host: x\r\n y\r\n\r\n", .foldedField),
        ("Host: x\r\n\ty: z\r\n\r\n", .foldedField),
        (" Host: x\r\n\r\n", .foldedField),
        ("Host: x\r\nA: \u{0}\r\n\r\n", .badFieldValue),
        ("Host: x\r\nA: b\u{B}c\r\n\r\n", .badFieldValue),
        ("Host: x\r\nA: \u{7F}\r\n\r\n", .badFieldValue),
        ("\r\n", .missingHost),
        ("A: b\r\n\r\n", .missingHost),
        ("Host: x\r\nHost: x\r\n\r\n", .repeatedHost),
        ("Host: x\r\nhOST: y\r\n\r\n", .repeatedHost),
        ("Host:\r\n\r\n", .badHost),
        ("Host: a b\r\n\r\n", .badHost),
        ("Host: a/b\r\n\r\n", .badHost),
        ("Host: a@b\r\n\r\n", .badHost),
        ("Host: a,b\u{e4}\r\n\r\n", .badHost),
        ("Host: a:b\r\n\r\n", .badHost),
        ("Host: a:123456\r\n\r\n", .badHost),
        ("Host: a:1:2\r\n\r\n", .badHost),
        ("Host: [::1\r\n\r\n", .badHost),
        ("Host: [x]\r\n\r\n", .badHost),
        ("Host: [::1]x\r\n\r\n", .badHost),
        ("Host: a%2\r\n\r\n", .badHost),
        ("Host: :80\r\n\r\n", .badHost),
        ("Host: x\r\nExpect: 200-ok\r\n\r\n", .unknownExpectation),
        ("Host: x\r\nExpect: 100-continue\r\nExpect: x\r\n\r\n", .unknownExpectation),
    ]

    static let lengths: [(String, Refusal)] = [
        ("Content-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\n", .repeatedContentLength),
        ("Content-Length: 1, 1\r\n\r\n", .badContentLength),
        ("Content-Length: \r\n\r\n", .badContentLength),
        ("Content-Length: +1\r\n\r\n", .badContentLength),
        ("Content-Length: -1\r\n\r\n", .badContentLength),
        ("Content-Length: 0x1\r\n\r\n", .badContentLength),
        ("Content-Length: 1 2\r\n\r\n", .badContentLength),
        ("Content-Length: 1e3\r\n\r\n", .badContentLength),
        ("Content-Length: 1001\r\n\r\n", .bodyTooLarge),
        ("Content-Length: 18446744073709551617\r\n\r\n", .bodyTooLarge),
        ("Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", .bodyTooLarge),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .ambiguousLength),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", .ambiguousLength),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding: chunked, identity\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding: identity\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding: xchunked\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding: chunked;q=1\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding:\r\n\r\n", .badTransferCoding),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n", .unknownTransferCoding),
        ("Transfer-Encoding: chunked, chunked\r\n\r\n", .unknownTransferCoding),
    ]

    static let chunks: [(String, Refusal)] = [
        ("\r\n", .badChunk),
        ("g\r\n", .badChunk),
        (" 1\r\na\r\n", .badChunk),
        ("1 \r\na\r\n", .badChunk),
        ("-1\r\n", .badChunk),
        ("0x1\r\n", .badChunk),
        ("000000001\r\na\r\n", .badChunk),
        ("1\na\r\n", .badLineEnd),
        ("1\rXa\r\n", .badLineEnd),
        ("1\r\nab\r\n", .badChunk),
        ("1\r\na\nX", .badChunk),
        ("1\r\na\rX", .badLineEnd),
        ("1;a\u{0}\r\na\r\n", .badChunk),
        ("1;a\nb\r\n", .badLineEnd),
        ("1;" + String(repeating: "x", count: 4096) + "\r\n", .badChunk),
        ("3e9\r\n", .bodyTooLarge),
        ("1\r\na\r\n3e8\r\n", .bodyTooLarge),
        ("ffffffff\r\n", .bodyTooLarge),
        ("0\r\n\n", .badLineEnd),
        ("0\r\nA : b\r\n\r\n", .badFieldName),
        ("0\r\n A: b\r\n\r\n", .foldedField),
        ("0\r\nA: \u{1}\r\n\r\n", .badFieldValue),
        ("0\r\nA: b\n\r\n", .badLineEnd),
        ("0\r\nA: b\r\n\rX", .badLineEnd),
        ("0\r\nA: " + String(repeating: "x", count: 8192) + "\r\n\r\n", .headTooLarge),
        ("0\r\n" + String(repeating: "A:b\r\n", count: 101) + "\r\n", .tooManyFields),
    ]

    @Test(arguments: requestLines) func aBadRequestLineIsRefused(bytes: String, reason: Refusal) {
        #expect(ReaderTranscript(bytes).refusal == reason)
    }

    @Test(arguments: fields) func badFieldsAreRefused(bytes: String, reason: Refusal) {
        #expect(ReaderTranscript("GET / HTTP/1.1\r\n" + bytes).refusal == reason)
    }

    @Test(arguments: lengths) func aDoubtfulLengthIsRefused(bytes: String, reason: Refusal) {
        #expect(ReaderTranscript("POST / HTTP/1.1\r\nHost: x\r\n" + bytes).refusal == reason)
    }

    @Test(arguments: chunks) func badChunksAreRefused(bytes: String, reason: Refusal) {
        let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(ReaderTranscript(head + bytes).refusal == reason)
    }

    @Test func chunkedIsNotForHTTP10() {
        let bytes = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(ReaderTranscript(bytes).refusal == .badTransferCoding)
    }

    @Test func everyLimitOfTheHeadIsExact() {
        var limits = HTTPLimits()
        limits.targetBytes = 10
        limits.fields = 3
        limits.headBytes = 100
        func refusal(_ bytes: String) -> Refusal? { ReaderTranscript(bytes, limits: limits).refusal }
        #expect(refusal("GET /234567890 HTTP/1.1\r\nHost: x\r\n\r\n") == nil)
        #expect(refusal("GET /2345678901 HTTP/1.1\r\nHost: x\r\n\r\n") == .targetTooLong)
        #expect(refusal("GET / HTTP/1.1\r\nHost: x\r\nA:\r\nB:\r\n\r\n") == nil)
        #expect(refusal("GET / HTTP/1.1\r\nHost: x\r\nA:\r\nB:\r\nC:\r\n\r\n") == .tooManyFields)
        let frame = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n".utf8.count
        let padding = String(repeating: "y", count: 100 - frame)
        #expect(refusal("GET / HTTP/1.1\r\nHost: x\r\nA: \(padding)\r\n\r\n") == nil)
        #expect(refusal("GET / HTTP/1.1\r\nHost: x\r\nA: y\(padding)\r\n\r\n") == .headTooLarge)
    }

    @Test func aReaderThatHasRefusedStaysSo() {
        var reader = RequestReader()
        var position = 0
        for text in ["GET\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let bytes = Array(text.utf8)
            position = 0
            guard case .refused(.badMethod) = reader.read(bytes.span, at: &position) else {
                Issue.record("not refused")
                return
            }
        }
    }

    @Test(arguments: Refusal.allCases) func everyRefusalHasAStatusATypeAndASentence(refusal: Refusal) {
        #expect((400...599).contains(refusal.status))
        #expect(!refusal.type.isEmpty)
        #expect(refusal.detail.hasSuffix("."))
        #expect(!refusal.detail.contains("\""))
    }
}
