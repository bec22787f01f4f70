internal import JSON

/// Records that the client should have had and will never get.
public struct StreamGap: Hashable, Sendable, CustomStringConvertible {
    public let topic: String?
    /// nil: the topic as a whole.
    public let partition: Int32?
    /// The first offset that is missing; nil where none is known.
    public let from: Int64?
    /// The offset at which the partition goes on.
    public let to: Int64?
    /// A stable name: `retention`, `slow`, `failover`, `topic_recreated`, `unreadable`, `topic_unavailable`, or one of a
    /// later server.
    public let reason: String?
    /// A sentence for a person.
    public let detail: String?
    /// To go on behind the gap; empty: the server gave none.
    public let id: String

    /// - Parameter data: the event's. Whatever it lacks is nil.
    init(_ data: [UInt8], id: String = "") {
        self.id = id
        let gap = try? JSONDocument(data)
        func member(_ name: StaticString) -> JSONDocument.Index? { gap.flatMap { $0.member(name, of: $0.root) } }
        topic = gap?.string(member("topic"))
        partition = gap?.integer(member("partition")).flatMap { Int32(exactly: $0) }
        from = gap?.integer(member("from"))
        to = gap?.integer(member("to"))
        reason = gap?.string(member("reason"))
        detail = gap?.string(member("detail"))
    }

    public var description: String {
        if topic == nil, from == nil, to == nil, reason == nil, detail == nil {
            return "gap: records are missing here"
        }
        var sentence = "gap in " + (topic ?? "the stream")
        if let partition { sentence += " partition \(partition)" }
        switch (from, to) {
        case (let from?, let to?): sentence += ": offsets from \(from) to before \(to)"
        case (nil, let to?): sentence += ": offsets before \(to)"
        case (let from?, nil): sentence += ": offsets from \(from) on"
        case (nil, nil): break
        }
        if let reason { sentence += " (\(reason))" }
        if let detail, !detail.isEmpty { sentence += ": \(detail)" }
        return sentence
    }
}
