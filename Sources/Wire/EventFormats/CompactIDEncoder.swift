internal import Bytes
internal import EventLog

/// Writes ids in the form that `CompactID` describes.
struct CompactIDEncoder: Sendable {
    /// The bytes that are the same in each id, and the bits after them that don't fill a byte.
    private let constant: [UInt8]
    private let constantBits: BitWriter

    /// - Parameters:
    ///   - partitions: sorted, each once.
    ///   - topics: sorted, each once, with those of all partitions.
    init(_ partitions: [TopicPartition], topics: [String]) {
        var bytes: [UInt8] = [CompactID.version]
        bytes.append(bigEndian: CompactID.hash(topics))
        var bits = BitWriter()
        let byTopic = Dictionary(grouping: partitions, by: \.topic).mapValues { $0.map(\.partition) }
        let isListed = byTopic.values.contains { partitions in
            partitions.enumerated().contains { Int($0.element) != $0.offset }
        }
        bits.write(isListed ? 1 : 0, bits: 1, to: &bytes)
        for topic in topics {
            let partitions = byTopic[topic] ?? []
            for _ in partitions { bits.write(1, bits: 1, to: &bytes) }
            bits.write(0, bits: 1, to: &bytes)
            guard isListed else { continue }
            var previous: Int64 = -1
            for partition in partitions {
                bits.writeGamma(UInt64(clamping: Int64(partition) - previous), to: &bytes)
                previous = Int64(partition)
            }
        }
        constant = bytes
        constantBits = bits
    }

    func append(_ positions: Span<Position>, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(constant.span)
        var bits = constantBits

        var offsets: UInt64 = 0
        var base = Timestamp.max
        var newest = Timestamp.min
        var isComplete = true
        for index in positions.indices {
            offsets |= UInt64(clamping: positions[index].offset)
            if let timestamp = positions[index].timestamp {
                base = min(base, timestamp)
                newest = max(newest, timestamp)
            } else {
                isComplete = false
            }
        }
        if newest < base { (base, newest) = (0, 0) }
        let offsetBits = offsets.significantBits
        let zigzag = CompactID.zigzag(base)
        let timeBits = UInt64(bitPattern: newest &- base).significantBits
        bits.write(UInt64(offsetBits), bits: 7, to: &bytes)
        bits.write(UInt64(zigzag.significantBits), bits: 7, to: &bytes)
        bits.write(UInt64(timeBits), bits: 7, to: &bytes)
        bits.write(zigzag, bits: zigzag.significantBits, to: &bytes)
        bits.write(isComplete ? 1 : 0, bits: 1, to: &bytes)
        for index in positions.indices {
            bits.write(UInt64(clamping: positions[index].offset), bits: offsetBits, to: &bytes)
            let timestamp = positions[index].timestamp
            if !isComplete { bits.write(timestamp == nil ? 0 : 1, bits: 1, to: &bytes) }
            if let timestamp { bits.write(UInt64(bitPattern: timestamp &- base), bits: timeBits, to: &bytes) }
        }
        bits.finish(to: &bytes)
        bytes.append(bigEndian: CompactID.checksum(bytes.span.extracting(start..<bytes.count)))
        Base64URL.encode(&bytes, from: start)
    }
}
