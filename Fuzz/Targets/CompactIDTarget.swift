internal import EventFormats

extension FuzzTarget {
    /// As `lastEventID`, with the input as the inside of a compact id: version, topics and checksum around it are right. The
    /// input's first byte chooses the version and its flags.
    static let compactID = FuzzTarget("compact-id") { input throws(FuzzFinding) in
        let topics = ["a", "b", "topic"]
        let version: UInt8 = [1, 0x02, 0x12, 0x22, 0x32][Int(input.first ?? 0) % 5]
        let hash =
            version == 1
            ? checksum(topics.flatMap { bigEndian(UInt32($0.utf8.count)) + $0.utf8 })
            : topics.reduce(0) { $0 &+ checksum(Array($1.utf8)) }
        var bytes: [UInt8] = [version] + bigEndian(hash)
        bytes += input.dropFirst()
        bytes += bigEndian(checksum(bytes))
        let text = base64URL(bytes)
        let cursor: RequestedCursor
        do throws(LastEventIDError) { cursor = try LastEventID.parse(text, topics: topics) } catch {
            try require(error != .otherTopics && error != .unknownVersion, "version and topics are read: \(error)")
            return
        }
        try requireSound(cursor)
        try require(cursor.time == nil, "its topics are known")
        try writeAndRead(cursor)
        if !text.isEmpty {
            var damaged = text
            damaged[input.count % text.count] ^= 1
            try require((try? LastEventID.parse(damaged, topics: topics)) == nil, "a damaged id is refused")
        }
        let others = try? LastEventID.parse(text, topics: ["a", "b"])
        try require(others.map { $0.entries.isEmpty } ?? true, "an id of other topics names no partition")
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func base64URL(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
        return stride(from: 0, to: bits.count, by: 6).map { start in
            let six = (start..<start + 6).map { $0 < bits.count ? bits[$0] : 0 }
            return alphabet[Int(six.reduce(0) { $0 << 1 | $1 })]
        }
    }
}
