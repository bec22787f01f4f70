internal import JSON

/// Bounds for numbers that have none: beyond them a double does not tell neighbouring whole numbers apart, so that languages
/// which know nothing else would change a value that they only pass on.
enum SchemaBounds {
    static let largest: Int64 = 9_007_199_254_740_991

    static func enforced(in schema: JSONValue) -> JSONValue {
        var schema = schema.mappingSubschemas { enforced(in: $0) }
        guard schema["type"] == "integer" || schema["type"] == "number" else { return schema }
        for (bound, exclusive, value) in [
            ("maximum", "exclusiveMaximum", largest), ("minimum", "exclusiveMinimum", -largest),
        ] where schema[bound] == nil && schema[exclusive]?.double == nil {
            schema = schema.setting(bound, .integer(value))
        }
        return schema
    }
}
