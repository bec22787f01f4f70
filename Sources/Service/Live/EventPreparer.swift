internal import Catalogue
internal import EventFormats
package import EventLog
internal import Events
internal import JSON
internal import Redaction
package import Streaming

/// Makes records ready to be sent, once for all clients: reads each as JSON, removes what may not be seen, says whether it
/// is a canary, and puts its place into its `meta` (contract, sections 3 and 8).
package struct EventPreparer: RecordPreparer {
    private let rules: @Sendable () -> (version: Int, policy: Policy)
    private let report: @Sendable (TopicPartition, Offset, String) -> Void

    /// - Parameters:
    ///   - rules: what holds now. A block remembers the version that it was prepared under.
    ///   - report: is told of each record that is no event, and why.
    package init(
        rules: @escaping @Sendable () -> (version: Int, policy: Policy),
        report: @escaping @Sendable (TopicPartition, Offset, String) -> Void
    ) {
        self.rules = rules
        self.report = report
    }

    package func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        let (version, policy) = rules()
        var work = Work(
            streams: policy.catalogue.streams(ofTopic: partition.topic), redactor: policy.redactor,
            splice: MetaSplice(partition))
        // What is added to each `meta` beside the key, and the words that an event of Wikimedia's has.
        let added = partition.topic.utf8.count + 96
        let bytes = records.reduce(0) { $0 + $1.value.count + ($1.key?.count ?? 0) }
        work.bytes.reserveCapacity(bytes + added * records.count)
        work.index.reserveCapacity(bytes / 12 + 16 * records.count)
        var entries: ContiguousArray<Block.Entry> = []
        entries.reserveCapacity(records.count)
        var gaps: [Gap] = []
        for record in records {
            let (start, index) = (work.bytes.count, work.index.count)
            let (kind, reason) = work.append(record)
            if let reason { report(partition, record.offset, reason) }
            if kind == .gap {
                entries.append(
                    Block.Entry(
                        kind: .gap, offset: record.offset, timestamp: record.timestamp, start: gaps.count,
                        end: gaps.count))
                gaps.append(
                    Gap(
                        partition, from: record.offset, to: record.offset + 1, reason: .unreadable,
                        detail: "the event is past a limit of this service: \(reason ?? "")"))
                continue
            }
            let hasIndex = work.index.count > index
            entries.append(
                Block.Entry(
                    kind: kind, offset: record.offset, timestamp: record.timestamp, start: start,
                    end: work.bytes.count, index: hasIndex ? Int32(clamping: index) : -1,
                    keyHash: record.key.map { Share.hash(ofKey: $0) }))
        }
        return Block(range: range, entries: entries, bytes: work.bytes, index: work.index, gaps: gaps, version: version)
    }

    /// Whether a client would see the record.
    package func isShown(_ record: Record, includingCanaries: Bool) -> Bool {
        var scanner = JSONScanner()
        guard case .event(let event) = ScannedRecord(record.value, scanner: &scanner) else { return false }
        return includingCanaries || !event.isCanary
    }

    /// What is made of the records of one block.
    private struct Work: ~Copyable {
        let streams: [String]
        let redactor: Redactor
        let splice: MetaSplice
        var scanner = JSONScanner()
        var bytes: [UInt8] = []
        var index: [UInt16] = []

        init(streams: [String], redactor: Redactor, splice: MetaSplice) {
            self.streams = streams
            self.redactor = redactor
            self.splice = splice
        }

        /// - Returns: what the record is, and why it is no event.
        mutating func append(_ record: Record) -> (Block.Entry.Kind, String?) {
            let scanned =
                record.index.isEmpty
                ? ScannedRecord(record.value, scanner: &scanner) : ScannedRecord(record.value, index: record.index)
            guard case .event(var event) = scanned else { return (scanned.isObject ? .gap : .skipped, scanned.reason) }
            if let redacted = redactor.apply(streams: streams, to: event.document) {
                let again = ScannedRecord(redacted, scanner: &scanner)
                guard case .event(let rest) = again else { return (again.isObject ? .gap : .skipped, again.reason) }
                event = rest
            }
            let metas = event.metas
            splice.append(
                event, metas: metas, offset: record.offset, key: record.key, to: &bytes, index: &index,
                scanner: &scanner)
            return (event.isCanary(metas) ? .canary : .event, nil)
        }
    }
}
