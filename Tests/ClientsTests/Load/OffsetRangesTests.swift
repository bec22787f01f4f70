import Testing

@testable import Load

@Suite struct OffsetRangesTests {
    @Test func neighboursAreOneRange() {
        var set = OffsetRanges()
        for offset in [5, 6, 8, 7, 1, 2, 0, 4, 3, 3, 8] as [Int64] { set.insert(offset) }
        #expect(set.ranges == [0..<9])
    }

    @Test(arguments: 0..<50)
    func itIsASet(seed: Int) {
        var (set, truth) = (OffsetRanges(), Set<Int64>())
        for step in 0..<60 {
            let offset = Int64((seed * 7919 + step * step * 31 + step * (seed + 17)) % 80)
            set.insert(offset)
            truth.insert(offset)
        }
        for start in 0..<80 as Range<Int64> {
            let range = start..<start + 17
            #expect(set.count(in: range) == Int64(truth.filter(range.contains).count), "\(truth.sorted())")
        }
    }
}
