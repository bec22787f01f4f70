internal import EventFilter
internal import HTTP
internal import JSON

/// One parameter of the stream's route, as OpenAPI describes it.
struct OpenAPIParameter: Sendable {
    var name: String
    var place = "query"
    var text: String
    var schema: JSONValue

    /// Its name among the document's components.
    var key: String { name }

    var reference: JSONValue { ["$ref": .string("#/components/parameters/\(key)")] }

    var inline: JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(name)), .init("in", .string(place)), .init("description", .string(text)),
        ]
        if place == "path" { members.append(.init("required", true)) }
        members.append(.init("schema", schema))
        if schema["type"] == "array", place == "path" {
            members += [.init("style", "simple"), .init("explode", false)]
        }
        return .object(members)
    }

    private static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    }

    static func path(_ name: String, _ text: String) -> OpenAPIParameter {
        .init(name: name, place: "path", text: text, schema: ["type": "string"])
    }

    /// What `/v2/filter` takes.
    static let filterTrial: [OpenAPIParameter] = [
        .init(
            name: "stream", text: "Names of streams, separated by commas, on whose newest events it is tried.",
            schema: ["type": "string"]),
        .init(
            name: "filter", text: "The filter. match.FIELD=VALUES may stand beside it or in its place.",
            schema: ["type": "string", "maxLength": .integer(FilterLimits.standard.bytes)]),
    ]

    /// What `/v2/streams-config` takes.
    static let configuration: [OpenAPIParameter] = [
        .init(name: "streams", text: "Only these, separated by bars.", schema: ["type": "string"]),
        .init(
            name: "constraints", text: "Only streams with these settings, as setting=value, separated by bars.",
            schema: ["type": "string"]),
    ]

    /// Of every stream, the path's own aside.
    static let shared: [OpenAPIParameter] = [
        .init(
            name: "Last-Event-ID", place: "header",
            text: "The id of the last event received: the stream goes on behind it. Beats every parameter.",
            schema: ["type": "string"]),
        .init(
            name: "since", text: "Begin at the first event at or after this time. \(TimeExpression.forms)",
            schema: ["type": "string"]),
        .init(name: "until", text: "End once this time has passed. The forms of since.", schema: ["type": "string"]),
        .init(name: "last", text: "Begin so many events before the end.", schema: integer(StreamRequest.lastRange)),
        .init(name: "limit", text: "End after so many events.", schema: ["type": "integer", "minimum": 1]),
        .init(
            name: "lastEventId", text: "As Last-Event-ID, for those who can't set a header.", schema: ["type": "string"]
        ),
        .init(name: "cursor", text: "Another name of lastEventId.", schema: ["type": "string"]),
        .init(
            name: "filter",
            text: "Send only events for which this condition on their fields holds, in a subset of CEL: "
                + "wiki == \"enwiki\" && !bot. Short forms: match.wiki=enwiki,dewiki and match.bot=!true.",
            schema: ["type": "string", "maxLength": .integer(FilterLimits.standard.bytes)]),
        .init(
            name: "fields",
            text:
                "Send only these fields, separated by commas, and where an event comes from. -a.b leaves one out, a[].b "
                + "reaches into lists.",
            schema: ["type": "string", "maxLength": .integer(Projection.mostBytes)]),
        .init(
            name: "shard",
            text:
                "i/n: send only the i-th (from 0 on) of n shares of the stream, such as 0/4. A record's share is that of its "
                + "key, or of its offset where it has no key. The shares are disjoint, and together they are the stream.",
            schema: ["type": "string", "pattern": "^[0-9]{1,2}/[0-9]{1,2}$"]),
        .init(
            name: "format", text: "How events are written; else Accept decides.",
            schema: ["type": "string", "enum": .array(StreamRequest.formats.map { .string($0.key) })]),
        .init(
            name: "ids", text: "How ids are written.",
            schema: [
                "type": "string", "enum": .array(StreamRequest.idForms.map { .string($0.key) }),
                "default": "json",
            ]),
        .init(name: "canary", text: "Send canary events too.", schema: ["type": "boolean", "default": false]),
        .init(name: "heartbeat", text: "Seconds between heartbeats.", schema: integer(StreamRequest.heartbeatRange)),
        .init(
            name: "encoding",
            text:
                "gzip: the body is in gzip, whatever the client is known to unpack. identity: it is not. Else browsers, "
                + "and curl where it asks, get gzip.",
            schema: ["type": "string", "enum": .array(StreamRequest.encodings.map { .string($0.key) })]),
    ]
}
