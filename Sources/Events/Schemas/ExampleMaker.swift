package import JSON

/// Makes an example of a schema that has none: the same one for the same schema, always, and the one that
/// `jsonschema-tools` makes for the schemas that repositories have. Every choice is made as by a die that shows 0.15.
package enum ExampleMaker {
    private static let word = "dolor"
    private static let chance = (numerator: 15, denominator: 100)
    private static let largestCount = 100

    /// - Parameter schema: dereferenced and merged.
    package static func example(of schema: JSONValue) -> JSONValue {
        var example = value(of: schema, depth: 0)
        // Its own name, as events have it.
        if example["$schema"] != nil, let identifier = schema["$id"] {
            example = example.setting("$schema", identifier)
        }
        return example
    }

    private static func value(of schema: JSONValue, depth: Int) -> JSONValue {
        guard depth < SchemaLimits.depth else { return .null }
        if let constant = schema["const"] { return constant }
        if let values = schema["enum"]?.array, !values.isEmpty { return values[place(in: values.count)] }
        for keyword in ["oneOf", "anyOf"] {
            if let first = schema[keyword]?.array?.first {
                return value(of: first.laid(over: schema.without(keyword)), depth: depth + 1)
            }
        }
        switch type(of: schema) {
        case "object": return object(schema, depth)
        case "array": return array(schema, depth)
        case "integer", "number": return number(schema)
        case "boolean": return false
        case "null": return .null
        default: return text(schema)
        }
    }

    private static func place(in count: Int) -> Int { count * chance.numerator / chance.denominator }

    private static func type(of schema: JSONValue) -> String {
        if let type = schema["type"]?.string { return type }
        if let types = schema["type"]?.array, !types.isEmpty { return types[place(in: types.count)].string ?? "string" }
        if schema["properties"] != nil || schema["additionalProperties"] != nil { return "object" }
        return schema["items"] != nil ? "array" : "string"
    }

    private static func object(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        var members: [JSONValue.Member] = []
        if case .object(let properties) = schema["properties"] ?? .null {
            members = properties.map { .init($0.name, value(of: $0.value, depth: depth + 1)) }
        }
        if members.isEmpty, case .object = schema["additionalProperties"] ?? .null {
            members = [.init(word + "b", value(of: schema["additionalProperties"] ?? .null, depth: depth + 1))]
        }
        return .object(members)
    }

    private static func array(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        if let schemas = schema["items"]?.array { return .array(schemas.map { value(of: $0, depth: depth + 1) }) }
        let count = min(max(1, Int(schema["minItems"]?.integer ?? 1)), largestCount)
        let element = value(of: schema["items"] ?? ["type": "string"], depth: depth + 1)
        guard schema["uniqueItems"] == true else { return .array(Array(repeating: element, count: count)) }
        return .array(
            (0..<count).map { place in
                switch element {
                case _ where place == 0: element
                case .string(let text): .string("\(text)\(place)")
                case .number: element.integer.map { .integer($0 &+ Int64(place)) } ?? element
                default: element
                }
            })
    }

    private static func number(_ schema: JSONValue) -> JSONValue {
        let low = schema["minimum"]?.integer ?? -SchemaBounds.largest
        let high = schema["maximum"]?.integer ?? SchemaBounds.largest
        let (span, isTooWide) = high.subtractingReportingOverflow(low)
        guard !isTooWide, span > 0 else { return .integer(low) }
        let product = UInt64(span).multipliedFullWidth(by: UInt64(chance.numerator))
        return .integer(low + Int64(UInt64(chance.denominator).dividingFullWidth(product).quotient))
    }

    private static func text(_ schema: JSONValue) -> JSONValue {
        switch schema["format"]?.string {
        case "date-time": return "2021-01-01T00:00:00.0Z"
        case "date": return "2021-01-01"
        case "time": return "00:00:00.0Z"
        case "uri", "uri-reference", "iri", "iri-reference": return "http://example.org"
        case "email", "idn-email": return "dolor@example.org"
        case "hostname", "idn-hostname": return "example.org"
        case "ipv4": return "192.0.2.1"
        case "ipv6": return "2001:db8::1"
        case "uuid": return "00000000-0000-4000-8000-000000000000"
        default: break
        }
        var text = word
        let least = min(Int(schema["minLength"]?.integer ?? 0), 10_000)
        while text.count < least { text += " " + word }
        if let most = schema["maxLength"]?.integer, most >= 0, text.count > most {
            text = String(text.prefix(Int(most)))
        }
        return .string(text)
    }
}

extension JSONValue {
    /// This object's members over those of another.
    fileprivate func laid(over other: JSONValue) -> JSONValue {
        guard case .object(let own) = self else { return other }
        return own.reduce(other) { $0.setting($1.name, $1.value) }
    }
}
