internal import JSON

/// The fields of a schema as rows of a table.
struct SchemaFields {
    struct Row: Hashable {
        /// Its steps between dots; `[]` is every element of a list, `{}` every value of a map.
        var name: String
        var type: String
        var isRequired: Bool
        var description: String
        /// What it may be: values, bounds, a format.
        var limits: [String]
    }

    private(set) var rows: [Row] = []

    /// Rows of a table.
    static let limit = 2_000
    private static let depth = 32

    /// - Parameter schema: dereferenced and merged.
    init(of schema: JSONValue) { add(fieldsOf: schema, below: "", depth: 0) }

    private mutating func add(fieldsOf schema: JSONValue, below name: String, depth: Int) {
        guard depth < Self.depth, case .object(let properties) = schema["properties"] ?? .null else { return }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        for property in properties {
            guard rows.count < Self.limit else { return }
            let full = name.isEmpty ? property.name : "\(name).\(property.name)"
            rows.append(
                Row(
                    name: full, type: Self.type(of: property.value), isRequired: required.contains(property.name),
                    description: property.value["description"]?.string ?? "", limits: Self.limits(of: property.value)))
            add(insideOf: property.value, below: full, depth: depth)
        }
    }

    private mutating func add(insideOf schema: JSONValue, below name: String, depth: Int) {
        add(fieldsOf: schema, below: name, depth: depth + 1)
        guard depth < Self.depth else { return }
        if let items = schema["items"] { add(insideOf: items, below: name + "[]", depth: depth + 1) }
        if let values = schema["additionalProperties"] { add(insideOf: values, below: name + "{}", depth: depth + 1) }
    }

    private static func type(of schema: JSONValue, depth: Int = 0) -> String {
        guard depth < Self.depth else { return "…" }
        if let types = schema["type"]?.array { return types.compactMap(\.string).joined(separator: " or ") }
        switch schema["type"]?.string {
        case "array": return schema["items"].map { "list of \(type(of: $0, depth: depth + 1))" } ?? "list"
        case "object":
            if case .object = schema["additionalProperties"] ?? .null, schema["properties"] == nil {
                return "map of \(type(of: schema["additionalProperties"] ?? .null, depth: depth + 1))"
            }
            return "object"
        case let type?: return type
        case nil: return "any"
        }
    }

    private static let limitNames = [
        "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "minItems",
        "maxItems", "uniqueItems", "default", "const",
    ]

    private static func limits(of schema: JSONValue) -> [String] {
        func text(_ value: JSONValue) -> String { value.string ?? String(decoding: value.bytes, as: UTF8.self) }
        var limits: [String] = []
        if let values = schema["enum"]?.array { limits.append("one of " + values.map(text).joined(separator: ", ")) }
        for name in limitNames {
            // The bounds of all numbers say nothing.
            guard let value = schema[name], !text(value).hasSuffix("9007199254740991") else { continue }
            limits.append("\(name) \(text(value))")
        }
        return limits
    }
}
