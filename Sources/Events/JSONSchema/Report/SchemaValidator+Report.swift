internal import JSON

extension SchemaValidator {
    /// What is wrong with an object, in the order in which ajv 6 tells it.
    mutating func report(
        _ id: NodeID, _ rule: SchemaProgram.ObjectRule, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        let members = document.members(of: word)
        work &-= members.count
        guard work > 0 else {
            isExhausted = true
            return false
        }
        var isRight = true
        /// The values of each property, and the members that are none.
        var values: [Int32: [Int]] = [:]
        var others: [(name: Int, value: Int)] = []
        for member in members {
            let number = property(member.name, rule, program, document)
            if number >= 0 { values[number, default: []].append(member.value) }
            if number < 0 || program.properties[Int(number)].node < 0 { others.append(member) }
        }
        if members.count > rule.maximum {
            isRight = false
            _ = fails(.maxProperties(rule.maximum), id, program)
        }
        if members.count < rule.minimum {
            isRight = false
            _ = fails(.minProperties(rule.minimum), id, program)
        }
        let fills = isFilling && !isComposite
        func isThere(_ number: Int32, _ program: borrowing SchemaProgram) -> Bool {
            values[number] != nil || fills && program.properties[Int(number)].fallback >= 0
        }
        for place in rule.required.indices {
            let number = program.propertyLists[place]
            guard !isThere(number, program) else { continue }
            isRight = false
            _ = fails(.required(program.names.name(program.properties[Int(number)].name)), id, program)
        }
        for place in rule.dependencies.indices {
            let dependency = program.dependencies[place]
            guard isThere(dependency.property, program) else { continue }
            let all = dependency.required.indices.map {
                program.names.name(program.properties[Int(program.propertyLists[$0])].name)
            }
            for (number, missing) in zip(dependency.required.indices, all)
            where !isThere(program.propertyLists[number], program) {
                isRight = false
                let property = program.names.name(program.properties[Int(dependency.property)].name)
                _ = fails(.dependency(property: property, missing: missing, all: all), id, program)
            }
            if dependency.node >= 0, !passes(dependency.node, word, program, document, isComposite: isComposite) {
                isRight = false
            }
        }
        if rule.propertyNames >= 0 {
            for member in members where !reportName(id, rule.propertyNames, member.name, program, document) {
                isRight = false
            }
        }
        if rule.additional != -1 {
            for member in others
            where !reportAdditional(id, rule, member, program, document, isComposite) {
                isRight = false
            }
        }
        for number in rule.properties.indices where program.properties[number].node >= 0 {
            let property = program.properties[number]
            for value in values[Int32(number)] ?? [] {
                path.steps.append(.property(program.names.name(property.name)))
                if !passes(property.node, value, program, document, isComposite: isComposite) { isRight = false }
                path.steps.removeLast()
            }
        }
        for place in rule.patternProperties.indices {
            let entry = program.patternProperties[place]
            for member in members where isMatch(entry.pattern, member.name, program, document) {
                path.steps.append(.member(document.string(member.name) ?? ""))
                if !passes(entry.node, member.value, program, document, isComposite: isComposite) { isRight = false }
                path.steps.removeLast()
            }
        }
        return isRight && !isExhausted
    }

    /// Looks at a member's name.
    private mutating func reportName(
        _ id: NodeID, _ node: NodeID, _ name: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let told = errors.count
        if passes(node, name, program, document, isComposite: true) { return true }
        let text = document.string(name) ?? ""
        for place in errors.indices.dropFirst(told) where errors[place].propertyName == nil {
            errors[place].propertyName = text
        }
        _ = fails(.propertyName(text), id, program)
        return false
    }

    /// Looks at a member that is no property.
    private mutating func reportAdditional(
        _ id: NodeID, _ rule: SchemaProgram.ObjectRule, _ member: (name: Int, value: Int),
        _ program: borrowing SchemaProgram, _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        for place in rule.patternProperties.indices
        where isMatch(program.patternProperties[place].pattern, member.name, program, document) {
            return true
        }
        let name = document.string(member.name) ?? ""
        guard rule.additional >= 0 else {
            _ = fails(.additionalProperty(name), id, program)
            return false
        }
        path.steps.append(.member(name))
        defer { path.steps.removeLast() }
        return passes(rule.additional, member.value, program, document, isComposite: isComposite)
    }
}
