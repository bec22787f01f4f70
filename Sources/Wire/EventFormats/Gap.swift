internal import Bytes
public import EventLog
internal import JSON

/// Records a client should have had and will never get: contract, section 6.
public struct Gap: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The offsets asked for are not kept any more, or `since` is older than what is kept.
        case retention
        /// The log is another one than the id was made from: resumed by time, some records may come twice.
        case failover
        /// The topic was deleted and made anew.
        case topicRecreated = "topic_recreated"
        case topicUnavailable = "topic_unavailable"
        /// The records are damaged for good.
        case unreadable
        /// The client fell behind what is kept.
        case slow
    }

    public var topic: String
    /// nil (`null` in the text): the topic as a whole.
    public var partition: Int32?
    /// The first offset that is missing; nil (`null`) where no offset is known.
    public var from: Offset?
    /// The offset at which the partition goes on: the first after the missing ones.
    public var to: Offset?
    public var reason: Reason
    /// A sentence for a person.
    public var detail: String

    public init(
        topic: String, partition: Int32? = nil, from: Offset? = nil, to: Offset? = nil, reason: Reason, detail: String
    ) {
        self.topic = topic
        self.partition = partition
        self.from = from
        self.to = to
        self.reason = reason
        self.detail = detail
    }

    public init(_ partition: TopicPartition, from: Offset?, to: Offset?, reason: Reason, detail: String) {
        self.init(
            topic: partition.topic, partition: partition.partition, from: from, to: to, reason: reason, detail: detail)
    }

    /// Its members as JSON, each with a comma before it but the first; no braces.
    func appendMembers(to bytes: inout [UInt8]) {
        bytes.append("\"topic\":")
        JSONText.append(topic, to: &bytes)
        bytes.append(",\"partition\":")
        Self.append(partition.map(Int64.init), to: &bytes)
        bytes.append(",\"from\":")
        Self.append(from, to: &bytes)
        bytes.append(",\"to\":")
        Self.append(to, to: &bytes)
        bytes.append(",\"reason\":")
        JSONText.append(reason.rawValue, to: &bytes)
        bytes.append(",\"detail\":")
        JSONText.append(detail, to: &bytes)
    }

    private static func append(_ number: Int64?, to bytes: inout [UInt8]) {
        if let number { bytes.append(decimal: number) } else { bytes.append("null") }
    }
}
