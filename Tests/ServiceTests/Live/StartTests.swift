import Catalogue
import Endpoints
import EventLog
import EventLogTestKit
import HTTPServer
import Live
import Reactor
import Server
import Testing

/// What a start leaves behind, and what it counts.
@Suite(.timeLimit(.minutes(2))) struct StartTests {
    @Test func aPortThatIsTakenLeavesNothingRunning() async throws {
        let taken = try ListeningSocket(address: try #require(SocketAddress("127.0.0.1", port: 0)))
        defer { taken.close() }
        let log = MemoryLog()
        weak var served: UnansweredLog?
        func start() async throws {
            let unanswered = UnansweredLog(log)
            served = unanswered
            _ = try await EventService.start(
                .init(streams: [.address(taken.address)], intake: [], admin: []), http: HTTPOptions(),
                options: ServiceOptions(), info: ServiceInfo(name: "", version: "", description: "", home: "/"),
                log: unanswered, policy: Policy(catalogue: try StreamCatalogue([PublicStream("pages")])))
        }
        await #expect(throws: ListenError.self) { try await start() }
        // Whoever still reads from the log holds it. The last tasks may be on their way out.
        for _ in 0..<100_000 where served != nil { await Task.yield() }
        #expect(served == nil)
    }

    @Test func whatIsReadAgainAtTheStartDidNotComeInNow() async throws {
        let log = MemoryLog()
        try await log.createTopic(LiveService.topic.topic, partitions: 1)
        for number in 0..<50 {
            log.put(
                LiveService.topic, timestamp: Timestamp(number),
                value: Array(#"{"number":\#(number),"meta":{"stream":"pages"}}"#.utf8))
        }
        let live = try await LiveService.start(log: log)
        let before = try #require(await live.service.numbers().topics[LiveService.topic.topic])
        #expect(before.events == 0)
        #expect(before.newest == 49)
        live.put(50, time: 50)
        while await live.service.numbers().topics[LiveService.topic.topic]?.newest != 50 { await Task.yield() }
        #expect(await live.service.numbers().topics[LiveService.topic.topic]?.events == 1)
        await live.service.stop(over: 0)
    }
}
