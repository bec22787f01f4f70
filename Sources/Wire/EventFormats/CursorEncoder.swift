internal import Bytes
public import EventLog
internal import JSON

/// Writes the positions of a subscription's partitions as an id: contract, section 4. Made once for the partitions; what
/// stays the same from id to id is kept as bytes.
public struct CursorEncoder: Sendable {
    /// In the order in which positions are passed.
    public let partitions: [TopicPartition]
    /// The request's topics, sorted, each once; some may have no partition (yet, or in this subscription).
    public let topics: [String]

    /// The JSON form's constant bytes, and where in them each entry's part ends.
    private let pieces: [UInt8]
    private let ends: [Int]
    /// What follows the last entry's numbers, in ids that are final and those that are not.
    private let tail: [UInt8]
    private let finalTail: [UInt8]
    private let compact: CompactIDEncoder

    /// - Parameters:
    ///   - partitions: sorted here, and each taken once.
    ///   - topics: all topics of the request; those of the partitions are added where they are missing.
    ///   - isWhole: whether these are all partitions of the topics, so that those who come back with the id want what was
    ///     added meanwhile, too. Then the id says how many there are.
    public init(_ partitions: [TopicPartition], topics: [String] = [], isWhole: Bool = false) {
        self.partitions = Set(partitions).sorted()
        self.topics = Self.sorted(topics + partitions.map(\.topic))
        var pieces: [UInt8] = []
        var ends: [Int] = []
        for partition in self.partitions {
            pieces.append(ends.isEmpty ? "[{\"topic\":" : "},{\"topic\":")
            JSONText.append(partition.topic, to: &pieces)
            pieces.append(",\"partition\":")
            pieces.append(decimal: Int64(partition.partition))
            pieces.append(",\"offset\":")
            ends.append(pieces.count)
        }
        self.pieces = pieces
        self.ends = ends
        let count = isWhole ? ",\"entries\":\(ends.count)" : ""
        tail = Array("\(count)}]".utf8)
        finalTail = Array("\(count),\"final\":true}]".utf8)
        compact = CompactIDEncoder(self.partitions, topics: self.topics, isWhole: isWhole)
    }

    /// Appends the id. It never has a CR, LF or NUL.
    ///
    /// - Parameters:
    ///   - positions: as many as `partitions`, in their order.
    ///   - isFinal: whether the stream ends here because it has sent all it was asked for.
    public func append(_ positions: Span<Position>, form: IDForm, isFinal: Bool = false, to bytes: inout [UInt8]) {
        precondition(positions.count == partitions.count, "an id needs the position of every partition")
        switch form {
        case .json: appendJSON(positions, isFinal, to: &bytes)
        case .compact: compact.append(positions, isFinal: isFinal, to: &bytes)
        }
    }

    public func append(
        _ positions: ContiguousArray<Position>, form: IDForm, isFinal: Bool = false, to bytes: inout [UInt8]
    ) {
        append(positions.span, form: form, isFinal: isFinal, to: &bytes)
    }

    public func append(_ positions: [Position], form: IDForm, isFinal: Bool = false, to bytes: inout [UInt8]) {
        append(positions.span, form: form, isFinal: isFinal, to: &bytes)
    }

    private func appendJSON(_ positions: Span<Position>, _ isFinal: Bool, to bytes: inout [UInt8]) {
        guard !ends.isEmpty else { return bytes.append("[]") }
        var start = 0
        for index in positions.indices {
            bytes.append(pieces.span.extracting(start..<ends[index]))
            start = ends[index]
            bytes.append(decimal: positions[index].offset)
            if let timestamp = positions[index].timestamp {
                bytes.append(",\"timestamp\":")
                bytes.append(decimal: timestamp)
            }
        }
        bytes.append(isFinal ? finalTail.span : tail.span)
    }

    /// In the order of `TopicPartition`, each once.
    static func sorted(_ topics: [String]) -> [String] {
        Set(topics).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
}
