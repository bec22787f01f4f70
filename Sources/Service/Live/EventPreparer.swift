internal import EventFormats
public import EventLog
internal import JSON
public import Streaming

/// Makes records ready to be sent, once for all clients: reads each as JSON, removes what may not be seen, says whether it
/// is a canary, and puts its place into its `meta` (contract, sections 3 and 8).
public struct EventPreparer: RecordPreparer {
    private let policy: @Sendable () -> Policy
    private let report: @Sendable (TopicPartition, Offset, String) -> Void

    /// What a reload may change.
    public struct Policy: Sendable {
        public var catalogue: StreamCatalogue
        public var redactor: Redactor

        public init(catalogue: StreamCatalogue, redactor: Redactor = Redactor()) {
            self.catalogue = catalogue
            self.redactor = redactor
        }
    }

    /// - Parameters:
    ///   - policy: what holds now.
    ///   - report: is told of each record that is no event, and why.
    public init(
        policy: @escaping @Sendable () -> Policy, report: @escaping @Sendable (TopicPartition, Offset, String) -> Void
    ) {
        self.policy = policy
        self.report = report
    }

    public func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        let policy = policy()
        let streams = policy.catalogue.streams(ofTopic: partition.topic)
        let splice = MetaSplice(partition)
        var entries: ContiguousArray<Block.Entry> = []
        entries.reserveCapacity(records.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + $1.value.count + 96 })
        for record in records {
            let start = bytes.count
            let kind = append(record, partition, splice, policy.redactor, streams, to: &bytes)
            entries.append(
                Block.Entry(
                    kind: kind, offset: record.offset, timestamp: record.timestamp, start: start, end: bytes.count))
        }
        return Block(range: range, entries: entries, bytes: bytes)
    }

    /// Whether a client would see the record.
    public func isShown(_ record: Record, includingCanaries: Bool) -> Bool {
        guard let document = try? JSONDocument(record.value), document[document.root].kind == .object else {
            return false
        }
        return includingCanaries || !Self.isCanary(document)
    }

    private func append(
        _ record: Record, _ partition: TopicPartition, _ splice: MetaSplice, _ redactor: Redactor, _ streams: [String],
        to bytes: inout [UInt8]
    ) -> Block.Entry.Kind {
        do throws(JSONError) {
            var document = try JSONDocument(record.value)
            if let redacted = redactor.apply(streams: streams, to: document) { document = try JSONDocument(redacted) }
            guard splice.append(document, offset: record.offset, key: record.key, to: &bytes) else {
                report(partition, record.offset, "it is not a JSON object")
                return .skipped
            }
            return Self.isCanary(document) ? .canary : .event
        } catch {
            report(partition, record.offset, error.description)
            return .skipped
        }
    }

    /// Events that only show that a stream is alive (legacy behaviour, section 3.3).
    private static func isCanary(_ document: JSONDocument) -> Bool {
        document.string(document.value(at: ["meta", "domain"])) == "canary"
    }
}
