import Testing

@testable import HTTPServer

@Suite struct ReaderTests {
    /// Requests of every shape that is taken; the last ones are several in a row.
    static let corpus = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\r\nGET /a/b?c=d?e&f HTTP/1.1\r\nHost: example.org:8080\r\nAccept:\t text/event-stream \t\r\nX:\r\n\r\n",
        "GET http://Example.org/p?q HTTP/1.1\r\nHost: other\r\n\r\n",
        "GET HTTPS://[2001:db8::1]:443?q HTTP/1.1\r\nHost: [::1]\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD / HTTP/1.0\r\n\r\n",
        "GET /{\"a\":[1]}|`^ HTTP/1.1\r\nHost: a%20b\r\nLast-Event-ID: \u{e4}\u{1F600}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0005\r\nExpect: 100-Continue\r\n\r\nhello",
        "POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: x\r\n\r\nhi",
        "POST / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nA;n=v;q=\"\t\"\r\n0123456789\r\n01\r\nx\r\n000;z\r\n"
            + "Trailer: dropped\r\nB:\r\n\r\n",
        "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none\r\nGET /2 HTTP/1.1\r\nHost: y\r\n\r\n"
            + "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\nGET /4 HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "19\r\nxxxxxxxxxxxxxxxxxxxxxxxxx\r\n19\r\nxxxxxxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGARBAGE\u{1}",
    ]

    @Test(arguments: corpus) func everyCutGivesTheSameResult(text: String) {
        let bytes = Array(text.utf8)
        let whole = ReaderTranscript([bytes])
        #expect(!whole.requests.isEmpty)
        for first in 0...bytes.count {
            #expect(ReaderTranscript([Array(bytes[..<first]), Array(bytes[first...])]) == whole)
        }
        #expect(ReaderTranscript(bytes.map { [$0] }) == whole)
    }

    @Test func theCorpusIsReadAsItWasMeant() {
        let read = Self.corpus.map { ReaderTranscript($0) }
        #expect(read.dropLast().allSatisfy { $0.end == .open })
        #expect(read.last?.end == .refused(.badMethod))
        #expect(read[1].requests[0].path == "/a/b")
        #expect(read[1].requests[0].query == "c=d?e&f")
        #expect(read[1].requests[0].fields[1] == "Accept=\(Array("text/event-stream".utf8))")
        #expect(read[1].requests[0].fields[2] == "X=[]")
        #expect(read[2].requests[0].host == "Example.org")
        #expect(read[2].requests[0].path == "/p")
        #expect(read[3].requests[0].path == "/")
        #expect(read[3].requests[0].query == "q")
        #expect(read[3].requests[0].host == "[2001:db8::1]:443")
        #expect(read[5].requests[0].minorVersion == 0)
        #expect(read[8].continues == 1)
        #expect(read[9].continues == 0)
        #expect(read[11].requests[0].body == Array("0123456789x".utf8))
        #expect(read[12].requests.map(\.target) == ["/1", "/2", "/3", "/4"])
        #expect(read[12].requests.map { String(decoding: $0.body, as: UTF8.self) } == ["one", "", "3", ""])
    }

    @Test func valuesThatAreNotUTF8AreRecognised() throws {
        var reader = RequestReader()
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nA: ".utf8) + [0xFF, 0xC3] + Array("\r\nB: ü\r\n\r\n".utf8)
        var position = 0
        guard case .request(let request) = reader.read(bytes.span, at: &position) else {
            Issue.record("no request")
            return
        }
        #expect(request.headers["a"]?.text == nil)
        #expect(request.headers["a"]?.bytes == [0xFF, 0xC3])
        #expect(request.headers["B"]?.text == "ü")
        #expect(request.headers["c"] == nil)
    }

    @Test func fieldsAreFoundWithoutRegardToCaseAndInOrder() {
        let headers = HTTPHeaders([("Accept", "a, b ,C"), ("X", "1"), ("aCCEPT", "d")])
        #expect(headers.all("ACCEPT").map(\.description) == ["a, b ,C", "d"])
        #expect(headers["accept"]?.text == "a, b ,C")
        #expect(headers.contains("Accept", token: "B"))
        #expect(headers.contains("Accept", token: "c"))
        #expect(headers.contains("Accept", token: "d"))
        #expect(!headers.contains("Accept", token: "a, b"))
    }

    @Test func progressTellsHeadFromBody() {
        var reader = RequestReader()
        func feed(_ text: String) -> RequestReader.Progress {
            var position = 0
            _ = reader.read(Array(text.utf8).span, at: &position)
            return reader.progress
        }
        #expect(feed("\r\n") == .nothing)
        #expect(feed("P") == .head)
        #expect(feed("OST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r") == .head)
        #expect(feed("\n") == .body)
        #expect(feed("a") == .body)
        #expect(feed("b") == .nothing)
    }
}
