import Testing

@testable import Reactor

@Suite struct SlabTests {
    @Test func aKeyOfARemovedElementNeverReachesItsSuccessor() {
        var slab = Slab(vacant: "")
        let first = slab.insert("first")
        slab.remove(at: 0)
        let second = slab.insert("second")
        #expect(second.index == first.index)
        #expect(slab.index(of: first) == nil)
        #expect(slab.index(of: second).map { slab[$0] } == "second")
    }

    @Test func aKeySurvivesItsWayThroughOneWord() {
        let key = SlabKey(index: 0xDEAD_BEEF, generation: 0x1234_5678)
        #expect(SlabKey(word: key.word) == key)
    }

    @Test func placesAreUsedAgainAndCounted() {
        var slab = Slab(vacant: 0)
        let keys = (0..<100).map { slab.insert($0) }
        for key in keys where key.index % 2 == 0 { slab.remove(at: Int(key.index)) }
        #expect(slab.count == 50)
        for number in 0..<50 { _ = slab.insert(number) }
        #expect(slab.count == 100)
        #expect(slab.indices.count == 100)
    }

    @Test func theReservedGenerationIsNeverGivenOut() {
        var slab = Slab(vacant: 0)
        _ = slab.insert(1)
        // The last generation, and taken.
        slab.places[0].turns = .max
        #expect(slab.key(at: 0)?.generation == .max >> 1)
        slab.remove(at: 0)
        #expect(slab.key(at: 0) == nil)
        #expect(slab.insert(2).generation == 0)
    }
}
