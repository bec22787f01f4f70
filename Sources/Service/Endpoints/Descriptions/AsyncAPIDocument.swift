package import Catalogue
internal import EventFormats
internal import HTTP
internal import JSON

/// The AsyncAPI 3 document at `/?asyncapi`: each stream is a channel, in which the service sends events, and the intake is
/// one in which it receives them.
package enum AsyncAPIDocument {
    package static func rendered(_ info: ServiceInfo, _ catalogue: StreamCatalogue, _ schemas: StreamSchemas)
        -> Document
    {
        let body = document(info, catalogue, schemas).bytes + [UInt8(ascii: "\n")]
        return Document(type: "application/json; charset=utf-8", body: body)
    }

    static func document(_ info: ServiceInfo, _ catalogue: StreamCatalogue, _ schemas: StreamSchemas) -> JSONValue {
        var channels: [JSONValue.Member] = []
        var operations: [JSONValue.Member] = []
        var messages: [JSONValue.Member] = []
        var names = ComponentNames(besides: [intakeName, "gap", "notice", "error", "posted"])
        for stream in catalogue.streams {
            let name = names.name(for: stream.name)
            messages.append(.init(name, message(stream, schemas)))
            channels.append(.init(name, channel(stream, name)))
            operations.append(
                .init(
                    "send-\(name)",
                    [
                        "action": "send", "channel": ["$ref": .string("#/channels/\(name)")],
                        "summary": .string("Events of \(stream.name), and what there is to know of them."),
                    ]))
        }
        channels.append(.init(intakeName, intake))
        operations.append(
            .init(
                "receive-events",
                [
                    "action": "receive", "channel": ["$ref": .string("#/channels/\(intakeName)")],
                    "summary": "Events to be stored, one or a list of them.",
                ]))
        messages += [.init("gap", gap), .init("notice", notice), .init("error", error), .init("posted", posted)]
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": .string(info.name), "version": .string(info.version), "description": .string(info.description),
            ],
            "defaultContentType": "application/json",
            "channels": .object(channels), "operations": .object(operations),
            "components": [
                "messages": .object(messages),
                "schemas": .object(schemas.components + [.init("problem", Problem.schema)]),
            ],
        ]
    }

    private static let intakeName = "intake"

    /// - Parameter key: of the message of its events.
    private static func channel(_ stream: PublicStream, _ key: String) -> JSONValue {
        let names = stream.aliases.isEmpty ? "" : " Also known as \(stream.aliases.sorted().joined(separator: ", "))."
        return [
            "address": .string("/v2/stream/\(stream.name)"), "title": .string(stream.name),
            "description": .string(
                "\(stream.text)\(names) By Server-Sent Events or as lines of JSON; /?spec has the parameters."),
            "messages": .object(
                [.init("event", ["$ref": .string("#/components/messages/\(key)")])]
                    + ["gap", "notice", "error"].map { .init($0, ["$ref": .string("#/components/messages/\($0)")]) }),
        ]
    }

    private static var intake: JSONValue {
        [
            "address": "/v1/events", "title": "Intake",
            "description": "At the address of the intake, which is not the one of the streams.",
            "messages": ["event": ["$ref": "#/components/messages/posted"]],
        ]
    }

    private static func message(_ stream: PublicStream, _ schemas: StreamSchemas) -> JSONValue {
        var message: JSONValue = [
            "name": "message", "title": .string("An event of \(stream.name)"), "contentType": "application/json",
            "payload": schemas.reference(stream),
        ]
        let examples = schemas[stream]?.examples ?? []
        if !examples.isEmpty { message = message.setting("examples", .array(examples.map { ["payload": $0] })) }
        return message
    }

    private static var gap: JSONValue {
        message(
            "gap", "Events that the client should have had and will never get",
            [
                .init("topic", ["type": "string"]), .init("partition", ["type": ["integer", "null"]]),
                .init("from", ["type": ["integer", "null"], "description": "The first offset that is missing."]),
                .init("to", ["type": ["integer", "null"], "description": "The first offset behind the gap."]),
                .init("reason", names(Gap.Reason.allCases.map(\.rawValue))), .init("detail", ["type": "string"]),
            ])
    }

    private static var notice: JSONValue {
        message(
            "notice", "Something to know that is no loss",
            [
                .init("reason", names(Notice.Reason.allCases.map(\.rawValue))),
                .init("stream", ["type": ["string", "null"]]), .init("detail", ["type": "string"]),
            ])
    }

    private static var error: JSONValue {
        [
            "name": "error", "title": "Why the stream ends", "contentType": "application/json",
            "payload": ["$ref": "#/components/schemas/problem"],
        ]
    }

    private static var posted: JSONValue {
        [
            "name": "event", "title": "Events to be stored", "contentType": "application/json",
            "payload": OpenAPIDocument.posted,
        ]
    }

    private static func message(_ name: String, _ title: String, _ members: [JSONValue.Member]) -> JSONValue {
        [
            "name": .string(name), "title": .string(title), "contentType": "application/json",
            "payload": ["type": "object", "required": ["reason", "detail"], "properties": .object(members)],
        ]
    }

    private static func names(_ names: [String]) -> JSONValue {
        ["type": "string", "enum": .array(names.map { .string($0) })]
    }
}
