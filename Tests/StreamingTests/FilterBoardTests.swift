import EventFilter
import EventFormats
import EventLog
import Streaming
import System
import Testing

/// Feeds with filters, of which each record is held against all at once.
struct FilterBoardTests {
    /// A filter on `n`, and what it means.
    private struct Choice {
        var text: String
        var holds: (Int) -> Bool

        init(_ random: inout SeededGenerator) {
            let number = Int.random(in: 0..<120, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: (text, holds) = ("n == \(number)", { $0 == number })
            case 1: (text, holds) = ("n < \(number)", { $0 < number })
            case 2: (text, holds) = ("n in [\(number), \(number + 3), 77]", { [number, number + 3, 77].contains($0) })
            case 3: (text, holds) = ("n > \(number) || n == 5", { $0 > number || $0 == 5 })
            case 4: (text, holds) = ("!(n == \(number))", { $0 != number })
            default: (text, holds) = ("has(x)", { _ in false })
            }
        }
    }

    private struct Watcher {
        var client: Bench.Client
        var choice: Choice
        var first: [TopicPartition: Int]
        var canaries: Bool
    }

    @Test(arguments: 1...40) func eachClientGetsJustWhatItsFilterLetsThrough(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var options = FanOutOptions()
        options.ringBytes = Int.random(in: 100...2_000, using: &random)
        options.stallTimeout = .max / 4
        let bench = Bench([t0, t1], options: options, tailBytes: seed % 3 == 0 ? 600 : 1 << 20)
        var watchers: [Watcher] = []
        for _ in 0..<200 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let isLive = Bool.random(using: &random)
                let choice = Choice(&random)
                let filter = try EventFilter(choice.text)
                let canaries = Bool.random(using: &random)
                let isPacked = Int.random(in: 0..<5, using: &random) == 0
                let first = isLive ? [t0: bench.log[t0]?.count ?? 0, t1: bench.log[t1]?.count ?? 0] : [t0: 0, t1: 0]
                let client = bench.connect(
                    start: isLive ? .live : .at([t0: Position(offset: 0), t1: Position(offset: 0)]),
                    room: Bool.random(using: &random) ? .max : 150
                ) {
                    $0.filter = filter
                    $0.includesCanaries = canaries
                    $0.format = isPacked ? .ndjson : .sse
                }
                if !isPacked {
                    watchers.append(Watcher(client: client, choice: choice, first: first, canaries: canaries))
                }
            case 4..<8:
                bench.append(
                    Bool.random(using: &random) ? t0 : t1, Int.random(in: 1...9, using: &random),
                    kind: ["e", "e", "c", "x"][Int.random(in: 0..<4, using: &random)])
            case 8:
                guard let watcher = watchers.randomElement(using: &random) else { continue }
                bench.open(watcher.client, room: Bool.random(using: &random) ? .max : 80)
            default:
                bench.pass(Int64.random(in: 1...3_000, using: &random))
                bench.answer()
            }
            bench.answer()
        }
        for watcher in watchers {
            bench.open(watcher.client)
            bench.answer()
        }
        for watcher in watchers {
            var expected: [String] = []
            for (partition, first) in watcher.first {
                for (number, record) in (bench.log[partition] ?? []).enumerated().dropFirst(first) {
                    let kind = record.value.first
                    if kind == UInt8(ascii: "x") || kind == UInt8(ascii: "c") && !watcher.canaries { continue }
                    if watcher.choice.holds(number) { expected.append("\(number)") }
                }
            }
            #expect(
                bench.numbers(watcher.client).sorted() == expected.sorted(), "\(watcher.choice.text), seed \(seed)")
        }
    }

    @Test func aFeedThatARecordDoesNotConcernIsNotWrittenTo() throws {
        let bench = Bench()
        let clients = try (0..<100).map { number in
            let filter = try EventFilter("n == \(number)")
            return bench.connect { $0.filter = filter }
        }
        bench.append(t0, 50)
        for (number, client) in clients.enumerated() {
            #expect(bench.sinks[client.sink].writes.count == (number < 50 ? 2 : 1))
        }
    }

    @Test func whoLeavesTakesItsFilterAlong() throws {
        let bench = Bench()
        let clients = try (0..<50).map { number in
            let filter = try EventFilter("n == \(number % 10)")
            return bench.connect { $0.filter = filter }
        }
        #expect(bench.fanOut.statistics.feeds == 10)
        for client in clients { bench.fanOut.sinkDidClose(client.id) }
        #expect(bench.fanOut.statistics.feeds == 0)
        let late = bench.connect { $0.filter = try? EventFilter("n >= 1") }
        bench.append(t0, 3)
        #expect(bench.numbers(late) == ["1", "2"])
    }

    @Test func anIDThatIsOfferedPassesOverWhatTheFilterHides() throws {
        let bench = Bench()
        let client = bench.connect(heartbeat: 1_000) { $0.filter = try? EventFilter("n == 3") }
        bench.append(t0, 20)
        #expect(bench.numbers(client) == ["3"])
        bench.pass(1_500)
        #expect(bench.text(client).contains(#"id: [{"topic":"t","partition":0,"offset":20,"#))
    }
}
