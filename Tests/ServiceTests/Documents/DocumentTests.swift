import Compression
import Endpoints
import HTTP
import System
import Testing

@Suite struct DocumentTests {
    private let body = Array(String(repeating: "All work and no play. ", count: 100).utf8)

    @Test func theCopyThatAClientHasIsNotSentAgain() throws {
        let document = Document(type: "text/plain", body: body)
        let first = document.answer()
        #expect(first.status == 200 && first.body == body)
        let tag = try #require(first.headers["etag"])
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*", " \(tag) ,\"y\""] {
            let answer = document.answer(.init(noneMatch: known))
            #expect(answer.status == 304 && answer.body.isEmpty && answer.headers["etag"] == tag, "\(known)")
        }
        for other in ["\"x\"", "", "W/", tag.replacing("\"", with: "")] {
            #expect(document.answer(.init(noneMatch: other)).status == 200, "\(other)")
        }
    }

    @Test func aChangedBodyHasAnotherTag() {
        let tags = Set([body, body + [0], [], [0]].map { Document(type: "a/b", body: $0).answer().headers["etag"] })
        #expect(tags.count == 4)
        #expect(
            Document(type: "a/b", body: body).answer().headers["etag"]
                == Document(type: "c/d", body: body).answer().headers["etag"])
    }

    @Test func whoTakesGzipGetsItUnderATagOfItsOwn() throws {
        let document = Document(type: "text/plain", body: body)
        let answer = document.answer(.init(acceptEncoding: "gzip, deflate"))
        #expect(answer.headers["content-encoding"] == "gzip" && answer.headers["vary"] == "Accept-Encoding")
        #expect(answer.body.count < body.count / 10)
        var reader = try GzipReader()
        var unpacked: [UInt8] = []
        try reader.push(answer.body, into: &unpacked)
        try reader.finish()
        #expect(unpacked == body)
        #expect(answer.headers["etag"] != document.answer().headers["etag"])
        #expect(document.answer().headers["vary"] == "Accept-Encoding")
        #expect(document.answer(.init(acceptEncoding: "br")).body == body)
    }

    @Test func whatIsShortOrDoesNotShrinkIsSentAsItIs() {
        var random = SeededGenerator(seed: 1)
        let noise = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for body in [Array("short".utf8), noise] {
            let answer = Document(type: "a/b", body: body).answer(.init(acceptEncoding: "gzip"))
            #expect(answer.body == body && answer.headers["content-encoding"] == nil)
        }
    }

    @Test func cachesAskAgainUnlessTheDocumentSaysElse() {
        #expect(Document(type: "a/b", body: body).answer().headers["cache-control"] == "no-cache")
        let kept = Document(type: "a/b", body: body, headers: [.init("Cache-Control", "max-age=5")]).answer()
        #expect(kept.headers.fields.filter { $0.name == "Cache-Control" }.map(\.value) == ["max-age=5"])
    }
}
