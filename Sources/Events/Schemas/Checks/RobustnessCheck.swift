internal import Bytes
internal import JSON
internal import JSONSchema

/// Whether a materialised schema can be relied upon: by consumers who turn it into a table's columns, and by an intake that
/// validates with it.
struct RobustnessCheck {
    private let document: String
    private let schema: JSONValue
    private(set) var problems: [SchemaProblem] = []

    /// - Parameter document: its file, for messages.
    init(_ schema: JSONValue, document: String, enforcesNumericBounds: Bool) {
        self.document = document
        self.schema = schema
        for (pointer, message) in SchemaGrammar.problems(in: schema) { add(.isValid, pointer, message) }
        examine(schema, at: JSONPointer(), enforcesNumericBounds: enforcesNumericBounds)
        examineExamples()
    }

    private mutating func add(_ test: SchemaTest, _ pointer: JSONPointer, _ message: String) {
        problems.append(SchemaProblem(test, SchemaError(.invalid, document, "\(pointer)", message)))
    }

    private mutating func examine(_ schema: JSONValue, at pointer: JSONPointer, enforcesNumericBounds: Bool) {
        examineSecurity(schema, pointer)
        examineNames(schema, pointer)
        examineTypes(schema, pointer)
        if enforcesNumericBounds, schema["type"] == "integer" || schema["type"] == "number" {
            for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
                let value = schema[bound]?.double ?? schema[exclusive]?.double
                if value.map({ abs($0) > Double(SchemaBounds.largest) }) ?? true {
                    add(
                        .numericBounds, pointer,
                        "\(bound) must be there and within ±\(SchemaBounds.largest), where doubles are exact")
                }
            }
        }
        for (path, child) in schema.subschemas {
            let place = path.reduce(pointer) { $0 + $1 }
            examine(child, at: place, enforcesNumericBounds: enforcesNumericBounds)
        }
    }

    // MARK: Security

    private mutating func examineSecurity(_ schema: JSONValue, _ pointer: JSONPointer) {
        for keyword in ["pattern", "format"] where schema[keyword] != nil && schema["maxLength"] == nil {
            add(.isSecure, pointer, "it has \(keyword) without maxLength: a long text would take long to check")
        }
        if schema["patternProperties"] != nil, schema["propertyNames"]?["maxLength"] == nil {
            add(
                .isSecure, pointer,
                "it has patternProperties without maxLength in propertyNames: long names would take long")
        }
        if schema["uniqueItems"] == true, schema["maxItems"] == nil, !SchemaKeyword.hasPlainItems(schema) {
            add(
                .isSecure, pointer,
                "it has uniqueItems without maxItems, of elements that may be objects: many would take long to compare")
        }
    }

    // MARK: Names and types

    private mutating func examineNames(_ schema: JSONValue, _ pointer: JSONPointer) {
        var names: Set<String> = []
        if case .object(let properties) = schema["properties"] ?? .null {
            for property in properties {
                names.insert(property.name)
                if !Self.isSnakeCase(property.name) {
                    add(
                        .snakeCase, pointer + "properties" + property.name,
                        "\(Excerpt.of(property.name)) is not snake_case: use small letters, digits and _, a letter or $ first"
                    )
                }
            }
        }
        for name in (schema["required"]?.array ?? []).compactMap(\.string) where !names.contains(name) {
            add(.requiredExist, pointer + "required", "\(Excerpt.of(name)) is required, but is none of the properties")
        }
    }

    /// `^[$a-z]+[a-z0-9_]*$`
    private static func isSnakeCase(_ name: String) -> Bool {
        func isSmall(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        let rest = name.utf8.drop { isSmall($0) || $0 == UInt8(ascii: "$") }
        return rest.count < name.utf8.count
            && rest.allSatisfy { isSmall($0) || $0.decimalDigit != nil || $0 == UInt8(ascii: "_") }
    }

    private mutating func examineTypes(_ schema: JSONValue, _ pointer: JSONPointer) {
        guard case .object = schema else { return }
        let isPart = pointer.tokens.dropLast().last.map { ["allOf", "anyOf", "oneOf"].contains($0) } ?? false
        if (schema["enum"]?.array ?? []).contains(.null) {
            add(.deterministicTypes, pointer + "enum", "null is no value: leave the field out of required instead")
        }
        examineAlternatives(schema, pointer)
        if let types = schema["type"]?.array {
            let names = types.compactMap(\.string).joined(separator: ", ")
            return add(.deterministicTypes, pointer + "type", "a field has one type, not several (\(names))")
        }
        switch schema["type"]?.string {
        case "array":
            guard let items = schema["items"] else {
                return add(.deterministicTypes, pointer, "an array must say by items what is in it")
            }
            if items.array != nil {
                add(
                    .deterministicTypes, pointer + "items", "all elements of an array have one schema, not each its own"
                )
            }
        case "object":
            var saysMore = ["properties", "oneOf", "allOf"].contains { schema[$0] != nil }
            if case .object = schema["additionalProperties"] ?? .null { saysMore = true }
            if !saysMore {
                add(
                    .deterministicTypes, pointer,
                    "an object must say what is in it: by properties, or as a map by additionalProperties: {type: …}")
            }
        case nil where !isPart && schema["$ref"] == nil && schema["allOf"] == nil && schema["oneOf"] == nil:
            add(.deterministicTypes, pointer, "a field must have a type")
        default: break
        }
    }

    private mutating func examineAlternatives(_ schema: JSONValue, _ pointer: JSONPointer) {
        guard let schemas = schema["oneOf"]?.array, let first = schemas.first else { return }
        func required(_ schema: JSONValue) -> Set<JSONValue> { Set(schema["required"]?.array ?? []) }
        for (place, other) in schemas.enumerated()
        where other["type"] != first["type"] || required(other) != required(first) {
            add(
                .deterministicTypes, pointer + "oneOf" + "\(place)",
                "all alternatives must have the same type and the same required fields")
        }
    }

    // MARK: Examples

    private mutating func examineExamples() {
        let check = ExampleCheck(schema)
        // What the grammar sees is told with its place.
        if let mistake = check.mistake, problems.allSatisfy({ $0.test != .isValid }) {
            add(.isValid, JSONPointer(), mistake)
        }
        guard let examples = schema["examples"]?.array, !examples.isEmpty else {
            // A fragment is a part of schemas, and has no events.
            guard schema["title"]?.string?.hasPrefix("fragment/") != true else { return }
            return add(
                .examplesAreValid, JSONPointer(), "there is no example: canary events are made from the first one")
        }
        let hasName = schema["properties"]?["$schema"] != nil
        for (place, example) in examples.enumerated() {
            let pointer = JSONPointer() + "examples" + "\(place)"
            if hasName, example["$schema"] != schema["$id"] {
                add(
                    .exampleNames, pointer + "$schema",
                    "$schema must be \(schema["$id"]?.string ?? "the schema's $id"); write $schema: {$ref: '#/$id'}")
            }
            if let mistake = check.mistake(in: example) { add(.examplesAreValid, pointer, mistake) }
        }
    }
}
