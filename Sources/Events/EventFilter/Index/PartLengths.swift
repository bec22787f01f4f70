/// How many keys there are of each length: 1 to `AccessKey.longestPart` bytes. Most have one length, which needs no memory
/// of its own.
struct PartLengths {
    struct Count {
        var length: Int32 = 0
        var count: Int32 = 0
    }

    /// Bit n: there are some of n bytes.
    private(set) var mask: UInt64 = 0
    private var first = Count()
    private var others: ContiguousArray<Count> = []

    mutating func change(_ length: Int, by change: Int32) {
        let bit: UInt64 = 1 << UInt64(length)
        if mask & bit == 0 {
            mask |= bit
            let count = Count(length: Int32(length), count: change)
            if first.count == 0 { first = count } else { others.append(count) }
        } else if first.count > 0, first.length == Int32(length) {
            first.count += change
            if first.count == 0 { mask &= ~bit }
        } else if let place = others.firstIndex(where: { $0.length == Int32(length) }) {
            others[place].count += change
            guard others[place].count == 0 else { return }
            others.remove(at: place)
            mask &= ~bit
        }
    }
}
