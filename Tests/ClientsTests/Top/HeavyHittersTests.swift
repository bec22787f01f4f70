import System
import Testing

@testable import Clients

@Suite struct HeavyHittersTests {
    @Test func whatFitsIsCountedExactly() {
        var counts = HeavyHitters(capacity: 3)
        for value in ["a", "b", "a", "c", "a", "b"] { counts.add(value) }
        #expect(counts.top(9).map(\.value) == ["a", "b", "c"] && counts.top(9).map(\.count) == [3, 2, 1])
        #expect(counts.total == 6 && counts.recent == 6 && counts.top(1).count == 1 && counts.top(-1).isEmpty)
    }

    @Test func whatIsFrequentStaysInBoundedMemoryAndItsCountIsWrongByNoMoreThanIsSaid() {
        var counts = HeavyHitters(capacity: 100)
        var exact: [String: Int64] = [:]
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            // Half of a few, half of very many.
            let value =
                Bool.random(using: &random) ? "often\(Int.random(in: 0..<5, using: &random))" : "rare\(random.next())"
            counts.add(value)
            exact[value, default: 0] += 1
        }
        let top = counts.top(1000)
        #expect(top.count == 100)
        #expect(Set(top.prefix(5).map(\.value)) == Set((0..<5).map { "often\($0)" }))
        for entry in top {
            let real = exact[entry.value] ?? 0
            #expect(entry.count >= real && entry.count - entry.error <= real)
        }
    }

    @Test func aValueThatComesBackIsNotCountedTooLow() {
        var counts = HeavyHitters(capacity: 2)
        for value in ["a", "a", "b", "b", "c", "a", "b"] { counts.add(value) }
        for entry in counts.top(2) { #expect(entry.count >= 3 && entry.count - entry.error <= 3) }
        #expect(counts.top(2).contains { $0.value == "b" })
    }

    @Test func whatIsLongAgoIsNotRecent() {
        var counts = HeavyHitters(capacity: 10, windows: 2)
        for _ in 0..<5 { counts.add("old") }
        counts.endWindow()
        counts.add("new")
        #expect(counts.top(1)[0].value == "old")
        counts.endWindow()
        counts.endWindow()
        #expect(counts.top(2).map(\.value) == ["new", "old"] && counts.top(2).map(\.recent) == [1, 0])
        #expect(counts.recent == 1 && counts.total == 6)
    }

    @Test func theTimeOfTheCountsIsThatOfTheirWindows() {
        var looks = Looks(1000, interval: 500, kept: 2)
        #expect(!looks.isDue(1499) && looks.isDue(1500))
        #expect([1500, 2000, 2700, 3200].map { looks.look($0) } == [500, 1000, 1700, 1700])
        var still = Looks(5, interval: 0, kept: 0)
        #expect(still.look(5) == 1)
    }
}
