internal import CISAL
internal import EventLog

/// CRC-32 (the polynomial of IEEE 802.3, as in gzip) over everything a record is, its place included: a page that turns
/// up in the wrong place is as wrong as one with a flipped bit.
struct Checksum: Hashable, Sendable {
    private(set) var value: UInt32 = 0

    init() {}

    /// What the checksums of a partition's records begin with, so that a record is of one partition only.
    init(_ partition: TopicPartition) {
        add(partition.topic)
        add(Int64(partition.partition))
    }

    /// - Parameter partition: the checksum begun with the record's partition; in format 1, an empty one.
    static func of(
        _ partition: Checksum, offset: Offset, timestamp: Timestamp, maximum: Timestamp, key: [UInt8]?, value: [UInt8]
    ) -> Int64 {
        var checksum = partition
        checksum.add(offset)
        checksum.add(timestamp)
        checksum.add(maximum)
        // The length keeps a byte that moves from the key to the value from going unnoticed; -1 is no key.
        checksum.add(key.map { Int64($0.count) } ?? -1)
        if let key { checksum.add(key) }
        checksum.add(value)
        return Int64(checksum.value)
    }

    mutating func add(_ text: String) {
        let bytes = Array(text.utf8)
        add(Int64(bytes.count))
        add(bytes)
    }

    mutating func addOptional(_ integer: Int64?) {
        add(Int64(integer == nil ? 0 : 1))
        add(integer ?? 0)
    }

    mutating func add(_ integer: Int64) {
        // The buffer is valid within the closure.
        unsafe withUnsafeBytes(of: integer.littleEndian) { unsafe add($0) }
    }

    /// By the processor's own instructions: every record passes here when it is written and when it is read.
    mutating func add(_ bytes: [UInt8]) {
        // The buffer is valid within the closure.
        unsafe bytes.withUnsafeBytes { unsafe add($0) }
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value = unsafe crc32_gzip_refl(value, start.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }
}
