/// How many keys there are of each length: 1 to `AccessKey.longestPart` bytes.
struct PartLengths {
    private struct Count {
        var length: Int32
        var count: Int32
    }

    /// Bit n: there are some of n bytes.
    private(set) var mask: UInt64 = 0
    private var counts: ContiguousArray<Count> = []

    mutating func change(_ length: Int, by change: Int32) {
        if let place = counts.firstIndex(where: { $0.length == Int32(length) }) {
            counts[place].count += change
            guard counts[place].count == 0 else { return }
            counts.remove(at: place)
            mask &= ~(1 << UInt64(length))
        } else {
            counts.append(Count(length: Int32(length), count: change))
            mask |= 1 << UInt64(length)
        }
    }
}
