internal import JSON

/// The schemas that schemas themselves follow, one for each draft: what type each keyword's value has.
enum MetaSchema {
    static func tree(_ draft: SchemaDraft) -> JSONValue {
        let id = draft == .four ? "id" : "$id"
        var members: [JSONValue.Member] = [
            .init(id, .string(draft.address)), .init("$schema", .string(draft.address)),
            .init("definitions", .object(definitions(draft))),
            .init("type", draft == .four ? "object" : ["object", "boolean"]),
            .init("properties", .object(properties(draft))),
        ]
        if draft == .four {
            members.append(
                .init("dependencies", ["exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]]))
        }
        members.append(.init("default", draft == .four ? [:] : true))
        return .object(members)
    }

    // Computed on each use, not stored: each draft needs them once, and a leak checker reports a static value whose pointer carries
    // tag bits as lost.
    private static var schema: JSONValue { ["$ref": "#"] }
    private static var schemaList: JSONValue { ["$ref": "#/definitions/schemaArray"] }
    private static var schemaMap: JSONValue {
        ["type": "object", "additionalProperties": ["$ref": "#"], "default": [:]]
    }
    private static var strings: JSONValue { ["$ref": "#/definitions/stringArray"] }
    private static var number: JSONValue { ["type": "number"] }
    private static var string: JSONValue { ["type": "string"] }
    private static var boolean: JSONValue { ["type": "boolean"] }

    private static func count(_ draft: SchemaDraft) -> JSONValue {
        ["$ref": .string("#/definitions/\(draft == .four ? "positiveInteger" : "nonNegativeInteger")")]
    }

    private static func countFromZero(_ draft: SchemaDraft) -> JSONValue {
        ["$ref": .string("#/definitions/\(draft == .four ? "positiveInteger" : "nonNegativeInteger")Default0")]
    }

    private static func definitions(_ draft: SchemaDraft) -> [JSONValue.Member] {
        let name = draft == .four ? "positiveInteger" : "nonNegativeInteger"
        var stringArray: [JSONValue.Member] = [
            .init("type", "array"), .init("items", string), .init("uniqueItems", true),
        ]
        if draft == .four { stringArray.append(.init("minItems", 1)) } else { stringArray.append(.init("default", [])) }
        return [
            .init("schemaArray", ["type": "array", "minItems": 1, "items": schema]),
            .init(name, ["type": "integer", "minimum": 0]),
            .init("\(name)Default0", ["allOf": [["$ref": .string("#/definitions/\(name)")], ["default": 0]]]),
            .init(
                "simpleTypes",
                ["enum": ["array", "boolean", "integer", "null", "number", "object", "string"]]),
            .init("stringArray", .object(stringArray)),
        ]
    }

    private static func properties(_ draft: SchemaDraft) -> [JSONValue.Member] {
        let address: JSONValue = draft == .four ? string : ["type": "string", "format": "uri-reference"]
        let anything: JSONValue = draft == .four ? [:] : true
        var members: [JSONValue.Member] = [
            .init(draft == .four ? "id" : "$id", address), .init("$schema", string), .init("$ref", address),
            .init("title", string), .init("description", string), .init("default", anything),
            .init("maximum", number), .init("minimum", number),
            .init("maxLength", count(draft)), .init("minLength", countFromZero(draft)),
            .init("pattern", ["type": "string", "format": "regex"]), .init("maxItems", count(draft)),
            .init("minItems", countFromZero(draft)), .init("uniqueItems", boolean),
            .init("maxProperties", count(draft)), .init("minProperties", countFromZero(draft)),
            .init("required", strings), .init("definitions", schemaMap), .init("properties", schemaMap),
            .init("patternProperties", schemaMap),
            .init("dependencies", ["type": "object", "additionalProperties": ["anyOf": [schema, strings]]]),
            .init("items", ["anyOf": [schema, schemaList]]), .init("allOf", schemaList), .init("anyOf", schemaList),
            .init("oneOf", schemaList), .init("not", schema), .init("format", string), .init("type", types),
        ]
        if draft == .four {
            let schemaOrBoolean: JSONValue = ["anyOf": [boolean, schema]]
            members += [
                .init("multipleOf", ["type": "number", "minimum": 0, "exclusiveMinimum": true]),
                .init("exclusiveMaximum", boolean), .init("exclusiveMinimum", boolean),
                .init("additionalItems", schemaOrBoolean), .init("additionalProperties", schemaOrBoolean),
                .init("enum", ["type": "array"]),
            ]
        } else {
            members += [
                .init("multipleOf", ["type": "number", "exclusiveMinimum": 0]),
                .init("exclusiveMaximum", number), .init("exclusiveMinimum", number),
                .init("additionalItems", schema), .init("additionalProperties", schema), .init("contains", schema),
                .init("propertyNames", schema), .init("const", true), .init("enum", ["type": "array"]),
                .init("examples", ["type": "array"]),
            ]
        }
        if draft >= .seven {
            members += [
                .init("$comment", string), .init("readOnly", boolean), .init("if", schema), .init("then", schema),
                .init("else", schema), .init("contentMediaType", string), .init("contentEncoding", string),
            ]
        }
        return members
    }

    private static var types: JSONValue {
        [
            "anyOf": [
                ["$ref": "#/definitions/simpleTypes"],
                [
                    "type": "array", "items": ["$ref": "#/definitions/simpleTypes"], "minItems": 1, "uniqueItems": true,
                ],
            ]
        ]
    }

    // MARK: Compiled

    /// Compiled when it is asked for first.
    static func compiled(_ draft: SchemaDraft) throws(SchemaError) -> CompiledSchema {
        switch draft {
        case .four: try four.get()
        case .six: try six.get()
        case .seven: try seven.get()
        }
    }

    private static let four = compile(.four)
    private static let six = compile(.six)
    private static let seven = compile(.seven)

    private static func compile(_ draft: SchemaDraft) -> Result<CompiledSchema, SchemaError> {
        do throws(SchemaError) {
            return .success(
                try CompiledSchema(
                    checked: tree(draft), options: SchemaOptions(draft: draft, allowsInsecure: true)))
        } catch {
            return .failure(error)
        }
    }
}
