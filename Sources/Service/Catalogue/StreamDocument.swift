internal import Bytes
package import JSON
internal import Redaction

/// A stream configuration as it is written, in the form of EventStreamConfig: stream names with their settings.
///
/// ```yaml
/// default_settings:                       # of every stream, where it does not say otherwise
///   topic_prefixes: [eqiad., codfw.]
/// streams:
///   mediawiki.recentchange:
///     topic_prefixes: [eqiad., codfw.]    # topics are these before the name; or `topics:` lists them
///     stream_aliases: [recentchange]
///     schema_title: mediawiki/recentchange
///     description: Every change of every wiki.
///     partitions: 1                       # for a log of our own
///     message_key_fields: {wiki: wiki}    # for the intake
/// ```
/// Settings that mean nothing here are passed over, since the document is shared with other services. One that nobody knows and
/// that looks like one of these is warned of (`PublicStream.unknownSettings`).
package enum StreamDocument {
    /// The streams, without the patterns of streams.
    package static func streams(
        in document: JSONValue, path: String? = nil, defaults: JSONValue? = nil, overrides: JSONValue? = nil
    ) throws(CatalogueError) -> [PublicStream] {
        try streams(of: try configuration(in: document, path: path, defaults: defaults, overrides: overrides))
    }

    /// All that the document says of streams.
    ///
    /// - Parameters:
    ///   - path: leads to the mapping of names, its steps between dots (`stream_config_object_path`); nil: `streams` where
    ///     the document has it, else the whole.
    ///   - defaults: lie under what is fetched, which wins; they may add streams.
    ///   - overrides: lie over it.
    package static func configuration(
        in document: JSONValue, path: String? = nil, defaults: JSONValue? = nil, overrides: JSONValue? = nil
    ) throws(CatalogueError) -> StreamConfiguration {
        var (mapping, settings) = try parts(of: document, path: path)
        if let defaults { mapping = mapping.laid(over: defaults) }
        if let overrides { mapping = overrides.laid(over: mapping) }
        guard case .object(let members) = mapping else {
            throw .invalidDocument("must be a mapping of stream names to settings, such as \"streams: {test: {}}\"")
        }
        try check(members)
        return try StreamConfiguration(members, defaults: settings)
    }

    /// The mapping of names, and the settings that lie under those of each.
    static func parts(
        of document: JSONValue, path: String?
    ) throws(CatalogueError) -> (streams: JSONValue, defaults: JSONValue?) {
        guard let path else {
            return document["streams"].map { ($0, document[defaultsName]) } ?? (document, nil)
        }
        var mapping = document
        for name in path.split(separator: ".") {
            guard let next = mapping[String(name)] else {
                throw .invalidDocument("has nothing at \(Excerpt.of(path)): set the path to where its streams are")
            }
            mapping = next
        }
        return (mapping, document[defaultsName])
    }

    /// The streams of a configuration, without its patterns.
    package static func streams(of configuration: StreamConfiguration) throws(CatalogueError) -> [PublicStream] {
        var streams: [PublicStream] = []
        for entry in configuration.entries where !entry.name.hasPrefix("/") {
            streams.append(try stream(entry.name, entry.settings))
        }
        return streams
    }

    /// Beside the streams, the settings that lie under those of each.
    package static let defaultsName = "default_settings"

    /// Refuses what is no stream configuration, such as the answer of an API that has failed: `{"error": {"code": …}}`. A
    /// stream needs no settings; where all have some, one must be a stream's.
    private static func check(_ members: [JSONValue.Member]) throws(CatalogueError) {
        let isPlausible = members.contains { member in
            guard case .object(let settings) = member.value else { return true }
            return settings.isEmpty || settings.contains { known.contains($0.name) || knownElsewhere.contains($0.name) }
        }
        guard isPlausible || members.isEmpty else {
            throw .invalidDocument(
                "is no stream configuration: nothing in it has a setting of a stream, such as topics or schema_title")
        }
    }

    /// - Parameter settings: an object, as entries of a configuration have it.
    static func stream(_ name: String, _ settings: JSONValue) throws(CatalogueError) -> PublicStream {
        let topics: [String]
        if let explicit = try strings("topics", settings, name) {
            topics = explicit
        } else if let prefixes = try strings("topic_prefixes", settings, name) {
            topics = prefixes.map { $0 + name }
        } else {
            topics = [name]
        }
        var partitions: Int32 = 1
        if let value = setting("partitions", settings) {
            guard let number = value.integer.flatMap({ Int32(exactly: $0) }) else {
                throw .invalidValue(key: "partitions", stream: name, expected: "a whole number")
            }
            partitions = number
        }
        var stream = PublicStream(
            name, aliases: try strings("stream_aliases", settings, name) ?? [], topics: topics,
            schemaTitle: try text("schema_title", settings, name),
            description: try text("description", settings, name), partitions: partitions,
            keyFields: try keyFields(settings, name))
        try takeHeaderFields(settings, &stream)
        if case .object(let members) = settings {
            stream.unknownSettings = members.map(\.name).filter { !known.contains($0) && !knownElsewhere.contains($0) }
        }
        return stream
    }

    /// The settings that this service reads.
    static let known: Set<String> = [
        "topics", "topic_prefixes", "stream_aliases", "schema_title", "description", "partitions", "message_key_fields",
    ]
    /// The settings that other services read from the same document (EventStreamConfig).
    private static let knownElsewhere: Set<String> = [
        "stream", "destination_event_service", "canary_events_enabled", "producers", "consumers", "sample",
        "use_edge_uniques",
    ]

    private static let headerFieldsKey = "producers.eventgate.enrich_fields_from_http_headers"

    /// Paths in the event with names of header fields, or false for what is not to be copied.
    private static func takeHeaderFields(
        _ settings: JSONValue, _ stream: inout PublicStream
    ) throws(CatalogueError) {
        let failure = CatalogueError.invalidValue(
            key: headerFieldsKey, stream: stream.name,
            expected: "a mapping of paths in the event to names of header fields or false")
        guard let value = settings["producers"]?["eventgate"]?["enrich_fields_from_http_headers"], value != .null
        else { return }
        guard case .object(let members) = value else { throw failure }
        for member in members {
            guard let path = RedactionRule.path(member.name) else { throw failure }
            stream.headerFields.removeAll { $0.path == path }
            if path == ["meta", "request_id"] { stream.takesRequestID = false }
            switch member.value {
            case .boolean(false), .null: break
            case .string(let name) where !name.isEmpty:
                let header = PublicStream.HeaderField(path: path, header: name.lowercased())
                if path == ["meta", "request_id"], header.header == "x-request-id" {
                    stream.takesRequestID = true
                } else {
                    stream.headerFields.append(header)
                }
            default: throw failure
            }
        }
    }

    /// Nil where the setting is absent or null.
    private static func setting(_ key: String, _ settings: JSONValue) -> JSONValue? {
        settings[key].flatMap { $0 == .null ? nil : $0 }
    }

    private static func strings(
        _ key: String, _ settings: JSONValue, _ stream: String
    ) throws(CatalogueError) -> [String]? {
        guard let value = setting(key, settings) else { return nil }
        guard let elements = value.array else {
            throw .invalidValue(key: key, stream: stream, expected: "a list of names")
        }
        var result: [String] = []
        for element in elements {
            guard let text = element.string else {
                throw .invalidValue(key: key, stream: stream, expected: "a list of names")
            }
            result.append(text)
        }
        return result
    }

    private static func text(_ key: String, _ settings: JSONValue, _ stream: String) throws(CatalogueError) -> String? {
        guard let value = setting(key, settings) else { return nil }
        guard let text = value.string else { throw .invalidValue(key: key, stream: stream, expected: "a text") }
        return text
    }

    /// Names with the paths of their values, or a list of paths that are their own names.
    private static func keyFields(
        _ settings: JSONValue, _ stream: String
    ) throws(CatalogueError) -> [PublicStream.KeyField] {
        let expected = "a mapping of names to paths in the event, such as {page_id: page.page_id}"
        var fields: [PublicStream.KeyField] = []
        func add(_ name: String, _ value: JSONValue) throws(CatalogueError) {
            guard let path = value.string.flatMap(RedactionRule.path) else {
                throw .invalidValue(key: "message_key_fields", stream: stream, expected: expected)
            }
            fields.append(.init(name: name, path: path))
        }
        switch setting("message_key_fields", settings) {
        case nil: break
        case .object(let members)?: for member in members { try add(member.name, member.value) }
        case .array(let elements)?: for element in elements { try add(element.string ?? "", element) }
        default: throw .invalidValue(key: "message_key_fields", stream: stream, expected: expected)
        }
        return fields
    }
}

extension JSONValue {
    /// This value where both have one; objects are joined member by member, deeply.
    func laid(over other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(var members) = other else { return self }
        for member in own {
            if let place = members.lastIndex(where: { $0.name == member.name }) {
                members[place].value = member.value.laid(over: members[place].value)
            } else {
                members.append(member)
            }
        }
        return .object(members)
    }
}
