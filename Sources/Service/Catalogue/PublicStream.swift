internal import Bytes

/// One stream as it is configured (EventStreamConfig's words): a public name for topics.
package struct PublicStream: Hashable, Sendable {
    /// The canonical name, which events have in `meta.stream`.
    package var name: String
    package var aliases: [String]
    /// In configuration order: the first is where the intake appends.
    package var topics: [String]
    package var schemaTitle: String?
    package var description: String?
    /// Of each topic, where the log is ours to create it in.
    package var partitions: Int32
    /// Makes the record's key at the intake: its member names and where their values are in the event. Empty: no key.
    package var keyFields: [KeyField]
    /// What the intake copies from a request's header fields into events that lack it and whose schema knows it.
    package var headerFields = Self.usualHeaderFields
    /// Whether `X-Request-Id` becomes `meta.request_id`, schema or not.
    package var takesRequestID = true
    /// Settings that it has and that no service knows.
    package var unknownSettings: [String] = []

    package struct KeyField: Hashable, Sendable {
        package var name: String
        package var path: [String]

        package init(name: String, path: [String]) {
            self.name = name
            self.path = path
        }
    }

    /// A header field, by its name in lower case, and where in the event its value belongs.
    package struct HeaderField: Hashable, Sendable {
        package var path: [String]
        package var header: String

        package init(path: [String], header: String) {
            self.path = path
            self.header = header
        }
    }

    /// Of streams that don't say otherwise.
    package static let usualHeaderFields = [HeaderField(path: ["http", "client_ip"], header: "x-client-ip")]

    package init(
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
    package func takingEvents(inTopicsWithPrefix prefix: String) -> PublicStream {
        guard !prefix.isEmpty, let place = topics.firstIndex(where: { $0.hasPrefix(prefix) }) else { return self }
        var stream = self
        stream.topics.insert(stream.topics.remove(at: place), at: 0)
        return stream
    }

    /// The description, or what the legacy service says where there is none.
    package var text: String { description ?? "\(name) events." }

    package static let partitionsRange: ClosedRange<Int32> = 1...1000

    /// Kafka's rule for topics: 1 to 249 of letters, digits, `.`, `_` and `-`, and neither `.` nor `..`. It also holds for
    /// streams, whose names stand in paths between commas.
    static func isValid(name: String) -> Bool {
        (1...249).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy {
                $0.isLetter || $0.decimalDigit != nil || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }
}
