internal import EventLog

/// CRC-32 (the polynomial of IEEE 802.3, as in gzip) over everything a record is, its place included: a page that turns
/// up in the wrong place is as wrong as one with a flipped bit.
struct Checksum: Hashable, Sendable {
    private var state: UInt32 = 0xFFFF_FFFF

    var value: UInt32 { ~state }

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
        for shift in stride(from: Int64(0), to: 64, by: 8) {
            state = Self.table[Int((state ^ UInt32(truncatingIfNeeded: integer >> shift)) & 0xFF)] ^ state >> 8
        }
    }

    /// Eight bytes a turn ("slicing by 8"): the loop that every record passes when written and when read.
    mutating func add(_ bytes: [UInt8]) {
        var crc = state
        // The buffers are valid within the closures. `table` has 8 * 256 entries, and each index is a row (0 ... 7) times
        // 256 plus a byte; `index` stays below `input.count`.
        unsafe Self.table.withUnsafeBufferPointer { table in
            unsafe bytes.withUnsafeBytes { input in
                var index = 0
                while index + 8 <= input.count {
                    let word = unsafe UInt64(littleEndian: input.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    let low = UInt32(truncatingIfNeeded: word) ^ crc
                    let high = UInt32(truncatingIfNeeded: word >> 32)
                    crc =
                        unsafe table[1792 + Int(low & 0xFF)] ^ table[1536 + Int(low >> 8 & 0xFF)]
                        ^ table[1280 + Int(low >> 16 & 0xFF)] ^ table[1024 + Int(low >> 24)]
                    crc ^=
                        unsafe table[768 + Int(high & 0xFF)] ^ table[512 + Int(high >> 8 & 0xFF)]
                        ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
                    index += 8
                }
                while index < input.count {
                    crc = unsafe table[Int((crc ^ UInt32(input[index])) & 0xFF)] ^ crc >> 8
                    index += 1
                }
            }
        }
        state = crc
    }

    /// Row k at 256 * k: what a byte does to the checksum when k bytes follow it.
    private static let table: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            table[byte] = crc
        }
        for row in 1..<8 {
            for byte in 0..<256 {
                let before = table[256 * (row - 1) + byte]
                table[256 * row + byte] = table[Int(before & 0xFF)] ^ before >> 8
            }
        }
        return table
    }()
}
