import System
import Testing

@testable import Intake

@Suite struct RecentEventTableTests {
    private func key(_ number: Int) -> EventKey { EventKey(stream: "a", id: "\(number)") }
    private func place(_ number: Int) -> RecentEventTable.Place { .init(partition: 0, offset: Int64(number)) }

    @Test func anEventIsKnownUntilTheWindowIsOver() {
        var table = RecentEventTable(bytes: 0, window: 10)
        table.learn(key(1), at: place(1), 100)
        table.expire(now: 110)
        #expect(table.find(key(1)) == .stored(place(1)))
        table.expire(now: 111)
        #expect(table.find(key(1)) == .none && table.count == 0 && table.forgotten == 0)
    }

    @Test func aFullTableForgetsTheOldestAndStaysWithinItsBytes() {
        var table = RecentEventTable(bytes: 4096 * RecentEventTable.eventBytes + 39, window: 10)
        #expect(table.capacity == 4096)
        for number in 0..<5000 { table.learn(key(number), at: place(number), 0) }
        #expect(table.count == 4096 && table.forgotten == 904)
        #expect(table.bytes <= 4096 * RecentEventTable.eventBytes)
        #expect(table.find(key(903)) == .none)
        #expect((904..<5000).allSatisfy { table.find(key($0)) == .stored(place($0)) })
    }

    @Test func whatWasClaimedIsStoredOrGivenUpByItsClaimAlone() {
        var table = RecentEventTable(bytes: 0, window: 10)
        let (first, second) = (table.claim(key(1), by: 7, at: 0), table.claim(key(2), by: 7, at: 0))
        #expect(second == first + 1)
        #expect(table.find(key(2)) == .claimed(by: 7, sequence: second))
        #expect(table.settle(first, claim: 7, at: place(5)) == nil)
        #expect(table.settle(second, claim: 7, at: nil) == nil)
        #expect(table.find(key(1)) == .stored(place(5)) && table.find(key(2)) == .none)
        let third = table.claim(key(2), by: 8, at: 0)
        #expect(table.settle(second, claim: 7, at: place(6)) == nil)
        #expect(table.find(key(2)) == .claimed(by: 8, sequence: third))
    }

    @Test func whatIsReadFromTheLogBeforeItIsSettledIsStored() {
        var table = RecentEventTable(bytes: 0, window: 10)
        let claimed = table.claim(key(1), by: 1, at: 0)
        table.learn(key(1), at: place(9), 0)
        #expect(table.settle(claimed, claim: 1, at: nil) == place(9))
        #expect(table.find(key(1)) == .stored(place(9)))
    }

    @Test func aPartitionThatIsGoneIsForgotten() {
        var table = RecentEventTable(bytes: 1 << 20, window: 10)
        for number in 0..<2000 {
            table.learn(key(number), at: .init(partition: Int32(number % 2), offset: Int64(number)), 0)
        }
        table.forget(partition: 1)
        for number in 0..<2000 {
            #expect((table.find(key(number)) == .none) == (number % 2 == 1))
        }
    }

    /// Random claims, settlements, lessons and time against a dictionary.
    @Test(arguments: 0..<10 as Range<UInt64>) func itDoesAsADictionaryDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = RecentEventTable(bytes: 0, window: 40)
        var known: [Int: (second: UInt32, claim: Int?, place: RecentEventTable.Place?)] = [:]
        var open: [(number: Int, sequence: Int, claim: Int, second: UInt32)] = []
        var (second, claims) = (UInt32(0), 0)
        for step in 0..<2000 {
            if Int.random(in: 0..<10, using: &random) == 0 { second += 1 }
            known = known.filter { second - $0.value.second <= 40 }
            open = open.filter { second - $0.second <= 40 }
            table.expire(now: second)
            let number = Int.random(in: 0..<200, using: &random)
            switch (known[number], Int.random(in: 0..<4, using: &random)) {
            case (nil, 0):
                table.learn(key(number), at: place(number), second)
                known[number] = (second, nil, place(number))
            case (nil, _):
                claims += 1
                open.append((number, table.claim(key(number), by: claims, at: second), claims, second))
                known[number] = (second, claims, nil)
            case (_?, let choice):
                guard let settled = open.indices.randomElement(using: &random) else { break }
                let (number, sequence, claim, _) = open.remove(at: settled)
                let place = choice < 2 ? place(number) : nil
                #expect(table.settle(sequence, claim: claim, at: place) == nil)
                known[number] = place.map { (known[number]?.second ?? 0, nil, $0) }
            }
            for (number, entry) in step % 50 == 0 ? known : known.filter({ $0.key == number }) {
                switch table.find(key(number)) {
                case .stored(let place): #expect(entry.place == place)
                case .claimed(let claim, _): #expect(entry.claim == claim)
                case .none: Issue.record("\(number) was forgotten")
                }
            }
            #expect(table.find(key(Int.random(in: 200..<400, using: &random))) == .none)
        }
    }
}
