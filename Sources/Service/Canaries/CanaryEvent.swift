package import Catalogue
package import EventLog
package import JSON
internal import Time

/// An event that only shows that its stream is alive, made from the first example of the stream's schema. `meta.domain` is `canary`,
/// by which consumers pass it over.
package struct CanaryEvent: Hashable, Sendable {
    package let stream: String
    /// `meta.id`, by which it is found again.
    package let id: String
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - schema: of the stream, the newest version, dereferenced.
    ///   - id: a UUID.
    ///   - now: what `dt` says where the schema has it; the intake sets `meta.dt`.
    /// - Returns: nil where the schema has no example.
    package init?(of stream: String, schema: JSONValue, id: String, now: Timestamp) {
        guard let example = schema["examples"]?.array?.first, case .object = example else { return nil }
        let meta: [JSONValue.Member]
        if case .object(let given) = example["meta"] ?? .null { meta = given } else { meta = [] }
        let kept = meta.filter { !["stream", "domain", "dt", "id"].contains($0.name) }
        var event = example.setting(
            "meta",
            .object([.init("stream", .string(stream)), .init("domain", "canary"), .init("id", .string(id))] + kept))
        if schema["properties"]?["dt"] != nil { event = event.setting("dt", .string(ISO8601.format(now))) }
        if let identifier = schema["$id"] { event = event.setting("$schema", identifier) }
        self.stream = stream
        self.id = id
        bytes = event.bytes
    }
}

extension StreamCatalogue {
    /// The streams that canary events are made for, with the titles of their schemas: those that say so.
    package var canaryStreams: [(name: String, title: String)] {
        streams.compactMap { stream in
            guard configuration.entry(of: stream.name)?.settings["canary_events_enabled"] == true,
                let title = stream.schemaTitle
            else { return nil }
            return (stream.name, title)
        }
    }
}
