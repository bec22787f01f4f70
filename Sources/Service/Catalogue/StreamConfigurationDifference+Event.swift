package import EventLog
package import JSON
internal import Time

extension StreamConfigurationDifference {
    /// The stream that changes of the configuration are told in, where it is configured.
    package static let stream = "eventstreams.config-change"

    /// The change as an event, by the schema `/eventstreams/config-change/1.0.0`.
    package func event(now: Timestamp) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("$schema", "/eventstreams/config-change/1.0.0"),
            .init("meta", ["stream": .string(Self.stream), "domain": "eventstreams"]),
            .init("dt", .string(ISO8601.format(now))),
            .init("config_stream", .string(self.stream)),
            .init("change_kind", .string(kind.rawValue)),
            .init("is_breaking", .boolean(breaks)),
            .init("words", .array(words.map { .string($0) })),
        ]
        // Settings are whatever people write there, and a schema of events needs types: so they are told as a text.
        if let after { members.append(.init("settings", .string(String(decoding: after.bytes, as: UTF8.self)))) }
        if let before {
            members.append(.init("prior_settings", .string(String(decoding: before.bytes, as: UTF8.self))))
        }
        return .object(members)
    }
}
