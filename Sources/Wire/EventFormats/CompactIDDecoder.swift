internal import Bytes
internal import EventLog

/// Reads ids in the form that `CompactID` describes.
enum CompactIDDecoder {
    /// - Parameters:
    ///   - topics: the request's, sorted, each once.
    static func decode(_ text: [UInt8], topics: [String]) throws(LastEventIDError) -> [RequestedPosition] {
        guard let bytes = Base64URL.decode(text.span), let version = bytes.first else { throw .unknownForm }
        guard version == CompactID.version else { throw .unknownVersion }
        guard bytes.count > CompactID.overhead, Base64URL.text(bytes) == text else { throw .damaged }
        let end = bytes.count - 4
        var checksum: [UInt8] = []
        checksum.append(bigEndian: CompactID.checksum(bytes.span.extracting(0..<end)))
        guard bytes[end...].elementsEqual(checksum) else { throw .damaged }
        var hash: [UInt8] = []
        hash.append(bigEndian: CompactID.hash(topics))
        guard bytes[1..<5].elementsEqual(hash) else { throw .otherTopics }

        var bits = BitReader(bytes[5..<end])
        var entries = try partitions(&bits, topics: topics)
        try readPositions(&bits, into: &entries)
        guard bits.isAtEnd() else { throw .damaged }
        guard !entries.isEmpty else { throw .emptyList }
        return entries
    }

    private static func partitions(
        _ bits: inout BitReader, topics: [String]
    ) throws(LastEventIDError) -> [RequestedPosition] {
        var entries: [RequestedPosition] = []
        guard let isListed = bits.read(1) else { throw .damaged }
        for topic in topics {
            guard let count = bits.readUnary() else { throw .damaged }
            guard entries.count + count <= LastEventID.entryLimit else {
                throw .tooManyEntries(limit: LastEventID.entryLimit)
            }
            var previous: Int64 = -1
            for _ in 0..<count {
                if isListed == 1 {
                    guard let distance = bits.readGamma() else { throw .damaged }
                    previous += Int64(distance)
                } else {
                    previous += 1
                }
                guard let partition = Int32(exactly: previous) else { throw .damaged }
                entries.append(RequestedPosition(topic: topic, partition: partition))
            }
        }
        return entries
    }

    private static func readPositions(
        _ bits: inout BitReader, into entries: inout [RequestedPosition]
    ) throws(LastEventIDError) {
        guard let offsetBits = width(&bits), offsetBits < 64, let baseBits = width(&bits), let timeBits = width(&bits),
            let base = bits.read(baseBits), let isComplete = bits.read(1)
        else { throw .damaged }
        for index in entries.indices {
            guard let offset = bits.read(offsetBits) else { throw .damaged }
            entries[index].place = .at(Offset(offset))
            guard let hasTimestamp = isComplete == 1 ? 1 : bits.read(1) else { throw .damaged }
            guard hasTimestamp == 1 else { continue }
            guard let distance = bits.read(timeBits) else { throw .damaged }
            let timestamp = CompactID.unzigzag(base) &+ Int64(bitPattern: distance)
            guard LastEventID.timestampRange.contains(timestamp) else { throw .invalidEntry(index, .timestamp) }
            entries[index].timestamp = timestamp
        }
    }

    /// A number of bits; nil where it is more than a number has.
    private static func width(_ bits: inout BitReader) -> Int? {
        bits.read(7).flatMap { $0 <= 64 ? Int($0) : nil }
    }
}
