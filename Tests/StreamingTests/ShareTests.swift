import EventFilter
import EventFormats
import EventLog
import Streaming
import Testing

/// Clients that take a share of a stream.
@Suite struct ShareTests {
    private static let count = 3

    private func bench(keyed: Bool) -> Bench {
        let bench = Bench(tailBytes: 300)
        if keyed { bench.preparer.keys = { offset in Array("key \(offset % 7)".utf8) } }
        return bench
    }

    @Test(
        "The shares of a stream are disjoint and together all of it, from the log, from the tail and live",
        arguments: [true, false])
    func partition(keyed: Bool) throws {
        let bench = bench(keyed: keyed)
        bench.append(t0, 40)
        let clients = try (0..<Self.count).map { index in
            let share = try #require(Share(index, of: Self.count))
            return bench.connect(start: .at([t0: Position(offset: 0)])) { $0.share = share }
        }
        bench.answer()
        bench.append(t0, 20)
        let shares = clients.map(bench.numbers)
        #expect(shares.joined().compactMap { Int($0) }.sorted() == Array(0..<60))
        for share in shares {
            #expect(share.count > 5)
            #expect(share.compactMap { Int($0) } == share.compactMap { Int($0) }.sorted())
        }
        if keyed {
            // All records of a key are in one share.
            let keys = shares.map { Set($0.compactMap { Int($0) }.map { $0 % 7 }) }
            #expect(keys.map(\.count).reduce(0, +) == 7)
        } else {
            #expect(shares[1].prefix(3) == ["1", "4", "7"])
        }
    }

    @Test("Keys of one partition of Kafka are spread over the shares, though both go by the same sum")
    func spread() {
        let keys = (0..<1000).map { Array("key \($0)".utf8) }.filter {
            KeyPartitioner.partition(ofKey: $0, count: 4) == 1
        }
        let shares = keys.map { Int(Share.hash(ofKey: $0)) % 4 }
        for share in 0..<4 { #expect(shares.count { $0 == share } > keys.count / 8) }
    }

    @Test("Who comes back with an id gets the rest of its share, none twice")
    func resumes() throws {
        let bench = bench(keyed: true)
        bench.append(t0, 30)
        let share = try #require(Share(1, of: 2))
        let whole = bench.connect(start: .at([t0: Position(offset: 0)])) { $0.share = share }
        let first = bench.connect(start: .at([t0: Position(offset: 0)]), limit: 4) { $0.share = share }
        bench.answer()
        let event = try #require(bench.events(first).last)
        let id = try LastEventID.parse(event.lastEventID, topics: ["t"])
        let place = try #require(id.entries.first?.place)
        guard case .at(let offset) = place else {
            Issue.record("the id names no offset")
            return
        }
        let second = bench.connect(start: .at([t0: Position(offset: offset)])) { $0.share = share }
        bench.answer()
        bench.append(t0, 10)
        #expect(bench.numbers(first) + bench.numbers(second) == bench.numbers(whole))
    }

    @Test("A share goes with a filter and a list of fields")
    func composes() throws {
        let bench = bench(keyed: false)
        bench.preparer.version = 7
        bench.append(t0, 12)
        let share = try #require(Share(0, of: 2))
        let filter = try EventFilter("n > 3")
        let fields = try Projection("n")
        let client = bench.connect(start: .at([t0: Position(offset: 0)])) {
            ($0.share, $0.filter, $0.projection) = (share, filter, fields)
        }
        bench.answer()
        bench.append(t0, 2)
        #expect(
            bench.events(client).map { String(decoding: $0.data, as: UTF8.self) }
                == [4, 6, 8, 10, 12].map { #"{"n":\#($0)}"# })
    }

    @Test("What a share hides moves the client's id at heartbeat time, and gaps are shown to all shares")
    func progress() throws {
        let bench = bench(keyed: false)
        let share = try #require(Share(1, of: 2))
        let gap = Gap(t0, from: 0, to: 2, reason: .retention, detail: "")
        bench.append(t0, 4)
        let client = bench.connect(
            start: .at([t0: Position(offset: 2)]), gaps: [PendingGap(gap, after: .init(t0, Position(offset: 2)))]
        ) { $0.share = share }
        bench.append(t0, 1)
        #expect(bench.numbers(client) == ["gap 0..2 retention", "3"])
        bench.pass(16_000)
        #expect(bench.text(client).contains(#""offset":5"#))
    }

    @Test("There are 1 to 64 shares, counted from 0")
    func bounds() {
        #expect(Share(0, of: 1) != nil && Share(63, of: 64) != nil)
        for (index, count) in [(0, 0), (1, 1), (-1, 2), (0, 65), (0, -1)] { #expect(Share(index, of: count) == nil) }
    }
}
