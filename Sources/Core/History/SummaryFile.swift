internal import Bytes
package import EventFilter
package import EventLog

/// The summary of one block of the log, with the place of the block: it outlives the process.
package struct KeptSummary: Sendable {
    package var partition: TopicPartition
    /// The offsets that it is of; a reader begins at the first.
    package var range: Range<Offset>
    /// Where a reader stands after the block's last record.
    package var last: Position
    /// Of the block's last record.
    package var lastOffset: Offset
    /// The values that the summary fields have in the block.
    package var values: ValueSummary
}

/// The form in which summaries are kept in a file:
///
///     "ESBS" 1 | fields: count, then each name | groups | checksum: 8 bytes
///     group:   topic | partition: 4 bytes | mark of the rules: 8 | count: 4 | summaries
///     summary: first, end, last record, next, its timestamp: 8 each | 8 words of 8 bytes for each field
///
/// Numbers are little-endian; a text is its length in 2 bytes and its UTF-8. The checksum is FNV-1a of all before it. Fields in
/// another order, another form or a wrong byte: the file says nothing, and all is learned again.
package struct SummaryFile {
    /// The content of the file.
    package private(set) var bytes: [UInt8]

    /// The summaries of a partition.
    package struct Group {
        package var partition: TopicPartition
        /// Of the rules that its records were prepared under.
        package var mark: UInt64
        /// In the order of the file.
        package var summaries: [KeptSummary]
    }

    private static let magic = Array("ESBS\u{1}".utf8)

    /// - Parameter mark: the rules of a topic.
    package init(fields: SummaryFields, _ summaries: [KeptSummary], mark: (String) -> UInt64) {
        bytes = Self.magic
        bytes.append(littleEndian: UInt32(fields.names.count))
        for name in fields.names { append(name) }
        var groups: [TopicPartition: [KeptSummary]] = [:]
        for summary in summaries { groups[summary.partition, default: []].append(summary) }
        for (partition, summaries) in groups.sorted(by: { $0.key < $1.key }) {
            append(partition.topic)
            bytes.append(littleEndian: UInt32(bitPattern: partition.partition))
            bytes.append(littleEndian: mark(partition.topic))
            bytes.append(littleEndian: UInt32(summaries.count))
            for summary in summaries {
                for number in [
                    summary.range.lowerBound, summary.range.upperBound, summary.lastOffset, summary.last.offset,
                    summary.last.timestamp ?? .min,
                ] { bytes.append(littleEndian: UInt64(bitPattern: number)) }
                for word in summary.values.words { bytes.append(littleEndian: word) }
            }
        }
        bytes.append(littleEndian: FNV.hash(bytes))
    }

    private mutating func append(_ text: String) {
        bytes.append(littleEndian: UInt16(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8.prefix(Int(UInt16.max)))
    }

    // MARK: Reading

    /// Reads the content of a file.
    ///
    /// - Returns: its groups; none where the bytes are not of this form, or are of other fields.
    package static func read(_ bytes: [UInt8], fields: SummaryFields) -> [Group] {
        guard bytes.count >= magic.count + 12, bytes.starts(with: magic) else { return [] }
        var end = ByteReader(bytes[(bytes.count - 8)...])
        guard end.number(UInt64.self) == FNV.hash(bytes.dropLast(8)) else { return [] }
        var reader = ByteReader(bytes[magic.count..<bytes.count - 8])
        guard let count = reader.number(UInt32.self), count == fields.names.count else { return [] }
        for name in fields.names { guard reader.text() == name else { return [] } }
        var groups: [Group] = []
        while !reader.isAtEnd {
            guard let group = reader.group(fields) else { return [] }
            groups.append(group)
        }
        return groups
    }
}

extension ByteReader {
    fileprivate mutating func text() -> String? { number(UInt16.self).flatMap { text(Int($0)) } }

    fileprivate mutating func group(_ fields: SummaryFields) -> SummaryFile.Group? {
        guard let topic = text(), let number = number(UInt32.self), let mark = self.number(UInt64.self),
            let count = self.number(UInt32.self),
            // So that no number makes room for what is not there.
            Int(count) <= self.count / (40 + 8 * ValueSummary.wordCount(fields))
        else { return nil }
        let partition = TopicPartition(topic, Int32(bitPattern: number))
        var summaries: [KeptSummary] = []
        for _ in 0..<count {
            guard let summary = summary(of: partition, fields) else { return nil }
            summaries.append(summary)
        }
        return SummaryFile.Group(partition: partition, mark: mark, summaries: summaries)
    }

    private mutating func summary(of partition: TopicPartition, _ fields: SummaryFields) -> KeptSummary? {
        var numbers: [Int64] = []
        for _ in 0..<5 {
            guard let number = number(UInt64.self) else { return nil }
            numbers.append(Int64(bitPattern: number))
        }
        var words: [UInt64] = []
        for _ in 0..<ValueSummary.wordCount(fields) {
            guard let word = number(UInt64.self) else { return nil }
            words.append(word)
        }
        let (first, end, lastOffset, next, timestamp) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        guard first >= 0, lastOffset >= first, next > lastOffset, end >= next,
            let values = ValueSummary(words: words, fields)
        else { return nil }
        return KeptSummary(
            partition: partition, range: first..<end, last: Position(offset: next, timestamp: timestamp),
            lastOffset: lastOffset, values: values)
    }
}
