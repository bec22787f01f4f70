import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// Whole answers over real sockets.
@Suite(.serialized) struct AnswerTests {
    @Test func aConnectionServesOneRequestAfterTheOther() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            for path in ["/a", "/b?c=d"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 200)
                #expect(response.body == path)
                #expect(response.field("Connection") == nil)
                #expect(response.field("Date")?.hasSuffix("GMT") == true)
            }
            #expect(await test.server.counters().requests == 2)
            #expect(test.server.connectionCount == 1)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            var requests = ""
            for number in 0..<500 {
                requests += "GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n"
                requests += "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\(number + 100)"
            }
            try client.send(requests)
            for number in 0..<500 {
                #expect(try client.response().body == "/\(number)")
                #expect(try client.response().body == "\(number + 100)")
            }
        }
    }

    @Test func aRequestCutAnywhereIsAnswered() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            for part in [
                "GET /a HT", "TP/1.1\r\nHo", "st: x\r", "\n\r", "\nGET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP",
            ] {
                try client.send(part)
            }
            #expect(try client.response().body == "/a")
            #expect(try client.response().body == "/b")
            try client.send("/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().body == "/c")
        }
    }

    @Test func aHeadRequestGetsTheLengthAndNoBody() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET /d HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response(toHead: true).field("Content-Length") == "4")
            #expect(try client.response().body == "/d")
        }
    }

    @Test func anErrorAfterAHeadRequestHasItsBody() async throws {
        try await TestServer.with { test in
            let text = try test.exchange("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET\n")
            #expect(text.contains("HTTP/1.1 400 Bad Request"))
            #expect(text.hasSuffix("}\n"))
        }
    }

    @Test func noContentHasNoLength() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /empty HTTP/1.1\r\nHost: x\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 204)
            #expect(response.field("Content-Length") == nil)
            #expect(try client.response().body == "/after")
        }
    }

    @Test func aChunkedBodyArrivesWhole() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            try client.send("2;x=y\r\nde\r\n0\r\nTrailer: z\r\n\r\n")
            #expect(try client.response().body == "abcde")
        }
    }

    @Test func aClientThatAsksMayGoOnWithItsBody() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.response().status == 100)
            try client.send("ok")
            #expect(try client.response().body == "ok")
        }
    }

    @Test func http10IsKeptOpenOnlyWhenAsked() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            #expect(try client.response().field("Connection") == "keep-alive")
            try client.send("GET /b HTTP/1.0\r\n\r\n")
            #expect(try client.response().field("Connection") == "close")
            #expect(try client.textToEnd() == "")
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n", "GET /close HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) func aConnectionEndsWhenEitherSideSaysSo(request: String) async throws {
        try await TestServer.with { test in
            let text = try test.exchange(request)
            #expect(text.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test func theLastRequestOfAConnectionIsToldSo() async throws {
        var limits = HTTPLimits()
        limits.requestsPerConnection = 2
        try await TestServer.with(limits: limits) { test in
            let text = try test.exchange(String(repeating: "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
            #expect(text.components(of: "HTTP/1.1 200") == 2)
            #expect(text.components(of: "Connection: close") == 1)
        }
    }

    @Test func aLargeAnswerReachesASlowReaderWhole() async throws {
        try await TestServer.with { test in
            let client = try test.client(receiveBuffer: 4096)
            try client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response().body.utf8.count == 8_000_000)
            #expect(try client.response().body == "/next")
        }
    }

    @Test func aClientThatEndsItsSideStillGetsItsAnswers() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
            client.endWriting()
            let text = try client.textToEnd()
            #expect(text.components(of: "HTTP/1.1 200") == 2)
            #expect(text.hasSuffix("/b"))
        }
    }

    @Test func theHandlerLearnsWhoAsksAndWhere() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /who HTTP/1.1\r\nHost: h:1\r\n\r\n")
            _ = try client.response()
            let request = try #require(await test.server.onLoop(0) { $0.requests.first })
            #expect(request.peer?.address == "127.0.0.1")
            #expect(request.peer?.bytes == [127, 0, 0, 1])
            #expect(request.listener == 0)
            #expect(request.host == "h:1")
        }
    }

    @Test func aHandlersFieldCannotEndTheHead() async throws {
        var head = ResponseHead(status: 200, date: "now")
        head.add(
            Headers([
                Headers.Field("X", "a\r\nY: b\n\u{0}"), Headers.Field("Content-Length", "9"),
                Headers.Field("transfer-encoding", "chunked"),
            ]))
        head.add("Z", "a\r\nY: b")
        let expected = "HTTP/1.1 200 OK\r\nDate: now\r\nX: a  Y: b  \r\nZ: a  Y: b\r\n\r\n"
        #expect(String(decoding: head.ended(), as: UTF8.self) == expected)
    }

    @Test func datesAreWrittenAsHTTPWantsThem() {
        var date = DateField()
        #expect(date.at(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(date.at(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(date.at(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(date.at(4_107_542_399) == "Sun, 28 Feb 2100 23:59:59 GMT")
        #expect(date.at(-1) == "Wed, 31 Dec 1969 23:59:59 GMT")
    }
}

extension String {
    /// How often `part` is in the text.
    func components(of part: String) -> Int {
        let bytes = Array(utf8)
        let part = Array(part.utf8)
        return bytes.indices.filter { bytes[$0...].starts(with: part) }.count
    }
}
