package import Catalogue
package import HTTP
internal import JSON

/// The OpenAPI 3 document at `/?spec`, made from the catalogue.
///
/// Clients read the list of streams from `paths["/v2/stream/{streams}"].get.parameters[0].schema.items.enum`, which has
/// every name and alias, sorted. Each name also has a path of its own.
package enum OpenAPIDocument {
    package static func answer(_ info: ServiceInfo, _ catalogue: StreamCatalogue, hasIntake: Bool = false) -> Answer {
        let body = document(info, catalogue, hasIntake: hasIntake).bytes + [UInt8(ascii: "\n")]
        return Answer(status: 200, type: "application/json; charset=utf-8", body: body)
    }

    static func document(_ info: ServiceInfo, _ catalogue: StreamCatalogue, hasIntake: Bool) -> JSONValue {
        let names = catalogue.names
        let streams = OpenAPIParameter(
            name: "streams", place: "path", text: "Names or aliases of streams, separated by commas.",
            schema: [
                "type": "array", "items": ["type": "string", "enum": .array(names.map { .string($0) })], "minItems": 1,
            ])
        var paths: [JSONValue.Member] = [
            .init(
                "/v2/stream/{streams}",
                path(
                    info, summary: "A stream of events",
                    text: "Sends the events of one or more streams as they are stored, without end.",
                    parameters: [streams.inline] + OpenAPIParameter.shared.map(\.reference)))
        ]
        for name in names {
            guard let stream = catalogue[name] else { continue }
            var text = stream.text
            if let title = stream.schemaTitle { text += " Schema title: \(title)." }
            if name != stream.name { text += " (NOTE: This stream is an alias of \(stream.name).)" }
            paths.append(
                .init(
                    "/v2/stream/\(name)",
                    path(
                        info, summary: "\(name) events", text: text,
                        parameters: OpenAPIParameter.shared.map(\.reference))))
        }
        paths.append(.init("/v2/stream", get("The streams there are", "streams")))
        if hasIntake { paths.append(.init("/v1/events", intake)) }
        for (path, summary) in [
            ("/_info", "About the service"), ("/healthz", "Whether the server lives"),
            ("/readyz", "Whether the server is ready for clients"),
        ] {
            paths.append(.init(path, get(summary, "service")))
        }
        let parameters = OpenAPIParameter.shared.map { JSONValue.Member($0.key, $0.inline) }
        return [
            "openapi": "3.0.0",
            "info": [
                "title": .string(info.name), "version": .string(info.version), "description": .string(info.description),
            ],
            "paths": .object(paths),
            "components": [
                "parameters": .object(parameters),
                "schemas": ["problem": problemSchema],
                "responses": ["problem": problemResponse],
            ],
        ]
    }

    private static func path(
        _ info: ServiceInfo, summary: String, text: String, parameters: [JSONValue]
    ) -> JSONValue {
        var operation: [JSONValue.Member] = [
            .init("tags", ["streams"]), .init("summary", .string(summary)), .init("description", .string(text)),
        ]
        if info.home.hasPrefix("http") {
            operation.append(.init("externalDocs", ["url": .string(info.home)]))
        }
        let event: JSONValue = ["schema": ["type": "object"]]
        operation += [
            .init("parameters", .array(parameters)),
            .init(
                "responses",
                .object(
                    [
                        .init(
                            "200",
                            [
                                "description": "Events, until the client or the server ends it.",
                                "content": [
                                    "text/event-stream": ["schema": ["type": "string"]], "application/json": event,
                                    "application/x-ndjson": event,
                                ],
                            ])
                    ] + refusals(["400", "404", "406", "429", "503"]))),
            // A prober that reads to the end would never come back.
            .init("x-monitor", false),
        ]
        return .object([.init("get", .object(operation))])
    }

    private static func get(_ summary: String, _ tag: String) -> JSONValue {
        [
            "get": [
                "tags": [.string(tag)], "summary": .string(summary),
                "responses": .object([
                    .init(
                        "200",
                        [
                            "description": .string("\(summary)."),
                            "content": ["application/json": ["schema": ["type": "object"]]],
                        ])
                ]),
                "x-monitor": false,
            ]
        ]
    }

    private static var intake: JSONValue {
        let event: JSONValue = [
            "type": "object", "required": ["meta"],
            "properties": [
                "meta": ["type": "object", "required": ["stream"], "properties": ["stream": ["type": "string"]]]
            ],
        ]
        let result: JSONValue = ["application/json": ["schema": ["type": "object"]]]
        return [
            "post": [
                "tags": ["intake"], "summary": "Store events",
                "requestBody": [
                    "required": true,
                    "content": [
                        "application/json": [
                            "schema": ["oneOf": [event, ["type": "array", "items": event, "minItems": 1]]]
                        ]
                    ],
                ],
                "responses": .object(
                    [
                        .init("201", ["description": "All events are stored.", "content": result]),
                        .init("207", ["description": "Some events are stored.", "content": result]),
                    ] + refusals(["400", "413", "415", "503"])),
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

    private static var problemSchema: JSONValue {
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
