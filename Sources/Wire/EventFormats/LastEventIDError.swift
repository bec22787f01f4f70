public import JSON

/// Why an id that a client sent can't be used: the service's `invalid_last_event_id`.
public enum LastEventIDError: Error, Hashable, Sendable {
    /// What is wrong with one entry of the JSON form.
    public enum Fault: Hashable, Sendable {
        case notAnEntry
        case topic
        case emptyTopic
        case partition
        case offset
        case timestamp
        case noPlace
    }

    case empty
    case tooLong(limit: Int)
    case tooManyEntries(limit: Int)
    /// Neither form can begin so.
    case unknownForm
    case invalidJSON(JSONError)
    /// JSON, but neither an array nor a string.
    case notAList
    case emptyList
    /// The entry's place in the list, from 0 on.
    case invalidEntry(Int, Fault)
    case unknownVersion
    /// The compact form's checksum is wrong, or something is missing or too much.
    case damaged
    /// The compact form was made for other topics than the request's, and does not say when.
    case otherTopics
}

extension LastEventIDError: CustomStringConvertible {
    /// A sentence for a person, that says what is allowed.
    public var description: String {
        switch self {
        case .empty:
            "the id is empty; leave it out to start live, or send the id of an event as it was received"
        case .tooLong(let limit): "the id is longer than \(limit) bytes"
        case .tooManyEntries(let limit): "the id has more than \(limit) entries"
        case .unknownForm: "the id is neither a JSON array of positions nor a compact id; \(Self.advice)"
        case .invalidJSON(let error): "the id is not valid JSON: \(error); \(Self.advice)"
        case .notAList:
            "the id must be a JSON array of positions, or a JSON string of topic names separated by commas"
        case .emptyList: "the id's list is empty; it must have at least one position or topic name"
        case .invalidEntry(let index, let fault): "entry \(index) of the id (counted from 0) \(fault)"
        case .unknownVersion:
            "the id is neither a JSON array of positions nor a compact id of a known version; \(Self.advice)"
        case .damaged: "the compact id is damaged or cut off; \(Self.advice)"
        case .otherTopics:
            "the compact id belongs to another list of streams; use it with the streams it was received from, or send "
                + "positions as JSON"
        }
    }

    private static let advice = "send the id of an event as it was received"
}

extension LastEventIDError.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnEntry: "must be an object with topic, partition and offset or timestamp, or a topic name"
        case .topic: "must have a topic, which is a string"
        case .emptyTopic: "has an empty topic name"
        case .partition: "must have a partition, which is an integer from 0 to \(Int32.max)"
        case .offset: "has an offset that is not an integer from 0 on, -1 (the end) or -2 (the beginning)"
        case .timestamp:
            "has a timestamp that is not a whole number of milliseconds since 1970, from \(Int64.min) to \(Int64.max)"
        case .noPlace: "must have an offset or a timestamp"
        }
    }
}
