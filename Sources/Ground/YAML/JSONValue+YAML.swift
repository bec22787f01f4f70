public import JSON

extension JSONValue {
    /// A YAML value as JSON, by the core schema of YAML 1.2: what is written without quotes may be a number, a boolean or null.
    public init(_ node: YAMLNode) {
        switch node.value {
        case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
        case .mapping(let members): self = .object(members.map { JSONValue.Member($0.name, JSONValue($0.value)) })
        case .scalar(let text, let isPlain):
            if node.isNull {
                self = .null
            } else if let boolean = node.boolean {
                self = .boolean(boolean)
            } else if isPlain, let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
                let value = try? JSONValue(Array(text.utf8)), case .number = value
            {
                self = value
            } else {
                self = .string(text)
            }
        }
    }
}
