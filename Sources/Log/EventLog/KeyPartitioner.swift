/// Chooses a record's partition by its key as Kafka's default partitioner does, so that a topic may move between logs
/// and keep each key in its partition.
public enum KeyPartitioner {
    /// The partition of `count` (at least 1) that a key belongs to.
    public static func partition(ofKey key: [UInt8], count: Int) -> Int {
        Int(murmur2(key) & 0x7FFF_FFFF) % count
    }

    /// MurmurHash2, 32 bits, with the seed Kafka uses.
    public static func murmur2(_ bytes: [UInt8]) -> Int32 {
        let factor: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word =
                UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
                | UInt32(bytes[index + 3]) << 24
            word &*= factor
            word ^= word >> 24
            word &*= factor
            hash &*= factor
            hash ^= word
            index += 4
        }
        if index < bytes.count {
            for (place, byte) in bytes[index...].enumerated() {
                hash ^= UInt32(byte) << UInt32(8 * place)
            }
            hash &*= factor
        }
        hash ^= hash >> 13
        hash &*= factor
        hash ^= hash >> 15
        return Int32(bitPattern: hash)
    }
}
