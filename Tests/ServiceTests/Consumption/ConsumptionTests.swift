import Consumption
import Testing

@Suite struct ConsumptionTests {
    @Test(arguments: [
        ("", "none"), ("   ", "none"), ("curl/8.5.0", "curl"), ("Python-Requests/2.31", "python-requests"),
        ("mybot (me@example.org)", "mybot"), ("Mozilla/5.0 (X11; Linux) Chrome/120", "browser"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://x)", "googlebot"), ("Mozilla/5.0 (compatible; ", "browser"),
        ("\u{1F600}", "other"), ("a\"b\n{}", "a"),
        (String(repeating: "x", count: 5000), String(repeating: "x", count: 40)),
    ]) func aProgramIsKnownByItsNameAlone(header: String, name: String) {
        #expect(AgentName(userAgent: header).description == name)
    }

    @Test func whatIsCountedIsOfEndedAndOpenStreamsAndNeverFalls() {
        let registry = ConsumerRegistry()
        let (curl, again) = (
            registry.consumer(userAgent: "curl/8", streams: ["a"]),
            registry.consumer(userAgent: "curl/9", streams: ["a"])
        )
        #expect(curl.row == again.row)
        var tally = ConsumerTally()
        tally.didBegin(curl)
        tally.didBegin(again)
        registry.publish(tally.uses(open: [(curl, 10), (again, 5)]), loop: 0)
        #expect(registry.lines.map(\.use.bytes) == [15] && registry.lines.map(\.use.clients) == [2])
        tally.didEnd(curl, bytes: 12)
        registry.publish(tally.uses(open: [(again, 5)]), loop: 0)
        let line = registry.lines.first
        #expect(line?.use.bytes == 17 && line?.use.clients == 1 && line?.use.opened == 2)
        #expect(line?.agent.description == "curl" && line?.stream == "a" && line?.lastAgent == "curl/9")
    }

    @Test func loopsAreAddedUpAndStreamsOfOneClientAreOneRow() {
        let registry = ConsumerRegistry()
        for loop in 0...1 {
            var tally = ConsumerTally()
            let consumer = registry.consumer(userAgent: "bot/1", streams: ["a", "b"])
            tally.didBegin(consumer)
            registry.publish(tally.uses(open: [(consumer, 100)]), loop: loop)
        }
        #expect(
            registry.lines.map { "\($0.agent) \($0.stream) \($0.use.clients) \($0.use.bytes)" } == ["bot several 2 200"]
        )
    }

    @Test func inventedNamesFillNoMoreThanTheTable() {
        let registry = ConsumerRegistry()
        var tally = ConsumerTally()
        for number in 0..<10_000 {
            let consumer = registry.consumer(userAgent: "bot\(number)/1", streams: ["a"])
            tally.didBegin(consumer)
            tally.didEnd(consumer, bytes: 1)
            #expect(consumer.streams == ["a"])
        }
        registry.publish(tally.uses(open: []), loop: 0)
        #expect(registry.lines.count == ConsumerRegistry.mostRows)
        let other = registry.lines.first
        #expect(
            other?.agent == .other && other?.stream == "*" && other?.use.opened == 10_001 - ConsumerRegistry.mostRows)
    }
}
