internal import EventLog

/// One of several equal shares of a stream (`shard=i/n`; contract, section 2). The shares of one number are disjoint, and
/// together they are the stream: a record with a key is in the share of its key, any other in that of its offset.
public struct Share: Hashable, Sendable {
    /// The most shares that a stream is divided into.
    public static let most = 64

    /// Which one: from 0 on, below `count`.
    public let index: Int
    public let count: Int

    /// Nil unless 0 ≤ `index` < `count` ≤ `most`.
    public init?(_ index: Int, of count: Int) {
        guard index >= 0, index < count, count <= Self.most else { return nil }
        self.index = index
        self.count = count
    }

    /// Whether a record is in it.
    func has(_ entry: Block.Entry) -> Bool {
        let number = entry.keyHash.map(UInt64.init) ?? UInt64(bitPattern: entry.offset)
        return number % UInt64(count) == UInt64(index)
    }

    /// What tells the shares of keys apart, from 0 to 2^31 - 1. Kafka's partitioner takes the rest of the same sum
    /// (`KeyPartitioner`), so it is stirred again: else all records of a partition could be in one share.
    public static func hash(ofKey key: [UInt8]) -> Int32 {
        var hash = UInt32(bitPattern: KeyPartitioner.murmur2(key))
        hash ^= hash >> 16
        hash &*= 0x7FEB_352D
        hash ^= hash >> 15
        hash &*= 0x846C_A68B
        hash ^= hash >> 16
        return Int32(hash >> 1)
    }
}
