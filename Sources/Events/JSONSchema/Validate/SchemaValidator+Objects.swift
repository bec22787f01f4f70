internal import JSON
internal import Patterns

extension SchemaValidator {
    mutating func object(
        _ id: NodeID, _ number: Int32, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        let rule = program.objects[Int(number)]
        if isReporting { return report(id, rule, word, program, document, isComposite) }
        let words = (Int(rule.seen) + 63) / 64
        let first = seen.count
        for _ in 0..<words { seen.append(0) }
        defer { if words > 0 { seen.removeLast(words) } }

        let content = document.content(of: word)
        var (name, count) = (content.lowerBound, 0)
        while name < content.upperBound {
            count &+= 1
            guard member(rule, name, first, program, document, isComposite) else { return false }
            name = document.next(after: name &+ 1)
        }
        work &-= count
        guard count >= rule.minimum, count <= rule.maximum, work > 0 else {
            isExhausted = work <= 0
            return false
        }
        let fills = isFilling && !isComposite && rule.hasDefaults
        for place in rule.required.indices
        where !isSeen(program.propertyLists[place], first, program, fills: fills) {
            return false
        }
        if rule.dependencies.count > 0 {
            for place in rule.dependencies.indices
            where !follows(program.dependencies[place], word, first, program, document, isComposite, fills: fills) {
                return false
            }
        }
        if fills { note(rule, content, first, program, document) }
        return true
    }

    /// Looks at one member.
    @inline(__always)
    private mutating func member(
        _ rule: SchemaProgram.ObjectRule, _ name: Int, _ first: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        if rule.propertyNames >= 0, !passes(rule.propertyNames, name, program, document, isComposite: true) {
            return false
        }
        let value = name &+ 1
        let number = property(name, rule, program, document)
        var isKnown = false
        if number >= 0 {
            let property = program.properties[Int(number)]
            if property.seen >= 0 { seen[first &+ Int(property.seen) >> 6] |= 1 << UInt64(property.seen & 63) }
            if property.node >= 0 {
                isKnown = true
                guard passes(property.node, value, program, document, isComposite: isComposite) else { return false }
            }
        }
        if rule.patternProperties.count > 0 {
            for place in rule.patternProperties.indices {
                let entry = program.patternProperties[place]
                guard isMatch(entry.pattern, name, program, document) else { continue }
                isKnown = true
                guard passes(entry.node, value, program, document, isComposite: isComposite) else { return false }
            }
        }
        if isKnown || rule.additional == -1 { return true }
        return rule.additional >= 0 && passes(rule.additional, value, program, document, isComposite: isComposite)
    }

    /// The number of the property with this name, or -1.
    @inline(__always)
    mutating func property(
        _ name: Int, _ rule: SchemaProgram.ObjectRule, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Int32 {
        let bytes = document.bytes.span
        let start = document.start(of: name) &+ 1
        let end = bytes.firstMark(from: start)
        if document.hasEscapedNames, bytes[end] == UInt8(ascii: "\\") {
            decoded.removeAll(keepingCapacity: true)
            JSONEscapes.decode(bytes, from: start, into: &decoded)
            return program.names.find(decoded.span, from: 0, to: decoded.count, in: rule.table)
        }
        return program.names.find(bytes, from: start, to: end, in: rule.table)
    }

    mutating func isMatch(
        _ pattern: Int32, _ name: Int, _ program: borrowing SchemaProgram, _ document: borrowing JSONDocument
    ) -> Bool {
        work &-= 1
        let bytes = document.bytes.span
        let start = document.start(of: name) &+ 1
        let end = bytes.firstMark(from: start)
        guard bytes[end] == UInt8(ascii: "\\") else {
            return program.patterns[Int(pattern)].isIn(bytes.extracting(start..<end))
        }
        decoded.removeAll(keepingCapacity: true)
        JSONEscapes.decode(bytes, from: start, into: &decoded)
        return program.patterns[Int(pattern)].isIn(decoded.span)
    }

    /// Whether a property is there, or will be.
    private func isSeen(
        _ number: Int32, _ first: Int, _ program: borrowing SchemaProgram, fills: Bool
    ) -> Bool {
        let property = program.properties[Int(number)]
        guard property.seen >= 0 else { return false }
        return seen[first &+ Int(property.seen) >> 6] >> UInt64(property.seen & 63) & 1 == 1
            || fills && property.fallback >= 0
    }

    private mutating func follows(
        _ dependency: SchemaProgram.Dependency, _ word: Int, _ first: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool, fills: Bool
    ) -> Bool {
        guard isSeen(dependency.property, first, program, fills: fills) else { return true }
        for place in dependency.required.indices
        where !isSeen(program.propertyLists[place], first, program, fills: fills) {
            return false
        }
        return dependency.node < 0 || passes(dependency.node, word, program, document, isComposite: isComposite)
    }

    /// Notes the defaults of the properties that are not there.
    private mutating func note(
        _ rule: SchemaProgram.ObjectRule, _ content: Range<Int>, _ first: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) {
        var place = -1
        var isFirst = content.isEmpty
        for number in rule.properties.indices {
            let property = program.properties[number]
            guard property.fallback >= 0, !isSeen(Int32(number), first, program, fills: false) else { continue }
            if place < 0 {
                place =
                    content.isEmpty
                    ? document.start(of: content.lowerBound - 3) + 1 : Self.lastEnd(content, document)
            }
            fillings.append(
                Filling(place: place, isFirst: isFirst, name: property.name, value: property.fallback))
            isFirst = false
        }
    }

    /// Where the last of an object's members ends.
    private static func lastEnd(_ content: Range<Int>, _ document: borrowing JSONDocument) -> Int {
        var name = content.lowerBound
        while true {
            let next = document.next(after: name + 1)
            guard next < content.upperBound else { return document.end(of: name + 1) }
            name = next
        }
    }
}
