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

    private func compare(_ texts: [[UInt8]], filters: Int, seed: UInt64) throws {
        let events = try texts.compactMap { Event(try JSONDocument($0)) }
        let trees = events.map { $0.document.tree($0.document.root) }
        var maker = FilterMaker(random: SeededGenerator(seed: seed), events: trees)
        var held = 0
        var differing = 0
        for _ in 0..<filters {
            let plain = maker.filter()
            let filter = try EventFilter(plain.description, limits: .unbounded)
            var compiled = CompiledFilter(filter)
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
