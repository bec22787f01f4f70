import Clients
import JSON
import Synchronization
import System
import Testing

@testable import EventStreamsClient

@Suite(.timeLimit(.minutes(1))) struct EventProducerTests {
    private static func producer(
        _ url: String, _ options: ProducerOptions = ProducerOptions(), _ recorded: RecordedEnvironment = .init()
    ) throws -> EventProducer {
        let environment = recorded.environment
        let timing = ClientTiming(now: environment.now, sleep: environment.sleep, random: environment.random)
        return try StreamsClient(ClientOptions(), timing: timing).producer(url, options)
    }

    private static func events(_ numbers: some Sequence<Int>) -> [[UInt8]] {
        numbers.map { Array("{\"n\":\($0)}".utf8) }
    }

    private static func answer(_ request: ScriptedServer.Request, status: Int = 201) -> ScriptedServer.Step {
        let count = (try? JSONDocument(request.body)).map { $0.elements(of: 0).count } ?? 0
        let entries = (0..<count).map { "{\"index\":\($0),\"status\":\(status)}" }
        return .answer(status, "{\"events\":[\(entries.joined(separator: ","))]}")
    }

    private static func members(_ request: ScriptedServer.Request, _ path: [String]) -> [String?] {
        guard let document = try? JSONDocument(request.body) else { return [] }
        return document.elements(of: 0).map { element in
            var index: JSONDocument.Index? = element
            for name in path { index = index.flatMap { document.member(named: name, of: $0) } }
            return index.map { document.string($0) ?? String(decoding: document.text(of: $0), as: UTF8.self) }
        }
    }

    @Test func eachEventHasItsOutcomeInTheOrderGiven() async throws {
        let server = try ScriptedServer { number, request in
            number == 0
                ? [
                    .answer(
                        207,
                        "{\"events\":[{\"index\":0,\"status\":201},{\"index\":1,\"status\":400,\"type\":\"invalid_event\",\"detail\":\"no stream\"}]}"
                    )
                ]
                : [Self.answer(request)]
        }
        defer { server.stop() }
        let events = [Array("[]".utf8), Array("{".utf8)] + Self.events(1...3)
        let outcomes = try await Self.producer(server.url, ProducerOptions(batchEvents: 2)).produce(events)
        #expect(outcomes.count == 5)
        #expect(outcomes[0] == .invalid(InvalidEvent(index: 0, status: nil, reason: "not a JSON object")))
        if case .invalid(let event) = outcomes[1] { #expect(event.reason.hasPrefix("not JSON")) }
        #expect(outcomes[2] == .stored && outcomes[4] == .stored)
        #expect(outcomes[3] == .invalid(InvalidEvent(index: 3, status: 400, reason: "invalid_event: no stream")))
        #expect(server.requests.map { Self.members($0, ["n"]) } == [["1", "2"], ["3"]])
    }

    @Test func anEventHasTheSameIDHoweverOftenItIsSent() async throws {
        let server = try ScriptedServer { number, request in
            number == 0 ? [.send("HTTP/1.1 201 X\r\nContent-Le"), .close] : [Self.answer(request)]
        }
        defer { server.stop() }
        let given = Array("{\"n\":3,\"meta\":{\"id\":\"mine\"}}".utf8)
        let outcomes = try await Self.producer(server.url).produce(
            Self.events(1...1) + [Array("{\"meta\":{}, \"n\":2}".utf8), given])
        #expect(outcomes == [.stored, .stored, .stored])
        let ids = server.requests.map { Self.members($0, ["meta", "id"]) }
        #expect(ids.count == 2 && ids[0] == ids[1])
        #expect(Set(ids[0]).count == 3 && ids[0][2] == "mine" && ids[0][0]?.count == 36)
        #expect(Self.members(server.requests[0], ["n"]) == ["1", "2", "3"])
    }

    @Test func withoutIDsEventsAreSentAsTheyAre() async throws {
        let server = try ScriptedServer { _, request in [Self.answer(request, status: 202)] }
        defer { server.stop() }
        let options = ProducerOptions(isHasty: true, addsIDs: false)
        #expect(
            try await Self.producer(server.url + "/v1/events?x=1#y", options).produce(Self.events(1...1)) == [.accepted]
        )
        #expect(server.requests[0].body == Array("[{\"n\":1}]".utf8))
        #expect(server.requests[0].line == "POST /v1/events?x=1&hasty=true HTTP/1.1")
    }

    @Test func nothingIsSentForNoEvents() async throws {
        let server = try ScriptedServer { _, _ in [] }
        defer { server.stop() }
        #expect(try await Self.producer(server.url).produce([]).isEmpty)
        #expect(try await Self.producer(server.url).produce([[]]).count == 1)
        #expect(server.requests.isEmpty)
    }

    @Test func whatIsGivenUpHasFailedAndTheRestIsKnown() async throws {
        let server = try ScriptedServer { number, request in number == 0 ? [Self.answer(request)] : [.answer(503)] }
        defer { server.stop() }
        let recorded = RecordedEnvironment()
        let retries = Mutex<[Int64]>([])
        let outcomes = try await Self.producer(server.url, ProducerOptions(batchEvents: 1, patience: 1), recorded)
            .produce(Self.events(1...3)) { _, wait in retries.withLock { $0.append(wait) } }
        #expect(outcomes == [.stored, .failed("status 503"), .failed("status 503")])
        #expect(retries.withLock { $0 } == [250, 500] && recorded.waits == [250, 500])
    }

    @Test func eventsOfManyTasksGoTogether() async throws {
        let server = try ScriptedServer { _, request in [Self.answer(request)] }
        defer { server.stop() }
        let batching = try Self.producer(server.url, ProducerOptions(batchEvents: 50)).batching()
        let outcomes = await withTaskGroup(of: EventOutcome.self) { group in
            for event in Self.events(1...100) { group.addTask { await batching.post(event) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: .stored, count: 100))
        let numbers = server.requests.flatMap { Self.members($0, ["n"]) }
        #expect(numbers.count == 100 && Set(numbers).count == 100)
        #expect(server.requests.allSatisfy { Self.members($0, ["n"]).count <= 50 })
    }

    @Test func aFullBatchDoesNotWaitForItsTime() async throws {
        let server = try ScriptedServer { _, request in [Self.answer(request)] }
        defer { server.stop() }
        // The clock of its timer never comes to an end by itself.
        let timing = ClientTiming(now: { 0 }, sleep: { _ in await ClientTiming.wait(1 << 30) }, random: { 0 })
        let client = try StreamsClient(ClientOptions(), timing: timing)
        let batching = client.producer(server.url, ProducerOptions(batchEvents: 2)).batching()
        async let first = batching.post(Self.events([1])[0])
        async let second = batching.post(Self.events([2])[0])
        #expect(await [first, second] == [.stored, .stored])
        #expect(server.requests.count == 1)
    }
}
