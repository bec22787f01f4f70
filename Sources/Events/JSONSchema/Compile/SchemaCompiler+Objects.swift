internal import JSON

extension SchemaCompiler {
    mutating func objectRule(
        _ schema: Found, _ note: inout SchemaProgram.Note
    ) throws(SchemaError) -> Int32 {
        let value = schema.value
        let keywords = [
            "minProperties", "maxProperties", "properties", "required", "patternProperties", "additionalProperties",
            "propertyNames", "dependencies",
        ]
        guard keywords.contains(where: { value[$0] != nil }) else { return -1 }
        var rule = SchemaProgram.ObjectRule()
        rule.minimum = try count("minProperties", schema) ?? 0
        rule.maximum = try count("maxProperties", schema) ?? .max
        var names = ObjectNames()
        for (name, property) in try members("properties", schema) {
            names.declare(
                name, node: try node(in: schema, "properties", name, value: property),
                fallback: try property["default"].map { value throws(SchemaError) in
                    try constant(value, schema)
                } ?? -1)
        }
        var required: [Int] = []
        // In draft 4 the word may stand in schemas of draft 3, as a boolean.
        if let list = value["required"], case .array(let entries) = list {
            required = try strings(entries, "required", schema).map { names.number(of: $0, isWatched: true) }
        }
        let patterns = try patternProperties(schema, &note)
        rule.additional = try additional("additionalProperties", schema)
        if schema.draft >= .six, let value = value["propertyNames"] {
            rule.propertyNames = try node(in: schema, "propertyNames", value: value)
        }
        let dependencies = try dependencies(schema, &names)

        let first = Int32(program.properties.count)
        var seen: Int32 = 0
        var entries: [(name: Int32, value: Int32)] = []
        for (number, entry) in names.entries.enumerated() {
            var property = SchemaProgram.Property(node: entry.node, fallback: entry.fallback)
            property.name = program.names.add(entry.name)
            if entry.isWatched || entry.fallback >= 0 {
                property.seen = seen
                seen += 1
            }
            if entry.fallback >= 0 { rule.hasDefaults = true }
            program.properties.append(property)
            entries.append((property.name, first + Int32(number)))
        }
        rule.properties = SchemaProgram.Span(first: first, count: Int32(names.entries.count))
        rule.seen = seen
        rule.table = program.names.makePart(entries)
        rule.required = list(required, first)
        rule.patternProperties = SchemaProgram.Span(
            first: Int32(program.patternProperties.count), count: Int32(patterns.count))
        program.patternProperties.append(contentsOf: patterns)
        let place = Int32(program.dependencies.count)
        for dependency in dependencies {
            let required = list(dependency.required, first)
            program.dependencies.append(
                SchemaProgram.Dependency(
                    property: first + Int32(dependency.property), node: dependency.node, required: required))
        }
        rule.dependencies = SchemaProgram.Span(first: place, count: Int32(dependencies.count))
        program.objects.append(rule)
        return Int32(program.objects.count - 1)
    }

    /// Adds a list of properties' numbers.
    private mutating func list(_ numbers: [Int], _ first: Int32) -> SchemaProgram.Span {
        let span = SchemaProgram.Span(first: Int32(program.propertyLists.count), count: Int32(numbers.count))
        program.propertyLists.append(contentsOf: numbers.map { first + Int32($0) })
        return span
    }

    /// The members of an object; of a name that stands twice the last one.
    private func members(
        _ keyword: String, _ schema: Found
    ) throws(SchemaError) -> [(name: String, value: JSONValue)] {
        guard let value = schema.value[keyword] else { return [] }
        guard case .object(let members) = value else { throw invalid("needs an object for \(keyword)", schema) }
        var places: [[UInt8]: Int] = [:]
        var result: [(name: String, value: JSONValue)] = []
        for member in members {
            let name = Array(member.name.utf8)
            if let place = places[name] {
                result[place].value = member.value
            } else {
                places[name] = result.count
                result.append((member.name, member.value))
            }
        }
        return result
    }

    private func strings(
        _ values: [JSONValue], _ keyword: String, _ schema: Found
    ) throws(SchemaError) -> [String] {
        let strings = values.compactMap(\.string)
        guard strings.count == values.count else { throw invalid("needs strings for \(keyword)", schema) }
        return strings
    }

    private mutating func patternProperties(
        _ schema: Found, _ note: inout SchemaProgram.Note
    ) throws(SchemaError) -> [SchemaProgram.PatternProperty] {
        let members = try members("patternProperties", schema)
        if schema.value["patternProperties"] != nil, !options.allowsInsecure {
            guard schema.value["propertyNames"]?["maxLength"] != nil else {
                throw insecure("has patternProperties, and propertyNames without a maxLength", schema)
            }
        }
        var result: [SchemaProgram.PatternProperty] = []
        for (name, value) in members {
            result.append(
                SchemaProgram.PatternProperty(
                    pattern: try pattern(name, schema),
                    node: try node(in: schema, "patternProperties", name, value: value)))
            note.patternProperties.append(name)
        }
        return result
    }

    private mutating func dependencies(
        _ schema: Found, _ names: inout ObjectNames
    ) throws(SchemaError) -> [(property: Int, node: SchemaProgram.NodeID, required: [Int])] {
        var lists: [(property: Int, node: SchemaProgram.NodeID, required: [Int])] = []
        var schemas = lists
        for (name, value) in try members("dependencies", schema) {
            let property = names.number(of: name, isWatched: true)
            if case .array(let entries) = value {
                let required = try strings(entries, "dependencies", schema)
                lists.append((property, -1, required.map { names.number(of: $0, isWatched: true) }))
            } else {
                schemas.append((property, try node(in: schema, "dependencies", name, value: value), []))
            }
        }
        return lists + schemas
    }
}
