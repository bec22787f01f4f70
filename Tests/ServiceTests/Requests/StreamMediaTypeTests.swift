import Endpoints
import EventFormats
import System
import TestSupport
import Testing

@Suite struct StreamMediaTypeTests {
    @Test(
        arguments: [
            (nil, .eventStream), ("", .eventStream), ("*/*", .eventStream), ("text/event-stream", .eventStream),
            ("text/*", .eventStream), ("TEXT/Event-Stream; charset=utf-8", .eventStream), ("application/json", .json),
            ("application/json; charset=utf-8", .json), ("application/x-ndjson", .ndjson),
            ("application/ndjson", .ndjson),
            ("application/*", .ndjson), ("application/json, text/plain, */*", .json), ("*/*, application/json", .json),
            ("application/json, text/event-stream", .json), ("text/event-stream, application/json", .eventStream),
            ("application/json;q=0.4, text/event-stream;q=0.5", .eventStream),
            ("application/json;q=0.5, */*;q=0.1", .json),
            ("application/json;q=0.1, */*", .eventStream), ("application/json;q=0, */*", .eventStream),
            ("text/event-stream;q=0, */*", .ndjson), ("text/html,application/xhtml+xml,*/*;q=0.8", .eventStream),
            ("application/ndjson;q=1.000;x=\"a,b\\\";q=0\", text/event-stream;q=0.999", .ndjson),
            ("garbage", .eventStream), ("application/json;q=2", .eventStream), (",,;,/", .eventStream),
            ("image/png", .eventStream), ("text/event-stream;q=0", nil), ("*/*;q=0", nil), ("text/html", .eventStream),
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", .eventStream),
        ] as [(String?, StreamMediaType?)])
    func acceptDecides(accept: String?, type: StreamMediaType?) {
        #expect(StreamMediaType.negotiate(asked: nil, accept: accept) == type)
    }

    @Test(
        arguments: [
            (.sse, "application/json", .eventStream), (.ndjson, "application/json", .json), (.ndjson, nil, .ndjson),
            (.ndjson, "*/*", .ndjson), (.ndjson, "image/png", .ndjson), (.sse, "image/png", .eventStream),
            (.ndjson, "text/event-stream", .ndjson),
        ] as [(StreamFormat, String?, StreamMediaType)])
    func theParameterBeatsAccept(asked: StreamFormat, accept: String?, type: StreamMediaType) {
        #expect(StreamMediaType.negotiate(asked: asked, accept: accept) == type)
    }

    @Test func anyHeaderIsRead() {
        var generator = SeededGenerator(seed: 4)
        let pieces = [
            "application", "/", "json", "*", ";", "q", "=", "0", ".", "5", ",", " ", "\"", "\\", "text", "event-stream",
        ]
        for _ in 0..<20_000 {
            let type = StreamMediaType.negotiate(asked: .sse, accept: generator.text(of: pieces, upTo: 24))
            #expect(type == .eventStream)
        }
        #expect(StreamMediaType.negotiate(asked: nil, accept: String(repeating: "a/b,", count: 10_000)) == .eventStream)
    }
}
