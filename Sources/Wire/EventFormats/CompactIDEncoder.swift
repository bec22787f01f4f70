internal import Bytes
internal import EventLog

/// Writes ids in the form that `CompactID` describes.
struct CompactIDEncoder: Sendable {
    /// The first bytes, which are the same in each id.
    private let head: [UInt8]
    /// Which partitions there are: what follows the base, each number with its bits.
    private let shape: [(value: UInt64, bits: Int)]

    /// - Parameters:
    ///   - partitions: sorted, each once.
    ///   - topics: sorted, each once, with those of all partitions.
    init(_ partitions: [TopicPartition], topics: [String], isWhole: Bool) {
        var head: [UInt8] = [CompactID.version | (isWhole ? CompactID.wholeFlag : 0)]
        head.append(bigEndian: CompactID.sum(topics))
        self.head = head
        let byTopic = Dictionary(grouping: partitions, by: \.topic).mapValues { $0.map(\.partition) }
        let isListed = byTopic.values.contains { partitions in
            partitions.enumerated().contains { Int($0.element) != $0.offset }
        }
        var shape: [(value: UInt64, bits: Int)] = [(isListed ? 1 : 0, 1)]
        for topic in topics {
            let partitions = byTopic[topic] ?? []
            for _ in partitions { shape.append((1, 1)) }
            shape.append((0, 1))
            guard isListed else { continue }
            var previous: Int64 = -1
            for partition in partitions {
                // Elias's gamma code: the zeros in front are the number's width without its first 1.
                let distance = UInt64(clamping: max(Int64(partition) - previous, 1))
                shape.append((0, distance.significantBits - 1))
                shape.append((distance, distance.significantBits))
                previous = Int64(partition)
            }
        }
        self.shape = shape
    }

    func append(_ positions: Span<Position>, isFinal: Bool, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(head.span)
        if isFinal { bytes[start] |= CompactID.finalFlag }
        var bits = BitWriter()

        var offsets: UInt64 = 0
        var oldest = Timestamp.max
        var base = Timestamp.min
        var isComplete = true
        for index in positions.indices {
            offsets |= UInt64(clamping: positions[index].offset)
            if let timestamp = positions[index].timestamp {
                oldest = min(oldest, timestamp)
                base = max(base, timestamp)
            } else {
                isComplete = false
            }
        }
        if base < oldest { (oldest, base) = (0, 0) }
        let offsetBits = offsets.significantBits
        let zigzag = CompactID.zigzag(base)
        let timeBits = UInt64(bitPattern: base &- oldest).significantBits
        bits.write(UInt64(zigzag.significantBits), bits: 7, to: &bytes)
        bits.write(zigzag, bits: zigzag.significantBits, to: &bytes)
        for part in shape { bits.write(part.value, bits: part.bits, to: &bytes) }
        bits.write(UInt64(offsetBits), bits: 7, to: &bytes)
        bits.write(UInt64(timeBits), bits: 7, to: &bytes)
        bits.write(isComplete ? 1 : 0, bits: 1, to: &bytes)
        for index in positions.indices {
            bits.write(UInt64(clamping: positions[index].offset), bits: offsetBits, to: &bytes)
            let timestamp = positions[index].timestamp
            if !isComplete { bits.write(timestamp == nil ? 0 : 1, bits: 1, to: &bytes) }
            if let timestamp { bits.write(UInt64(bitPattern: base &- timestamp), bits: timeBits, to: &bytes) }
        }
        bits.finish(to: &bytes)
        bytes.append(bigEndian: CompactID.checksum(bytes.span.extracting(start..<bytes.count)))
        Base64URL.encode(&bytes, from: start)
    }
}
