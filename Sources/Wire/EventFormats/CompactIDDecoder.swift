internal import Bytes
internal import EventLog

/// Reads ids in the form that `CompactID` describes.
enum CompactIDDecoder {
    /// - Parameters:
    ///   - topics: the request's, sorted, each once.
    static func decode(_ text: [UInt8], topics: [String]) throws(LastEventIDError) -> RequestedCursor {
        guard let bytes = Base64URL.decode(text.span), let first = bytes.first else { throw .unknownForm }
        let isOld = first == 1
        let flags = first & ~CompactID.version
        guard isOld || first & 0x0F == CompactID.version && flags & ~(CompactID.wholeFlag | CompactID.finalFlag) == 0
        else { throw .unknownVersion }
        guard bytes.count > CompactID.overhead, Base64URL.text(bytes) == text else { throw .damaged }
        let end = bytes.count - 4
        var checksum: [UInt8] = []
        checksum.append(bigEndian: CompactID.checksum(bytes.span.extracting(0..<end)))
        guard bytes[end...].elementsEqual(checksum) else { throw .damaged }
        let hash = bytes[1..<5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }

        var bits = BitReader(bytes[5..<end])
        if isOld {
            guard let topics = oldList(of: hash, among: topics) else { throw .otherTopics }
            return RequestedCursor(try readOld(&bits, topics: topics))
        }
        let isWhole = flags & CompactID.wholeFlag != 0
        let isFinal = flags & CompactID.finalFlag != 0
        guard let baseBits = width(&bits), let base = bits.read(baseBits) else { throw .damaged }
        guard let topics = list(of: hash, among: topics) else {
            // Which partitions were meant can't be told; where all were, they go on by time.
            guard isWhole else { throw .otherTopics }
            return RequestedCursor(
                [], isWhole: true, isFinal: isFinal, time: baseBits == 0 ? .min : CompactID.unzigzag(base))
        }
        var entries = try partitions(&bits, topics: topics)
        guard let offsetBits = width(&bits), offsetBits < 64, let timeBits = width(&bits) else { throw .damaged }
        try readPositions(&bits, offsetBits, timeBits, into: &entries) { CompactID.unzigzag(base) &- $0 }
        return RequestedCursor(entries, isWhole: isWhole, isFinal: isFinal)
    }

    // MARK: Lists of topics

    /// The list that was hashed: these topics, or all but one or two of them, which were added since.
    private static func list(of sum: UInt32, among topics: [String]) -> [String]? {
        let hashes = topics.map(CompactID.hash)
        let surplus = hashes.reduce(0, &+) &- sum
        if surplus == 0 { return topics }
        var places: [UInt32: Int] = [:]
        for (place, hash) in hashes.enumerated() {
            if hash == surplus { return without([place], topics) }
            if let other = places[surplus &- hash] { return without([other, place], topics) }
            places[hash] = place
        }
        return nil
    }

    /// As `list`, for version 1: all of these topics, or all but one.
    private static func oldList(of hash: UInt32, among topics: [String]) -> [String]? {
        if CompactID.listHash(topics) == hash { return topics }
        return topics.indices.lazy.map { without([$0], topics) }.first { CompactID.listHash($0) == hash }
    }

    private static func without(_ places: Set<Int>, _ topics: [String]) -> [String] {
        topics.indices.filter { !places.contains($0) }.map { topics[$0] }
    }

    // MARK: Bits

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

    private static func readOld(
        _ bits: inout BitReader, topics: [String]
    ) throws(LastEventIDError) -> [RequestedPosition] {
        var entries = try partitions(&bits, topics: topics)
        guard let offsetBits = width(&bits), offsetBits < 64, let baseBits = width(&bits), let timeBits = width(&bits),
            let base = bits.read(baseBits)
        else { throw .damaged }
        try readPositions(&bits, offsetBits, timeBits, into: &entries) { CompactID.unzigzag(base) &+ $0 }
        return entries
    }

    /// - Parameter time: the timestamp that is so far from the base.
    private static func readPositions(
        _ bits: inout BitReader, _ offsetBits: Int, _ timeBits: Int, into entries: inout [RequestedPosition],
        time: (Int64) -> Timestamp
    ) throws(LastEventIDError) {
        guard let isComplete = bits.read(1) else { throw .damaged }
        for index in entries.indices {
            guard let offset = bits.read(offsetBits) else { throw .damaged }
            entries[index].place = .at(Offset(offset))
            guard let hasTimestamp = isComplete == 1 ? 1 : bits.read(1) else { throw .damaged }
            guard hasTimestamp == 1 else { continue }
            guard let distance = bits.read(timeBits) else { throw .damaged }
            entries[index].timestamp = time(Int64(bitPattern: distance))
        }
        guard bits.isAtEnd() else { throw .damaged }
        guard !entries.isEmpty else { throw .emptyList }
    }

    /// A number of bits; nil where it is more than a number has.
    private static func width(_ bits: inout BitReader) -> Int? {
        bits.read(7).flatMap { $0 <= 64 ? Int($0) : nil }
    }
}
