internal import JSON
internal import JSONSchema

/// Where schemas stand within a schema (JSON Schema draft-07, validation and core).
enum Subschemas {
    /// Their value is a schema.
    static let single: Set<String> = [
        "items", "additionalItems", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
    ]
    /// Their value is a list of schemas.
    static let lists: Set<String> = ["items", "allOf", "anyOf", "oneOf"]
    /// Their value has schemas by name.
    static let maps: Set<String> = ["properties", "patternProperties", "definitions", "dependencies"]
}

extension JSONValue {
    /// A schema with each schema directly in it replaced.
    func mappingSubschemas(_ change: (JSONValue) -> JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(
            members.map { member in
                if Subschemas.maps.contains(member.name), case .object(let schemas) = member.value {
                    return .init(
                        member.name,
                        .object(schemas.map { .init($0.name, $0.value.isSchema ? change($0.value) : $0.value) }))
                }
                if Subschemas.lists.contains(member.name), case .array(let schemas) = member.value {
                    return .init(member.name, .array(schemas.map { $0.isSchema ? change($0) : $0 }))
                }
                if Subschemas.single.contains(member.name), member.value.isSchema {
                    return .init(member.name, change(member.value))
                }
                return member
            })
    }

    /// The schemas directly in a schema, each with its path.
    var subschemas: [(path: [String], schema: JSONValue)] {
        guard case .object(let members) = self else { return [] }
        return members.flatMap { SchemaKeyword.schemas(in: $0, .seven) }.filter { $0.schema.isSchema }
    }

    private var isSchema: Bool {
        switch self {
        case .object, .boolean: true
        default: false
        }
    }
}
