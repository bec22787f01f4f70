internal import JSON

/// Whether a schema is one by the grammar of JSON Schema draft-07 (which is that of draft-04 and 06 but for `exclusiveMinimum` and
/// `exclusiveMaximum`, which are taken in both forms).
enum SchemaGrammar {
    static let types: Set<String> = ["array", "boolean", "integer", "null", "number", "object", "string"]

    /// What is wrong in it, at every level.
    static func problems(in schema: JSONValue, at pointer: JSONPointer = .init()) -> [(
        pointer: JSONPointer, message: String
    )] {
        guard pointer.tokens.count <= SchemaLimits.depth else { return [(pointer, "it is nested too deeply")] }
        if case .boolean = schema { return [] }
        guard case .object(let members) = schema else { return [(pointer, "a schema must be a mapping or a boolean")] }
        var found: [(pointer: JSONPointer, message: String)] = []
        for member in members {
            let place = pointer + member.name
            if let expected = mistake(in: member.name, member.value) {
                found.append((place, "\(member.name) must be \(expected)"))
            }
            for (name, child) in children(of: member.name, member.value, at: place) {
                found += problems(in: child, at: name)
            }
        }
        return found
    }

    /// What stands where a schema must stand, whether it is one or not.
    private static func children(
        of keyword: String, _ value: JSONValue, at pointer: JSONPointer
    ) -> [(JSONPointer, JSONValue)] {
        if Subschemas.maps.contains(keyword), case .object(let members) = value {
            return members.filter { keyword != "dependencies" || $0.value.array == nil }.map {
                (pointer + $0.name, $0.value)
            }
        }
        if Subschemas.lists.contains(keyword), case .array(let elements) = value {
            return elements.enumerated().map { (pointer + "\($0.offset)", $0.element) }
        }
        return Subschemas.single.contains(keyword) ? [(pointer, value)] : []
    }

    /// What the value must be, where it isn't.
    private static func mistake(in keyword: String, _ value: JSONValue) -> String? {
        switch keyword {
        case "type":
            let names = value.array?.map { $0.string ?? "" } ?? [value.string ?? ""]
            let isRight = !names.isEmpty && names.allSatisfy(types.contains) && Set(names).count == names.count
            return isRight ? nil : "one of \(types.sorted().joined(separator: ", ")), or a list of some of them"
        case "required":
            guard let names = value.array, names.allSatisfy({ $0.string != nil }), names.unique.count == names.count
            else { return "a list of names, each once" }
        case "enum":
            guard let values = value.array, !values.isEmpty else { return "a list of at least one value" }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            guard let number = value.double, number >= 0, number == number.rounded() else {
                return "a whole number from 0 on"
            }
        case "minimum", "maximum":
            if value.double == nil { return "a number" }
        case "exclusiveMinimum", "exclusiveMaximum":
            if case .boolean = value { return nil }
            if value.double == nil { return "a number" }
        case "multipleOf":
            guard let number = value.double, number > 0 else { return "a number above 0" }
        case "properties", "patternProperties", "definitions", "dependencies":
            guard case .object = value else { return "a mapping of names to schemas" }
        case "allOf", "anyOf", "oneOf":
            guard let schemas = value.array, !schemas.isEmpty else { return "a list of at least one schema" }
        case "uniqueItems", "readOnly", "writeOnly":
            guard case .boolean = value else { return "true or false" }
        case "title", "description", "$id", "$schema", "$ref", "$comment", "pattern", "format", "contentEncoding",
            "contentMediaType":
            if value.string == nil { return "a text" }
        case "examples":
            if value.array == nil { return "a list" }
        default: break
        }
        return nil
    }
}
