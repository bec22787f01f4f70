internal import JSON

/// Merges what stands in `allOf` into the schema that has it, at every level, as `jsonschema-tools` does: an event fits the
/// result if it fits the schema and each of its parts, but for `additionalProperties: false` of a part, which would forbid
/// what the other parts allow.
///
/// Of two values of one keyword: names of required members are joined, properties by name, limits to the narrower, types and
/// `enum` to what both have; for what only describes (`title`, `description`, `$id`, `examples`, `default`…) the schema wins over
/// its parts, and an earlier part over a later.
struct Merging {
    private let document: String
    private var values = 0

    init(document: String) { self.document = document }

    /// - Throws: where two values exclude each other, so that no event would fit.
    mutating func merged(_ schema: JSONValue) throws(SchemaError) -> JSONValue {
        try merge([schema], at: JSONPointer())
    }

    private mutating func merge(_ schemas: [JSONValue], at pointer: JSONPointer) throws(SchemaError) -> JSONValue {
        values += 1
        guard values <= SchemaLimits.values, pointer.tokens.count <= SchemaLimits.depth else {
            throw SchemaError(
                .tooLarge, document, "\(pointer)", "merging allOf makes more of it than a schema may have")
        }
        var parts: [[JSONValue.Member]] = []
        for schema in schemas { flatten(schema, into: &parts) }
        if schemas.contains(where: { $0.isNever }) { return .boolean(false) }
        guard !parts.isEmpty else { return schemas.first ?? .boolean(true) }
        var result: [JSONValue.Member] = []
        for (name, values) in Self.grouped(Array(parts.joined())) {
            result.append(.init(name, try merge(values, of: name, at: pointer + name)))
        }
        return .object(result)
    }

    /// The values of members by name, in the order in which the names came first.
    private static func grouped(_ members: [JSONValue.Member]) -> [(name: String, values: [JSONValue])] {
        var groups: [(name: String, values: [JSONValue])] = []
        var places: [String: Int] = [:]
        for member in members {
            if let place = places[member.name] {
                groups[place].values.append(member.value)
            } else {
                places[member.name] = groups.count
                groups.append((member.name, [member.value]))
            }
        }
        return groups
    }

    /// A schema without its `allOf`, and then the parts of that.
    private func flatten(_ schema: JSONValue, into parts: inout [[JSONValue.Member]]) {
        guard case .object(let members) = schema else { return }
        parts.append(members.filter { $0.name != "allOf" || $0.value.array == nil })
        for part in schema["allOf"]?.array ?? [] { flatten(part, into: &parts) }
    }

    // MARK: Keywords

    private mutating func merge(
        _ values: [JSONValue], of keyword: String, at pointer: JSONPointer
    ) throws(SchemaError) -> JSONValue {
        switch keyword {
        case "properties", "patternProperties", "definitions", "dependencies":
            return try mergeByName(values, at: pointer)
        case "items" where values.contains(where: { $0.array != nil }):
            return try mergeTuples(values, at: pointer)
        case "items", "additionalItems", "additionalProperties", "contains", "propertyNames", "not", "if", "then",
            "else":
            // Two of `not` are one that forbids both.
            if keyword == "not", Set(values).count > 1 { return ["anyOf": .array(values)] }
            return try merge(values, at: pointer)
        case "oneOf", "anyOf": return try mergeAlternatives(values, at: pointer)
        default: break
        }
        let different = values.unique
        guard different.count > 1 else { return values[0] }
        switch keyword {
        case "required":
            return .array(different.flatMap { $0.array ?? [] }.unique.sorted { ($0.string ?? "") < ($1.string ?? "") })
        case "type":
            return try common(different.map { $0.array ?? [$0] }, keyword, pointer) {
                $0.count == 1 ? $0[0] : .array($0)
            }
        case "enum": return try common(different.map { $0.array ?? [] }, keyword, pointer) { .array($0) }
        case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
            return try extreme(different, keyword, pointer, >)
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
            return try extreme(different, keyword, pointer, <)
        case "uniqueItems": return .boolean(different.contains(.boolean(true)))
        case "pattern": return .string(different.map { "(?=\($0.string ?? ""))" }.joined())
        case "const", "format", "multipleOf":
            throw conflict(keyword, different, pointer)
        default: return different[0]
        }
    }

    private func conflict(_ keyword: String, _ values: [JSONValue], _ pointer: JSONPointer) -> SchemaError {
        let texts = values.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: " and ")
        return SchemaError(
            .conflict, document, "\(pointer)",
            "allOf joins \(keyword) \(texts), which no value fits: change one of them")
    }

    private func common(
        _ lists: [[JSONValue]], _ keyword: String, _ pointer: JSONPointer, _ make: ([JSONValue]) -> JSONValue
    ) throws(SchemaError) -> JSONValue {
        let shared = lists[0].filter { value in lists.dropFirst().allSatisfy { $0.contains(value) } }
        guard !shared.isEmpty else { throw conflict(keyword, lists.map { .array($0) }, pointer) }
        return make(shared)
    }

    private func extreme(
        _ values: [JSONValue], _ keyword: String, _ pointer: JSONPointer, _ isBetter: (Double, Double) -> Bool
    ) throws(SchemaError) -> JSONValue {
        var best = values[0]
        for value in values.dropFirst() {
            guard let one = value.double, let other = best.double else { throw conflict(keyword, values, pointer) }
            if isBetter(one, other) { best = value }
        }
        return best
    }

    private mutating func mergeByName(_ values: [JSONValue], at pointer: JSONPointer) throws(SchemaError) -> JSONValue {
        var all: [JSONValue.Member] = []
        for value in values {
            guard case .object(let members) = value else { return values[0] }
            all += members
        }
        var result: [JSONValue.Member] = []
        for (name, schemas) in Self.grouped(all) {
            // A dependency may be a list of names.
            let isList = schemas.contains { $0.array != nil }
            let value =
                isList ? .array(schemas.flatMap { $0.array ?? [] }.unique) : try merge(schemas, at: pointer + name)
            result.append(.init(name, value))
        }
        return .object(result)
    }

    private mutating func mergeTuples(_ values: [JSONValue], at pointer: JSONPointer) throws(SchemaError) -> JSONValue {
        let longest = values.map { $0.array?.count ?? 0 }.max() ?? 0
        var result: [JSONValue] = []
        for place in 0..<longest {
            let schemas = values.compactMap { value in
                value.array.map { $0.indices.contains(place) ? $0[place] : nil } ?? value
            }
            result.append(try merge(schemas, at: pointer + "\(place)"))
        }
        return .array(result)
    }

    /// Of several lists of alternatives, one with what is possible together of each.
    private mutating func mergeAlternatives(_ lists: [JSONValue], at pointer: JSONPointer) throws(SchemaError)
        -> JSONValue
    {
        var result: [JSONValue] = []
        for (place, schema) in (lists[0].array ?? []).enumerated() {
            result.append(try merge([schema], at: pointer + "\(place)"))
        }
        for list in lists.unique.dropFirst() {
            var next: [JSONValue] = []
            for one in result {
                for other in list.array ?? [] {
                    // Two that exclude each other are no alternative.
                    do throws(SchemaError) {
                        next.append(try merge([one, other], at: pointer))
                    } catch {
                        guard error.kind == .conflict else { throw error }
                    }
                }
            }
            guard next.count <= SchemaLimits.alternatives, !next.isEmpty else {
                throw SchemaError(
                    .conflict, document, "\(pointer)",
                    next.isEmpty
                        ? "allOf joins alternatives of which no two fit together"
                        : "allOf joins alternatives to more than \(SchemaLimits.alternatives)")
            }
            result = next
        }
        return .array(result)
    }
}

extension JSONValue {
    /// The schema that nothing fits.
    fileprivate var isNever: Bool {
        if case .boolean(false) = self { return true }
        return (self["allOf"]?.array ?? []).contains { $0.isNever }
    }

    /// For comparing limits only.
    var double: Double? { if case .number(let text) = self { Double(text) } else { nil } }
}

extension [JSONValue] {
    /// Each value once, in order.
    var unique: [JSONValue] {
        var seen: Set<JSONValue> = []
        return filter { seen.insert($0).inserted }
    }
}
