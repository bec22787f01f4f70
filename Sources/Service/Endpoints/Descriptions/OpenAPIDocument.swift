package import Catalogue
internal import HTTP
internal import JSON

/// The OpenAPI 3.1 document at `/?spec`, made from the route table, the catalogue and the schemas of events.
///
/// Clients read the list of streams from `paths["/v2/stream/{streams}"].get.parameters[0].schema.items.enum`, which has
/// every name and alias, sorted. Each name also has a path of its own.
package enum OpenAPIDocument {
    package static func rendered(
        _ info: ServiceInfo, _ catalogue: StreamCatalogue, _ schemas: StreamSchemas
    ) -> Document {
        let body = document(info, catalogue, schemas).bytes + [UInt8(ascii: "\n")]
        return Document(type: "application/json; charset=utf-8", body: body)
    }

    static func document(_ info: ServiceInfo, _ catalogue: StreamCatalogue, _ schemas: StreamSchemas) -> JSONValue {
        var paths: [JSONValue.Member] = []
        for route in Route.all {
            switch route.operation {
            case .stream: paths += streams(route.path, info, catalogue, schemas)
            case .get(let answer): paths.append(.init(route.path, get(answer)))
            case .intake: paths.append(.init(route.path, intake))
            case nil: break
            }
        }
        let parameters = OpenAPIParameter.shared.map { JSONValue.Member($0.key, $0.inline) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": .string(info.name), "version": .string(info.version), "description": .string(info.description),
            ],
            "paths": .object(paths),
            "components": [
                "parameters": .object(parameters),
                "schemas": .object(schemas.components + [.init("problem", Problem.schema)]),
                "responses": ["problem": problemResponse],
            ],
        ]
    }

    /// The path of all streams, then one for each name.
    private static func streams(
        _ route: String, _ info: ServiceInfo, _ catalogue: StreamCatalogue, _ schemas: StreamSchemas
    ) -> [JSONValue.Member] {
        let names = catalogue.names
        let streams = OpenAPIParameter(
            name: "streams", place: "path", text: "Names or aliases of streams, separated by commas.",
            schema: [
                "type": "array", "items": ["type": "string", "enum": .array(names.map { .string($0) })], "minItems": 1,
            ])
        let shared = OpenAPIParameter.shared.map(\.reference)
        var paths: [JSONValue.Member] = [
            .init(
                route,
                path(
                    info, summary: "A stream of events",
                    text: "Sends the events of one or more streams as they are stored, without end.",
                    parameters: [streams.inline] + shared, event: ["type": "object"], examples: []))
        ]
        for name in names {
            guard let stream = catalogue[name] else { continue }
            var text = stream.text
            if let title = stream.schemaTitle { text += " Schema title: \(title)." }
            if name != stream.name { text += " (NOTE: This stream is an alias of \(stream.name).)" }
            paths.append(
                .init(
                    route.prefix { $0 != "{" } + name,
                    path(
                        info, summary: "\(name) events", text: text, parameters: shared,
                        event: schemas.reference(stream), examples: schemas[stream]?.examples ?? [])))
        }
        return paths
    }

    private static func path(
        _ info: ServiceInfo, summary: String, text: String, parameters: [JSONValue], event: JSONValue,
        examples: [JSONValue]
    ) -> JSONValue {
        var operation: [JSONValue.Member] = [
            .init("tags", ["streams"]), .init("summary", .string(summary)), .init("description", .string(text)),
        ]
        if info.home.hasPrefix("http") {
            operation.append(.init("externalDocs", ["url": .string(info.home)]))
        }
        var line: [JSONValue.Member] = [.init("schema", event)]
        if let example = examples.first { line.append(.init("example", example)) }
        operation += [
            .init("parameters", .array(parameters)),
            .init(
                "responses",
                .object(
                    [
                        .init(
                            "200",
                            [
                                "description":
                                    "Events, until the client or the server ends it: one on each line, or as the data of Server-Sent Events.",
                                "content": [
                                    "text/event-stream": ["schema": ["type": "string"]],
                                    "application/json": .object(line), "application/x-ndjson": .object(line),
                                ],
                            ]),
                        .init(
                            "204",
                            ["description": "An EventSource has had all that it asked for, and is not to come back."]),
                    ] + refusals(["400", "403", "404", "406", "429", "503"]))),
            // A prober that reads to the end would never come back.
            .init("x-monitor", false),
        ]
        return .object([.init("get", .object(operation))])
    }

    private static func get(_ answer: OpenAPIOperation.Answer) -> JSONValue {
        let content = JSONValue.object(
            answer.types.map { type in
                .init(type, type.hasSuffix("json") ? ["schema": [:]] : ["schema": ["type": "string"]])
            })
        func response(_ text: String) -> JSONValue { ["description": .string(text), "content": content] }
        var operation: [JSONValue.Member] = [
            .init("tags", [.string(answer.tag)]), .init("summary", .string(answer.summary)),
        ]
        if !answer.parameters.isEmpty {
            operation.append(.init("parameters", .array(answer.parameters.map(\.inline))))
        }
        let responses =
            [.init("200", response("\(answer.summary)."))] + answer.others.map { .init($0.status, response($0.text)) }
            + refusals(answer.refusals)
        operation += [.init("responses", .object(responses)), .init("x-monitor", false)]
        return ["get": .object(operation)]
    }

    /// What is posted: an event, or a list of them.
    static var posted: JSONValue {
        let event: JSONValue = [
            "type": "object", "required": ["meta"],
            "properties": [
                "meta": ["type": "object", "required": ["stream"], "properties": ["stream": ["type": "string"]]]
            ],
        ]
        return ["oneOf": [event, ["type": "array", "items": event, "minItems": 1]]]
    }

    private static var intake: JSONValue {
        let result: JSONValue = ["application/json": ["schema": ["type": "object"]]]
        return [
            "post": [
                "tags": ["intake"], "summary": "Store events",
                "description": "At the address of the intake, which is not the one of the streams.",
                "parameters": .array([
                    OpenAPIParameter(
                        name: "Idempotency-Key", place: "header",
                        text:
                            "The client's name for this request, 16 to 256 characters such as a random UUID: events without meta.id "
                            + "get one that is made from it, and sent again they are not stored twice.",
                        schema: ["type": "string", "minLength": 16, "maxLength": 256]
                    ).inline,
                    OpenAPIParameter(
                        name: "hasty", text: "Answer before the events are stored.",
                        schema: ["type": "boolean", "default": false]
                    ).inline,
                    OpenAPIParameter(
                        name: "stream", text: "The stream of events that have no meta.stream.",
                        schema: ["type": "string"]
                    ).inline,
                    OpenAPIParameter(
                        name: "schema_uri", text: "The schema of events that have no $schema.",
                        schema: ["type": "string"]
                    ).inline,
                ]),
                "requestBody": [
                    "required": true,
                    "content": ["application/json": ["schema": posted]],
                ],
                "responses": .object(
                    [
                        .init("201", ["description": "All events are stored.", "content": result]),
                        .init("202", ["description": "The events are taken, and stored later.", "content": result]),
                        .init("207", ["description": "Some events are stored.", "content": result]),
                    ] + refusals(["400", "413", "415", "429", "503"])),
                "x-monitor": false,
            ]
        ]
    }

    private static func refusals(_ statuses: [String]) -> [JSONValue.Member] {
        statuses.map { .init($0, ["$ref": "#/components/responses/problem"]) }
    }

    private static var problemResponse: JSONValue {
        [
            "description": "What is wrong, and what to change.",
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/problem"]]],
        ]
    }
}

extension Problem {
    /// The JSON Schema of its document.
    static var schema: JSONValue {
        [
            "type": "object", "required": ["type", "title", "status", "detail"],
            "properties": [
                "type": ["type": "string", "enum": .array(ProblemType.allCases.map { .string($0.rawValue) })],
                "title": ["type": "string"], "status": ["type": "integer"], "detail": ["type": "string"],
                "instance": ["type": "string"], "method": ["type": "string"], "uri": ["type": "string"],
            ],
        ]
    }
}
