import Compression
import EventFormats
import EventLog
import HTTPClient
import JSON
import Server
import Testing

@Suite(.serialized) struct IntakeEndpointTests {
    private let event = Array(
        #"{"meta":{"stream":"pages","key":"forged","topic":"x","partition":9,"offset":-5},"n":1}"#.utf8)

    private func post(
        _ live: LiveService, _ body: [UInt8], _ headers: [HTTPClientField] = []
    ) async throws -> HTTPClientResponse {
        let url = "http://127.0.0.1:\(live.service.ports.intake)/v1/events"
        let type = [HTTPClientField("Content-Type", "application/json")]
        return try await live.client.send(HTTPClientRequest("POST", url, headers: type + headers, body: body))
    }

    private func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var result = Gzip.header
        Deflater(.thorough).append(bytes.span, startsAnew: true, to: &result)
        Gzip.appendEnd(GzipSum(bytes.span), to: &result)
        return result
    }

    @Test func aBodyIsReadAsItsContentEncodingSays() async throws {
        let live = try await LiveService.start()
        #expect(try await post(live, gzip(event), [HTTPClientField("Content-Encoding", "gzip")]).head.status == 201)
        #expect(try await post(live, event, [HTTPClientField("Content-Encoding", "identity")]).head.status == 201)
        let wrong = try await post(live, event, [HTTPClientField("Content-Encoding", "gzip")])
        #expect(wrong.head.status == 400)
        #expect(try JSONValue(wrong.body)["detail"]?.string?.contains("isn't gzip") == true)
        for coding in ["br", "deflate", "zstd", "gzip, gzip"] {
            let refused = try await post(live, event, [HTTPClientField("Content-Encoding", coding)])
            #expect(refused.head.status == 415, "\(coding)")
            #expect(try JSONValue(refused.body)["detail"]?.string?.contains("gzip") == true)
        }
        await live.stop()
    }

    @Test func whatAnEventSaysOfItsPlaceIsReplacedAndAKeyThatIsNotTheRecordsGoesAway() async throws {
        let live = try await LiveService.start()
        let stream = try await live.open("/v2/stream/pages")
        #expect(try await post(live, event).head.status == 201)
        let received = try JSONValue(try await stream.event().data)
        #expect(received["meta"]?["topic"]?.string == LiveService.topic.topic)
        #expect(received["meta"]?["partition"] == 0 && received["meta"]?["offset"] == 0)
        #expect(received["meta"]?["key"] == nil)
        await live.stop()
    }

    @Test func aBodyThatIsReadBesideTheLoopIsStoredAsOneThatIsReadOnIt() async throws {
        let live = try await LiveService.start()
        let large =
            "[" + Array(repeating: String(decoding: event, as: UTF8.self), count: 500).joined(separator: ",") + "]"
        let answer = try JSONValue(try await post(live, Array(large.utf8)).body)
        #expect(answer["stored"] == 500 && answer["events"]?.array?.count == 500)
        await live.stop()
    }
}
