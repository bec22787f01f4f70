internal import EventLog

/// A partition as the ledger knows it: what it is, and how far it was acknowledged.
struct LedgerEntry: Hashable, Sendable {
    var topic: String
    var number: Int32
    /// The number in the name of its table.
    var id: Int64
    /// The offset after the last one that was acknowledged.
    var next: Offset
    /// The running maximum there; nil where nothing was ever appended.
    var maximum: Timestamp?
    /// Of the last record.
    var lastTimestamp: Timestamp?
}

/// A slot of the ledger as bytes: 512 of them, which a disk writes whole or not at all. Integers are little-endian.
///
///       0  number of the partition in its topic (8) | id (8) | length of the topic's name (8) | the name, padded (256)
///     280  checksum of all before it (8)
///     288  next (8) | maximum (8) | last timestamp (8) | flags (8): 1 there is a maximum, 2 a last timestamp
///     320  checksum of all before it, from 0 on (8)
///     328  zeros
enum LedgerSlot {
    static let size = 512
    /// Where the part begins that changes with each commit, and how long it is.
    static let changing = 288..<328
    private static let nameStart = 24
    private static let nameLength = 256
    private static let identityEnd = 280

    static func bytes(_ entry: LedgerEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        append(Int64(entry.number), to: &bytes)
        append(entry.id, to: &bytes)
        let name = Array(entry.topic.utf8.prefix(nameLength))
        append(Int64(name.count), to: &bytes)
        bytes += name
        bytes += [UInt8](repeating: 0, count: identityEnd - bytes.count)
        appendChecksum(to: &bytes)
        bytes += changingBytes(entry, after: identityChecksum(bytes))
        bytes += [UInt8](repeating: 0, count: size - bytes.count)
        return bytes
    }

    /// The checksum of a slot's bytes as far as they never change.
    static func identityChecksum(_ bytes: [UInt8]) -> Checksum {
        var checksum = Checksum()
        checksum.add(Array(bytes[..<changing.lowerBound]))
        return checksum
    }

    /// The part that changes, with the checksum of all before it.
    static func changingBytes(_ entry: LedgerEntry, after identity: Checksum) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(changing.count)
        append(entry.next, to: &bytes)
        append(entry.maximum ?? 0, to: &bytes)
        append(entry.lastTimestamp ?? 0, to: &bytes)
        append((entry.maximum == nil ? 0 : 1) | (entry.lastTimestamp == nil ? 0 : 2), to: &bytes)
        var checksum = identity
        checksum.add(bytes)
        append(Int64(checksum.value), to: &bytes)
        return bytes
    }

    /// Nil where the bytes are not a slot as it was written.
    static func entry(_ bytes: ArraySlice<UInt8>) -> LedgerEntry? {
        let bytes = Array(bytes)
        guard bytes.count == size, hasChecksum(bytes, at: identityEnd), hasChecksum(bytes, at: changing.upperBound - 8)
        else { return nil }
        let length = integer(bytes, at: 16)
        guard let number = Int32(exactly: integer(bytes, at: 0)), (0...Int64(nameLength)).contains(length) else {
            return nil
        }
        let flags = integer(bytes, at: 312)
        return LedgerEntry(
            topic: String(decoding: bytes[nameStart..<nameStart + Int(length)], as: UTF8.self), number: number,
            id: integer(bytes, at: 8), next: integer(bytes, at: 288),
            maximum: flags & 1 == 0 ? nil : integer(bytes, at: 296),
            lastTimestamp: flags & 2 == 0 ? nil : integer(bytes, at: 304))
    }

    // MARK: - Integers

    static func append(_ integer: Int64, to bytes: inout [UInt8]) {
        for shift in stride(from: Int64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: integer >> shift)) }
    }

    static func integer(_ bytes: [UInt8], at place: Int) -> Int64 {
        bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    static func appendChecksum(to bytes: inout [UInt8]) {
        append(checksum(bytes), to: &bytes)
    }

    static func hasChecksum(_ bytes: [UInt8], at place: Int) -> Bool {
        integer(bytes, at: place) == checksum(Array(bytes[..<place]))
    }

    private static func checksum(_ bytes: [UInt8]) -> Int64 {
        var checksum = Checksum()
        checksum.add(bytes)
        return Int64(checksum.value)
    }
}
