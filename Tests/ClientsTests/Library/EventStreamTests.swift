import Clients
import Testing

@testable import EventStreamsClient

@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
    private static func client(_ recorded: RecordedEnvironment = RecordedEnvironment()) throws -> StreamsClient {
        let environment = recorded.environment
        return try StreamsClient(
            ClientOptions(userAgent: "tester/1", headers: [.init("X-A", "b")]),
            timing: ClientTiming(now: environment.now, sleep: environment.sleep, random: environment.random))
    }

    @Test func whatHappensIsGivenAsValuesAndTheStreamGoesOnBehindTheLast() async throws {
        let first =
            "id: 1\ndata: {\"n\":1}\n\nevent: gap\nid: 4\ndata: {\"topic\":\"t\",\"from\":2,\"to\":4}\n\n"
            + "event: notice\ndata: {\"reason\":\"search_stopped\",\"detail\":\"d\"}\n\nid: 5\n\n"
        let server = try ScriptedServer { number, request in
            switch number {
            case 0: [.streamHead, .send(first), .close]
            case 1: [.streamHead, .send("id: 6\ndata: {\"n\":6}\n\n"), .close]
            default: [.answer(404, "{\"title\":\"Gone\"}")]
            }
        }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let stream = try Self.client(recorded).follow(StreamRequest(server.url + "/a", id: "0"))
        var elements: [StreamElement] = []
        await #expect(throws: ClientError.self) {
            for try await element in stream { elements.append(element) }
        }
        let lost = StreamReconnect(reason: "the server ended the stream", wait: 500, isFailure: true)
        #expect(
            elements == [
                .event(StreamEvent(data: Array("{\"n\":1}".utf8), id: "1")),
                .gap(StreamGap(Array("{\"topic\":\"t\",\"from\":2,\"to\":4}".utf8), id: "4")),
                .notice(StreamNotice(Array("{\"reason\":\"search_stopped\",\"detail\":\"d\"}".utf8))),
                .progress(id: "5"), .reconnecting(lost), .event(StreamEvent(data: Array("{\"n\":6}".utf8), id: "6")),
                .reconnecting(lost),
            ])
        #expect(server.requests.map { $0.headers["last-event-id"] } == ["0", "5", "6"])
        #expect(server.requests[0].headers["user-agent"] == "tester/1" && server.requests[0].headers["x-a"] == "b")
        #expect(recorded.waits == [500, 500])
    }

    @Test func anIterationThatThrewIsOver() async throws {
        let server = try ScriptedServer { _, _ in [.answer(400)] }
        defer { server.stop() }
        var iterator = try Self.client().follow(StreamRequest(server.url)).makeAsyncIterator()
        await #expect(throws: ClientError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(server.requests.count == 1)
    }

    @Test func cancellingEndsItAndItsConnection() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send("id: 1\ndata: {}\n\n"), .awaitClose] }
        defer { server.stop() }
        let stream = try Self.client().follow(StreamRequest(server.url))
        let (seen, see) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            var count = 0
            for try await _ in stream {
                count += 1
                see.yield()
            }
            return count
        }
        for await _ in seen { break }
        task.cancel()
        #expect(try await task.value == 1)
        await server.clientClosed()
    }

    @Test func leavingTheLoopEndsTheConnection() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send("id: 1\ndata: {}\n\n"), .awaitClose] }
        defer { server.stop() }
        for try await _ in try Self.client().follow(StreamRequest(server.url)) { break }
        await server.clientClosed()
    }

    @Test func aPulseIsGivenWhereThereIsNothingToShow() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .awaitClose] }
        defer { server.stop() }
        for try await element in try Self.client().follow(StreamRequest(server.url, pulse: 20)) {
            #expect(element == .idle)
            break
        }
        await server.clientClosed()
    }

    @MainActor @Test func itMayBeIteratedOnAnActor() async throws {
        let server = try ScriptedServer { _, _ in [.streamHead, .send("id: 1\ndata: {}\n\n"), .awaitClose] }
        defer { server.stop() }
        var iterator = try Self.client().follow(StreamRequest(server.url)).makeAsyncIterator()
        #expect(try await iterator.next() != nil)
    }
}
