import HTTP
import Reactor
import Testing

@testable import HTTPServer

/// Refusals reach the client, whatever else it is still sending.
@Suite(.serialized) struct RefusalTests {
    static let cases: [(String, Int, String)] = [
        ("GET / HTTP/1.1\nHost: x\n\n", 400, "bad_request"),
        ("GET / HTTP/1.1\r\n\r\n", 400, "bad_request"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10001\r\n\r\n", 413, "content_too_large"),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10001\r\nExpect: 100-continue\r\n\r\n", 413,
            "content_too_large"
        ),
        ("GET /" + String(repeating: "a", count: 30_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        ("GET / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\n\r\n", 417, "expectation_failed"),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "a", count: 40_000) + "\r\n\r\n", 431,
            "request_header_fields_too_large"
        ),
        (
            "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n", 431,
            "request_header_fields_too_large"
        ),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "not_implemented"),
        ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "http_version_not_supported"),
    ]

    @Test(arguments: cases) func aRefusalArrives(request: String, status: Int, type: String) async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send(request)
            let response = try client.response()
            #expect(response.status == status)
            #expect(response.body.contains("\"type\":\"\(type)\""))
            #expect(response.body.contains("\"status\":\(status)"))
            #expect(response.field("Connection") == "close")
            #expect(response.field("Content-Type") == "application/problem+json")
            #expect(try client.textToEnd() == "")
            #expect(await test.server.onLoop(0) { $0.requests.isEmpty })
        }
    }

    @Test func aRefusalIsReadEvenByAClientInTheMiddleOfItsBody() async throws {
        try await TestServer.with { test in
            let client = try test.client()
            try client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
            try client.send([UInt8](repeating: 0x61, count: 100_000))
            #expect(try client.response().status == 413)
            #expect(try client.textToEnd() == "")
        }
    }

    @Test func whatFollowsAWrongRequestIsNotServed() async throws {
        try await TestServer.with { test in
            let text = try test.exchange(
                "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost : x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n"
            )
            #expect(text.components(of: "HTTP/1.1 ") == 2)
            #expect(text.components(of: "HTTP/1.1 400") == 1)
            #expect(await test.server.counters().refused == [.badFieldName: 1])
        }
    }

    @Test func theErrorAnswerIsTheApplicationsToMake() async throws {
        let adjust: (inout HTTPServerOptions) -> Void = { options in
            options.refusalAnswer = { refused in
                let refusal = refused.refusal
                return Answer(
                    status: refusal.status, headers: Headers([Headers.Field("X-Type", refusal.type)]),
                    body: Array("mine".utf8))
            }
        }
        try await TestServer.with(adjust: adjust) { test in
            let client = try test.client()
            try client.send("GET\n")
            let response = try client.response()
            #expect(response.body == "mine")
            #expect(response.field("X-Type") == "bad_request")
        }
    }
}
