import Reactor
import Testing

@testable import HTTPServer

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

    @Test func aStreamCarriesWhatTheHandlerWritesAndThenEnds() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.text(through: "\r\n\r\n").contains("Transfer-Encoding: chunked"))
            try await test.journal.wait(for: .request("/stream"))
            #expect(await test.server.onLoop(0) { $0.publish("hello") } == [.accepted(10)])
            #expect(try client.text(through: "hello\r\n") == "5\r\nhello\r\n")
            await test.server.onLoop(0) { $0.finishStreams() }
            #expect(try client.textToEnd() == "0\r\n\r\n")
            client.close()
            try await test.journal.wait(for: .closed(.finished))
            #expect(test.server.connectionCount == 0)
        }
    }
}
