internal import EventFormats
public import EventLog

/// Why a subscription can't be served: its clients could not come back with their ids.
public enum SubscriptionError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooManyPartitions(Int, limit: Int)
    /// Bytes.
    case idTooLong(Int, limit: Int)

    /// A sentence for a person, with what to change.
    public var description: String {
        switch self {
        case .tooManyPartitions(let count, let limit):
            "these streams have \(count) partitions, and an id can name \(limit): ask for fewer streams"
        case .idTooLong(let length, let limit):
            "an id of these streams can have \(length) bytes, and \(limit) are accepted: ask for fewer streams, "
                + "or for ids=compact"
        }
    }
}

extension Subscription {
    /// Partitions that a subscription may have: as many as an id may name (contract, section 4).
    public static let partitionLimit = LastEventID.entryLimit

    /// Whether every id that these partitions can have would be accepted when the client comes back with it.
    ///
    /// - Throws: `tooManyPartitions` or `idTooLong`.
    public func checkSize(_ partitions: [TopicPartition]) throws(SubscriptionError) {
        guard partitions.count <= Self.partitionLimit else {
            throw .tooManyPartitions(partitions.count, limit: Self.partitionLimit)
        }
        guard format == .sse, ids == .json, Self.longestID(partitions) > LastEventID.lengthLimit else { return }
        // No number is longer than these.
        let last = Position(offset: .max, timestamp: .min)
        var id: [UInt8] = []
        encoder(for: partitions).cursor.append(
            Array(repeating: last, count: partitions.count), form: .json, isFinal: true, to: &id)
        guard id.count <= LastEventID.lengthLimit else {
            throw .idTooLong(id.count, limit: LastEventID.lengthLimit)
        }
    }

    /// More bytes than an id of these partitions can have, whatever the positions: found without making one.
    private static func longestID(_ partitions: [TopicPartition]) -> Int {
        // A byte of a name is written as six at most; the members' names, three numbers and the marks around them take 110.
        partitions.reduce(64) { $0 + 6 * $1.topic.utf8.count + 128 }
    }
}

extension FanOut {
    /// Whether the loop can serve this subscription so that its clients can come back: to be asked before `subscribe`.
    ///
    /// - Throws: `tooManyPartitions` or `idTooLong`.
    public func check(_ subscription: Subscription) throws(SubscriptionError) {
        try subscription.checkSize(
            tail.partitions.lazy.map(\.topicPartition).filter { subscription.includes($0) })
    }
}
