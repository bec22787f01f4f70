internal import Bytes

/// One stream as it is configured (EventStreamConfig's words): a public name for topics.
public struct PublicStream: Hashable, Sendable {
    /// The canonical name, which events have in `meta.stream`.
    public var name: String
    public var aliases: [String]
    /// In configuration order: the first is where the intake appends.
    public var topics: [String]
    public var schemaTitle: String?
    public var description: String?
    /// Of each topic, where the log is ours to create it in.
    public var partitions: Int32
    /// Makes the record's key at the intake: its member names and where their values are in the event. Empty: no key.
    public var keyFields: [KeyField]

    public struct KeyField: Hashable, Sendable {
        public var name: String
        public var path: [String]

        public init(name: String, path: [String]) {
            self.name = name
            self.path = path
        }
    }

    public init(
        _ name: String, aliases: [String] = [], topics: [String]? = nil, schemaTitle: String? = nil,
        description: String? = nil, partitions: Int32 = 1, keyFields: [KeyField] = []
    ) {
        self.name = name
        self.aliases = aliases
        self.topics = topics ?? [name]
        self.schemaTitle = schemaTitle
        self.description = description
        self.partitions = partitions
        self.keyFields = keyFields
    }

    /// The same stream, with the topic that begins so in the first place: where the intake appends.
    public func takingEvents(inTopicsWithPrefix prefix: String) -> PublicStream {
        guard !prefix.isEmpty, let place = topics.firstIndex(where: { $0.hasPrefix(prefix) }) else { return self }
        var stream = self
        stream.topics.insert(stream.topics.remove(at: place), at: 0)
        return stream
    }

    /// The description, or what the legacy service says where there is none.
    public var text: String { description ?? "\(name) events." }

    public static let partitionsRange: ClosedRange<Int32> = 1...1000

    /// Kafka's rule for topics: 1 to 249 of letters, digits, `.`, `_` and `-`, and neither `.` nor `..`. It also holds for
    /// streams, whose names stand in paths between commas.
    static func isValid(name: String) -> Bool {
        (1...249).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy {
                $0.isLetter && $0 < 0x7B || $0.decimalDigit != nil || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }
}
