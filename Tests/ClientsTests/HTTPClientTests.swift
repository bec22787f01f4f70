import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
    @Test func aRequestArrivesWholeAndItsResponseComesBack() async throws {
        let server = try ScriptedServer { _, _ in [.answer(201, "done", headers: ["X-Thing: a: b ", "Empty:"])] }
        defer { server.stop() }
        let client = try HTTPClient(options: HTTPClientOptions(userAgent: "tester/1"))
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let request = HTTPClientRequest(
            "POST", server.url + "/v1/events?x=1", headers: [.init("Content-Type", "application/x-ndjson")], body: body)
        let response = try await client.send(request)
        #expect(response.head.status == 201)
        #expect(response.head["x-thing"] == "a: b")
        #expect(response.body == Array("done".utf8))
        let received = try #require(server.requests.first)
        #expect(received.line == "POST /v1/events?x=1 HTTP/1.1")
        #expect(received.body == body)
        #expect(received.headers["content-type"] == "application/x-ndjson")
        #expect(received.headers["user-agent"] == "tester/1")
        #expect(received.headers["expect"] == nil)
        #expect(received.headers["accept-encoding"] == nil)
    }

    @Test func anEmptyBodyIsSentAsOne() async throws {
        let server = try ScriptedServer { _, _ in [.answer(200)] }
        defer { server.stop() }
        _ = try await HTTPClient().send(HTTPClientRequest("POST", server.url))
        #expect(server.requests.first?.headers["content-length"] == "0")
    }

    @Test func aHeaderCannotBringAnother() async throws {
        let server = try ScriptedServer { _, _ in [.answer(200)] }
        defer { server.stop() }
        _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url, headers: [.init("A", "b\r\nEvil: yes")]))
        #expect(server.requests.first?.headers["evil"] == nil)
    }

    @Test func aRefusedConnectionSaysWhoAndWhy() async throws {
        let server = try ScriptedServer { _, _ in [] }
        server.stop()
        let client = try HTTPClient()
        var message = ""
        // The listener may take a moment to go: until then the connection is lost instead.
        for _ in 0..<200 where !message.contains("refused") {
            do { _ = try await client.send(HTTPClientRequest("GET", server.url)) } catch { message = "\(error)" }
        }
        #expect(
            message
                == "could not connect to 127.0.0.1 port \(server.port): connection refused; is the server running?")
    }

    @Test(arguments: ["", "nonsense", "ftp://127.0.0.1/", "http://a b/", "http://[::1", "http://127.0.0.1\r\nX: y/"])
    func whatIsNoURLIsRefusedBeforeAnythingIsSent(url: String) async throws {
        let client = try HTTPClient()
        await #expect {
            _ = try await client.send(HTTPClientRequest("GET", url))
        } throws: {
            ($0 as? HTTPClientError)?.name == "invalid_url" || ($0 as? HTTPClientError)?.name == "unknown_host"
        }
    }

    @Test func aCutResponseIsAnError() async throws {
        let server = try ScriptedServer { _, _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), .close] }
        defer { server.stop() }
        await #expect {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url))
        } throws: {
            ($0 as? HTTPClientError)?.name == "connection_lost"
        }
    }

    @Test func aResponseOverTheLimitIsRefused() async throws {
        let server = try ScriptedServer { _, _ in [.answer(200, String(repeating: "x", count: 5000))] }
        defer { server.stop() }
        let client = try HTTPClient(options: HTTPClientOptions(responseLimit: 4000))
        await #expect(throws: HTTPClientError.responseTooLarge(limit: 4000)) {
            _ = try await client.send(HTTPClientRequest("GET", server.url))
        }
    }

    @Test func aStreamIsHandedOverAsItComes() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .awaitClose] }
        defer { server.stop() }
        let stream = try await HTTPClient().stream(HTTPClientRequest("GET", server.url))
        #expect(stream.head.status == 200)
        #expect(try await stream.next(timeout: 20_000) == .bytes(Array(":ok\n\n".utf8)))
        #expect(try await stream.next(timeout: 1) == .idle)
        #expect(try await stream.next(timeout: 1) == .idle)
        stream.cancel()
        await server.clientClosed()
        await #expect(throws: HTTPClientError.cancelled) { _ = try await stream.next() }
    }

    @Test func aCancelledTaskClosesTheConnection() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .awaitClose] }
        defer { server.stop() }
        let stream = try await HTTPClient().stream(HTTPClientRequest("GET", server.url))
        _ = try await stream.next()
        let task = Task { try await stream.next() }
        task.cancel()
        await #expect(throws: HTTPClientError.cancelled) { _ = try await task.value }
        await server.clientClosed()
    }

    @Test func aSlowReaderGetsEveryByteAndHoldsTheServerBack() async throws {
        let piece = String(repeating: "0123456789abcdef", count: 4096)
        let server = try ScriptedServer { _, _ in
            [.send("HTTP/1.1 200 OK\r\n\r\n")] + (0..<200).map { _ in .send(piece) } + [.close]
        }
        defer { server.stop() }
        let client = try HTTPClient(options: HTTPClientOptions(streamBuffer: 32 << 10))
        let stream = try await client.stream(HTTPClientRequest("GET", server.url))
        var (count, largest) = (0, 0)
        reading: while true {
            switch try await stream.next() {
            case .bytes(let bytes):
                #expect(bytes.first == piece.utf8.dropFirst(count % 16).first)
                count += bytes.count
                largest = max(largest, bytes.count)
            case .idle: break
            case .end: break reading
            }
        }
        #expect(count == 200 * piece.utf8.count)
        #expect(largest <= (32 << 10) + (16 << 10))
    }

    @Test func redirectsOfAGETAreFollowedAndOnlyTheLastHeadIsSeen() async throws {
        let server = try ScriptedServer { number, _ in
            number == 0
                ? [.answer(302, headers: ["Location: /there"])]
                : [.send("HTTP/1.1 103 Early Hints\r\n\r\n"), .answer(200, "here")]
        }
        defer { server.stop() }
        let response = try await HTTPClient().send(HTTPClientRequest("GET", server.url))
        #expect(response.head.status == 200)
        #expect(response.body == Array("here".utf8))
        #expect(server.requests.map(\.line) == ["GET / HTTP/1.1", "GET /there HTTP/1.1"])
    }

    @Test func aStreamThatIsLetGoEndsItsTransferAndNotBefore() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .awaitClose] }
        defer { server.stop() }
        var stream: HTTPBodyStream? = try await HTTPClient().stream(HTTPClientRequest("GET", server.url))
        #expect(try await stream?.next(timeout: 20_000) == .bytes(Array(":ok\n\n".utf8)))
        #expect(stream?.head.status == 200)
        stream = nil
        await server.clientClosed()
    }
}
