package import JSON

/// Where schemas are within a schema.
package enum SchemaKeyword {
    private enum Content {
        case schema, list, schemaOrList
        /// An object whose members are schemas.
        case map
    }

    private static func content(_ name: String, _ draft: SchemaDraft) -> Content? {
        switch name {
        case "additionalItems", "additionalProperties", "not": .schema
        case "items": .schemaOrList
        case "allOf", "anyOf", "oneOf": .list
        case "properties", "patternProperties", "definitions", "dependencies": .map
        case "contains", "propertyNames": draft >= .six ? .schema : nil
        case "if", "then", "else": draft >= .seven ? .schema : nil
        default: nil
        }
    }

    /// The schemas that a member of a schema holds, each with its path from there.
    package static func schemas(in member: JSONValue.Member, _ draft: SchemaDraft) -> [(
        path: [String], schema: JSONValue
    )] {
        switch (content(member.name, draft), member.value) {
        case (.schema, let value): [([member.name], value)]
        case (.schemaOrList, .object), (.schemaOrList, .boolean): [([member.name], member.value)]
        case (.list, .array(let values)), (.schemaOrList, .array(let values)):
            values.enumerated().map { ([member.name, String($0.offset)], $0.element) }
        case (.map, .object(let members)): members.map { ([member.name, $0.name], $0.value) }
        default: []
        }
    }

    /// Whether a schema's items are neither objects nor arrays.
    package static func hasPlainItems(_ schema: JSONValue) -> Bool {
        guard let type = schema["items"]?["type"] else { return false }
        return !(type.array ?? [type]).contains { $0 == "object" || $0 == "array" }
    }
}
