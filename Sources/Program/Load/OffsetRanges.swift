internal import Bytes

/// A set of offsets, kept as ranges: small when most of them are neighbours.
struct OffsetRanges: Hashable, Sendable {
    /// In order; none touches another.
    private(set) var ranges: [Range<Int64>] = []

    mutating func insert(_ offset: Int64) {
        guard offset < .max else { return }
        // Nearly always the next one.
        if let last = ranges.indices.last, ranges[last].upperBound == offset {
            ranges[last] = ranges[last].lowerBound..<offset + 1
            return
        }
        let place = firstEnding(after: offset)
        if place < ranges.count, ranges[place].contains(offset) { return }
        let joinsBefore = place > 0 && ranges[place - 1].upperBound == offset
        let joinsAfter = place < ranges.count && ranges[place].lowerBound == offset + 1
        switch (joinsBefore, joinsAfter) {
        case (true, true):
            ranges[place - 1] = ranges[place - 1].lowerBound..<ranges[place].upperBound
            ranges.remove(at: place)
        case (true, false): ranges[place - 1] = ranges[place - 1].lowerBound..<offset + 1
        case (false, true): ranges[place] = offset..<ranges[place].upperBound
        case (false, false): ranges.insert(offset..<offset + 1, at: place)
        }
    }

    /// How many of the set are in a range.
    func count(in range: Range<Int64>) -> Int64 {
        var count: Int64 = 0
        var place = firstEnding(after: range.lowerBound)
        while place < ranges.count, ranges[place].lowerBound < range.upperBound {
            count += Int64(ranges[place].clamped(to: range).count)
            place += 1
        }
        return count
    }

    private func firstEnding(after offset: Int64) -> Int {
        ranges.indices.firstIndex(thatHasReached: { ranges[$0].upperBound > offset })
    }
}
