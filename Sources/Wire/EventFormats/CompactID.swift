internal import EventLog

/// The compact form of an id: base64url without padding (RFC 4648, section 5) of these bytes.
///
///     version   1 byte: 0x02, and 0x10 where the id is whole, 0x20 where it is final (`RequestedCursor`)
///     topics    4 bytes: the sum, modulo 2^32, of the hashes of the request's topics
///     bits      most significant first, filled up with 0 to a whole byte:
///       7       b, the bits of the base
///       b       the base: the largest timestamp, zigzag (2n, or -2n-1 if negative); 0 where there is none
///       1       0: every topic has the partitions 0 ..< n. 1: the partitions are listed
///       topics  for each, sorted: n in unary (n times 1, then 0). If listed, then n times the distance from the partition
///               before it (the first's from -1) in Elias's gamma code: as many 0 as the number has bits after its
///               first 1, and then the number
///       7       o, the bits of an offset
///       7       t, the bits of a time
///       1       1: every entry has a timestamp. 0: some have none
///       entries for each, in the order of topics and partitions: its offset (o bits); if some have no timestamp, 1 if it
///               has one, else 0; if it has one, how much smaller it is than the base (t bits)
///     checksum  4 bytes, of all bytes before
///
/// All numbers are in network order; hash and checksum are FNV-1a of 32 bits, which shows every damage to one byte, and
/// is no defence against forgery: an id says no more than its sender could ask for anyway.
///
/// Because the topics' hashes are added up, a request that has one or two topics more than the id tells which, and reads it.
/// Where the lists differ in any other way, the base still tells when the id was made.
///
/// Version 1, which is still read: its first byte is 0x01, its hash is of the list as a whole, and the base (the smallest
/// timestamp, which the others are larger than) stands behind t, its width between o and t.
///
/// Eight partitions with offsets below 2^40, timestamps of this century and all within a year, each of its topic's
/// partitions from 0 on, and at most 22 topics in the request: 128 characters at most, the size up to which a header
/// needs no preflight. Larger numbers and more partitions just make it longer.
enum CompactID {
    static let version: UInt8 = 2
    static let wholeFlag: UInt8 = 0x10
    static let finalFlag: UInt8 = 0x20
    /// Version, topics and checksum.
    static let overhead = 9

    static func checksum(_ bytes: Span<UInt8>, seed: UInt32 = 2_166_136_261) -> UInt32 {
        var hash = seed
        for place in bytes.indices { hash = (hash ^ UInt32(bytes[place])) &* 16_777_619 }
        return hash
    }

    static func hash(_ topic: String) -> UInt32 { checksum(Array(topic.utf8).span) }

    static func sum(_ topics: some Sequence<String>) -> UInt32 { topics.reduce(0) { $0 &+ hash($1) } }

    /// Version 1's: each name with its length before it, so that no two lists are the same bytes.
    ///
    /// - Parameters:
    ///   - topics: sorted, each once.
    static func listHash(_ topics: [String]) -> UInt32 {
        var bytes: [UInt8] = []
        for topic in topics {
            bytes.append(bigEndian: UInt32(truncatingIfNeeded: topic.utf8.count))
            bytes.append(contentsOf: topic.utf8)
        }
        return checksum(bytes.span)
    }

    static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: (number << 1) ^ (number >> 63)) }

    static func unzigzag(_ number: UInt64) -> Int64 { Int64(bitPattern: (number >> 1) ^ (0 &- (number & 1))) }
}

extension [UInt8] {
    mutating func append(bigEndian number: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    }
}

extension UInt64 {
    /// How many bits it takes to write the number.
    var significantBits: Int { UInt64.bitWidth - leadingZeroBitCount }
}
