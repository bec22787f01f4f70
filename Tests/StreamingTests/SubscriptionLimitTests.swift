internal import EventFormats
internal import EventLog
internal import Streaming
internal import Testing

struct SubscriptionLimitTests {
    private func partitions(_ count: Int) -> [TopicPartition] { (0..<count).map { TopicPartition("t", Int32($0)) } }

    @Test func asManyPartitionsAsAnIDCanName() throws {
        let bench = Bench(partitions(257))
        #expect(throws: SubscriptionError.tooManyPartitions(257, limit: 256)) {
            try bench.fanOut.check(Subscription(topics: ["t"], ids: .compact))
        }
        var subset = Subscription(topics: ["t"], ids: .compact)
        subset.only = partitions(256)
        try bench.fanOut.check(subset)
    }

    @Test func theLongestIDIsOneThatIsAccepted() throws {
        let topic = String(repeating: "long-", count: 20)
        let many = (0..<150).map { TopicPartition(topic, Int32($0)) }
        let bench = Bench(many)
        let subscription = Subscription(topics: [topic])
        do {
            try bench.fanOut.check(subscription)
            Issue.record("it is too long")
        } catch {
            guard case .idTooLong(let bytes, limit: LastEventID.lengthLimit) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(bytes > LastEventID.lengthLimit)
            #expect(error.description.contains("ids=compact"))
        }
        try bench.fanOut.check(Subscription(topics: [topic], ids: .compact))
        try bench.fanOut.check(Subscription(topics: [topic], format: .ndjson))
    }

    @Test func whoseTopicsOutgrowTheLimitIsEndedAndNotLeftWithoutThem() {
        let bench = Bench(partitions(256))
        let client = bench.connect { $0.ids = .compact }
        let other = bench.connect { $0.only = [t0] }
        bench.tail.add(TopicPartition("t", 256), at: Position(offset: 0))
        bench.wake()
        #expect(bench.actions == [.finish(client.sink)])
        bench.append()
        #expect(bench.numbers(other) == ["0"])
    }
}
