import Events
import JSON
import System
import TestSupport
import Testing

@testable import EventFilter

/// Filters made at random, held against events by ours and by a plain evaluator over a parsed tree: 100,000 pairs.
@Suite struct DifferenceTests {
    @Test("Random filters hold for random events exactly where a plain evaluator says so", arguments: [1, 2])
    func generated(seed: UInt64) throws {
        var maker = EventMaker(random: SeededGenerator(seed: seed))
        try compare((0..<200).map { _ in Array(maker.event().utf8) }, filters: 250, seed: seed)
    }

    @Test("So they do for recorded events", .enabled(if: Recorded.isThere, Comment(rawValue: Recorded.whenMissing)))
    func recorded() throws {
        var random = SeededGenerator(seed: 3)
        let files = [
            "recentchange-2023-01-25", "recentchange-2024-08-22-04h", "revision-score-2021-08-27",
            "mixed-page-and-revision-2021-01-31",
            "page_change-v1-samples-2024-2026", "misc-streams-samples-2020-2022",
        ]
        var events: [[UInt8]] = []
        for file in files {
            let lines = try Recorded.lines(of: "\(file).ndjson.gz")
            events += (0..<min(lines.count, 60)).map { _ in lines[random.below(lines.count)] }
        }
        try compare(events, filters: 100_000 / events.count, seed: 3)
    }

    @Test("A set finds just the filters that hold, while filters come and go", arguments: [4, 5])
    func sets(seed: UInt64) throws {
        var maker = EventMaker(random: SeededGenerator(seed: seed))
        try compareSets((0..<150).map { _ in Array(maker.event().utf8) }, seed: seed)
    }

    @Test("So does a set for recorded events", .enabled(if: Recorded.isThere, Comment(rawValue: Recorded.whenMissing)))
    func recordedSets() throws {
        let lines = try Recorded.lines(of: "recentchange-2024-08-22-04h.ndjson.gz").prefix(100)
        let others = try Recorded.lines(of: "revision-score-2021-08-27.ndjson.gz").prefix(50)
        try compareSets(Array(lines) + Array(others), seed: 6)
    }

    @Test("A summary of events never denies what a filter holds for", arguments: [7, 8])
    func summaries(seed: UInt64) throws {
        var events = EventMaker(random: SeededGenerator(seed: seed))
        let fields = try #require(SummaryFields(["a", "b", "wiki", "user", "meta.a", "meta.wiki", "tags", "é"]))
        var maker = SummaryMaker(fields)
        var (needing, denied) = (0, 0)
        for _ in 0..<150 {
            let block = try (0..<3).compactMap { _ in Event(try JSONDocument(Array(events.event().utf8))) }
            var summary = maker.empty
            for event in block { maker.add(event, to: &summary) }
            summary.finish()
            let trees = block.map { $0.document.tree($0.document.root) }
            var filters = FilterMaker(random: SeededGenerator(seed: seed &+ UInt64(needing)), events: trees)
            for number in 0..<60 {
                // About these events, or about others.
                let plain = number % 2 == 0 ? filters.filter(depth: 1) : filters.filter(depth: 2)
                guard let needs = FilterNeeds(try EventFilter(plain.description, limits: .unbounded), fields) else {
                    continue
                }
                needing += 1
                guard !summary.mayMeet(needs) else { continue }
                denied += 1
                for tree in trees { #expect(!plain.holds(tree), "\(plain)") }
            }
        }
        #expect(needing > 500 && denied > 50)
    }

    private func compareSets(_ texts: [[UInt8]], seed: UInt64) throws {
        let events = try texts.compactMap { Event(try JSONDocument($0)) }
        let trees = events.map { $0.document.tree($0.document.root) }
        var maker = FilterMaker(random: SeededGenerator(seed: seed), events: trees)
        var set = FilterSet()
        var live: [FilterSet.ID: PlainFilter] = [:]
        var matches: [FilterSet.ID] = []
        var differing = 0
        for round in 0..<6 {
            for id in live.keys.sorted() where maker.random.below(3) == 0 {
                set.remove(id)
                live[id] = nil
            }
            while live.count < 80 {
                // Shallow ones too: they are those that need no test.
                let plain = maker.filter(depth: maker.random.below(4))
                let id = set.add(try EventFilter(plain.description, limits: .unbounded))
                #expect(live.updateValue(plain, forKey: id) == nil)
            }
            let count = set.count
            #expect(count == live.count)
            for (place, event) in events.enumerated() {
                matches.removeAll()
                set.match(event, into: &matches)
                let expected = live.filter { $0.value.holds(trees[place]) }.keys.sorted()
                if matches.sorted() != expected, differing < 5 {
                    differing += 1
                    let wrong = Set(expected).symmetricDifference(matches).map {
                        live[$0].map(String.init(describing:)) ?? "none"
                    }
                    Issue.record("round \(round), for \(String(decoding: texts[place], as: UTF8.self)): \(wrong)")
                }
            }
        }
        for id in live.keys { set.remove(id) }
        let isEmpty = set.isEmpty
        #expect(isEmpty)
        if let event = events.first {
            matches.removeAll()
            set.match(event, into: &matches)
            #expect(matches.isEmpty)
        }
    }

    private func compare(_ texts: [[UInt8]], filters: Int, seed: UInt64) throws {
        let events = try texts.compactMap { Event(try JSONDocument($0)) }
        let trees = events.map { $0.document.tree($0.document.root) }
        var maker = FilterMaker(random: SeededGenerator(seed: seed), events: trees)
        var held = 0
        var differing = 0
        for number in 0..<filters {
            let plain = maker.filter()
            let filter = try EventFilter(plain.description, limits: .unbounded)
            // Every second one is kept as its text alone, and read anew from that.
            var compiled = CompiledFilter(number % 2 == 0 ? filter : filter.compact)
            for (place, event) in events.enumerated() {
                let expected = plain.holds(trees[place])
                held += expected ? 1 : 0
                if compiled.matches(event) != expected, differing < 5 {
                    differing += 1
                    Issue.record(
                        "\(plain), read as \(filter): not \(expected) for \(String(decoding: texts[place], as: UTF8.self))"
                    )
                }
            }
        }
        // Filters that hold always, or never, would show nothing.
        #expect(held > filters * events.count / 10 && held < filters * events.count * 9 / 10)
    }
}
