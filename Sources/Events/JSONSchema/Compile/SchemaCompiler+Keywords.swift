internal import JSON

extension SchemaCompiler {
    /// The rules of one schema.
    mutating func read(
        _ schema: Found, _ note: inout SchemaProgram.Note
    ) throws(SchemaError) -> SchemaProgram.Node {
        var node = SchemaProgram.Node()
        switch schema.value {
        case .boolean(let anything) where schema.draft >= .six:
            node.isNever = !anything
            return node
        case .object: break
        default: throw invalid("must be an object\(schema.draft >= .six ? " or a boolean" : "")", schema)
        }
        if let type = schema.value["type"] { (node.kinds, note.kinds) = try kinds(type, schema) }
        node.string = try stringRule(schema, &note)
        node.number = try numberRule(schema)
        node.array = try arrayRule(schema)
        node.object = try objectRule(schema, &note)
        node.steps = try steps(schema)
        return node
    }

    private func kinds(
        _ type: JSONValue, _ schema: Found
    ) throws(SchemaError) -> (SchemaProgram.Kinds, String) {
        let names = type.array ?? [type]
        var kinds: SchemaProgram.Kinds = []
        for name in names {
            guard let kind = name.string.flatMap(SchemaProgram.Kinds.init(name:)) else {
                throw invalid("has a type that isn't one of JSON's", schema)
            }
            kinds.insert(kind)
        }
        return (kinds, names.compactMap(\.string).joined(separator: ","))
    }

    func count(_ keyword: String, _ schema: Found) throws(SchemaError) -> Int? {
        guard let value = schema.value[keyword] else { return nil }
        guard case .number(let text) = value, let document = try? JSONDocument(Array(text.utf8)) else {
            throw invalid("needs a number for \(keyword)", schema)
        }
        let bytes = document.bytes.span
        guard let count = DecimalText(bytes, at: 0).count(bytes) else {
            throw invalid("needs a whole number from 0 on for \(keyword)", schema)
        }
        return count
    }

    // MARK: Strings

    private mutating func stringRule(
        _ schema: Found, _ note: inout SchemaProgram.Note
    ) throws(SchemaError) -> Int32 {
        var rule = SchemaProgram.StringRule()
        let (minimum, maximum) = (try count("minLength", schema), try count("maxLength", schema))
        rule.minimum = minimum ?? 0
        rule.maximum = maximum ?? .max
        var isThere = minimum != nil || maximum != nil
        if let value = schema.value["pattern"] {
            guard let text = value.string else { throw invalid("needs a string for pattern", schema) }
            guard options.allowsInsecure || maximum != nil else {
                throw insecure("has a pattern and no maxLength", schema)
            }
            rule.pattern = try pattern(text, schema)
            note.pattern = text
            isThere = true
        }
        if let value = schema.value["format"] {
            guard let name = value.string else { throw invalid("needs a string for format", schema) }
            guard options.allowsInsecure || maximum != nil else {
                throw insecure("has a format and no maxLength", schema)
            }
            if options.formats != .ignored, let format = Format(name: name) {
                rule.format = format
                rule.isStrict = options.formats == .strict
                isThere = true
            }
            note.format = name
        }
        guard isThere else { return -1 }
        program.strings.append(rule)
        return Int32(program.strings.count - 1)
    }

    // MARK: Numbers

    private mutating func numberRule(_ schema: Found) throws(SchemaError) -> Int32 {
        var rule = SchemaProgram.NumberRule()
        rule.minimum = try bound("minimum", schema)
        rule.maximum = try bound("maximum", schema)
        if schema.draft == .four {
            rule.minimum?.isExclusive = schema.value["exclusiveMinimum"] == true
            rule.maximum?.isExclusive = schema.value["exclusiveMaximum"] == true
        } else {
            rule.minimumExclusive = try bound("exclusiveMinimum", schema)
            rule.maximumExclusive = try bound("exclusiveMaximum", schema)
            rule.minimumExclusive?.isExclusive = true
            rule.maximumExclusive?.isExclusive = true
        }
        if let value = schema.value["multipleOf"] {
            guard case .number = value else { throw invalid("needs a number for multipleOf", schema) }
            rule.multipleConstant = try constant(value, schema)
            let text = program.constants[Int(rule.multipleConstant)].bytes
            let bytes = text.span
            guard let divisor = DecimalText(bytes, at: 0).divisor(bytes) else {
                throw invalid("needs a number above 0 with 18 digits at most for multipleOf", schema)
            }
            rule.multiple = divisor
        }
        let isThere =
            rule.minimum != nil || rule.maximum != nil || rule.minimumExclusive != nil
            || rule.maximumExclusive != nil || rule.multiple != nil
        guard isThere else { return -1 }
        program.numbers.append(rule)
        return Int32(program.numbers.count - 1)
    }

    private mutating func bound(
        _ keyword: String, _ schema: Found
    ) throws(SchemaError) -> SchemaProgram.Bound? {
        guard let value = schema.value[keyword] else { return nil }
        guard case .number(let text) = value else { throw invalid("needs a number for \(keyword)", schema) }
        return SchemaProgram.Bound(
            integer: Int64(text), constant: try constant(value, schema), isExclusive: false)
    }

    // MARK: Arrays

    private mutating func arrayRule(_ schema: Found) throws(SchemaError) -> Int32 {
        var rule = SchemaProgram.ArrayRule()
        let (minimum, maximum) = (try count("minItems", schema), try count("maxItems", schema))
        rule.minimum = minimum ?? 0
        rule.maximum = maximum ?? .max
        var isThere = minimum != nil || maximum != nil
        switch schema.value["items"] {
        case .array(let schemas)?:
            rule.isTuple = true
            rule.tuple = try branches(in: schema, "items", schemas)
            rule.additional = try additional("additionalItems", schema)
            isThere = true
        case let items?:
            rule.items = try node(in: schema, "items", value: items)
            isThere = true
        case nil: break
        }
        if schema.draft >= .six, let contains = schema.value["contains"] {
            rule.contains = try node(in: schema, "contains", value: contains)
            isThere = true
        }
        if schema.value["uniqueItems"] == true {
            guard options.allowsInsecure || maximum != nil || SchemaKeyword.hasPlainItems(schema.value) else {
                throw insecure("has uniqueItems and no maxItems, and its items may be objects or arrays", schema)
            }
            rule.isUnique = true
            isThere = true
        }
        guard isThere else { return -1 }
        program.arrays.append(rule)
        return Int32(program.arrays.count - 1)
    }

    /// -1: anything, -2: nothing.
    mutating func additional(_ keyword: String, _ schema: Found) throws(SchemaError) -> SchemaProgram.NodeID {
        switch schema.value[keyword] {
        case nil, true?: -1
        case false?: SchemaProgram.ObjectRule.nothing
        case let value?: try node(in: schema, keyword, value: value)
        }
    }

    // MARK: Values of every kind

    private mutating func steps(_ schema: Found) throws(SchemaError) -> SchemaProgram.Span {
        var steps: [SchemaProgram.Step] = []
        if schema.draft >= .six, let value = schema.value["const"] {
            steps.append(.constant(try constant(value, schema)))
        }
        if let value = schema.value["enum"] {
            guard let values = value.array else { throw invalid("needs an array for enum", schema) }
            let first = Int32(program.constants.count)
            for value in values { _ = try constant(value, schema) }
            steps.append(.oneOfConstants(SchemaProgram.Span(first: first, count: Int32(values.count))))
        }
        if let value = schema.value["not"] { steps.append(.not(try node(in: schema, "not", value: value))) }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            guard let value = schema.value[keyword] else { continue }
            guard let schemas = value.array else { throw invalid("needs an array for \(keyword)", schema) }
            let span = try branches(in: schema, keyword, schemas)
            steps.append(keyword == "anyOf" ? .anyOf(span) : keyword == "oneOf" ? .oneOf(span) : .allOf(span))
        }
        if schema.draft >= .seven, let test = schema.value["if"] {
            let (then, otherwise) = (schema.value["then"], schema.value["else"])
            if then != nil || otherwise != nil {
                steps.append(
                    .condition(
                        try node(in: schema, "if", value: test),
                        then: try then.map { value throws(SchemaError) in
                            try node(in: schema, "then", value: value)
                        } ?? -1,
                        otherwise: try otherwise.map { value throws(SchemaError) in
                            try node(in: schema, "else", value: value)
                        } ?? -1))
            }
        }
        let span = SchemaProgram.Span(first: Int32(program.steps.count), count: Int32(steps.count))
        program.steps.append(contentsOf: steps)
        return span
    }
}
