internal import JSON

extension SchemaValidator {
    mutating func array(
        _ id: NodeID, _ number: Int32, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        let rule = program.arrays[Int(number)]
        var isRight = true
        let content = document.content(of: word)
        if rule.minimum > 0 || rule.maximum < .max
            || rule.isTuple && rule.additional == SchemaProgram.ObjectRule.nothing
        {
            let count = Self.elementCount(content, document)
            if count > rule.maximum {
                isRight = false
                guard fails(.maxItems(rule.maximum), id, program) else { return false }
            }
            if count < rule.minimum {
                isRight = false
                guard fails(.minItems(rule.minimum), id, program) else { return false }
            }
            if rule.isTuple, rule.additional == SchemaProgram.ObjectRule.nothing, count > Int(rule.tuple.count) {
                isRight = false
                guard fails(.additionalItems(Int(rule.tuple.count)), id, program) else { return false }
            }
        }
        if rule.items >= 0 || rule.isTuple, !elements(rule, content, program, document, isComposite) {
            isRight = false
            guard goesOn else { return false }
        }
        if rule.contains >= 0, !contains(id, rule.contains, content, program, document) {
            isRight = false
            guard goesOn else { return false }
        }
        if rule.isUnique, let pair = comparison.duplicate(in: word, document) {
            _ = fails(.uniqueItems(pair.later, pair.earlier), id, program)
            return false
        }
        if comparison.budget < 0 { isExhausted = true }
        return isRight
    }

    private static func elementCount(_ content: Range<Int>, _ document: borrowing JSONDocument) -> Int {
        var (element, count) = (content.lowerBound, 0)
        while element < content.upperBound {
            count += 1
            element = document.next(after: element)
        }
        return count
    }

    private mutating func elements(
        _ rule: SchemaProgram.ArrayRule, _ content: Range<Int>, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        var isRight = true
        var (element, number) = (content.lowerBound, 0)
        while element < content.upperBound {
            let node =
                !rule.isTuple
                ? rule.items
                : number < Int(rule.tuple.count)
                    ? program.branches[Int(rule.tuple.first) + number] : rule.additional
            // Elements behind the list need no check: any value may stand there (-1), or the count was checked already (-2).
            if node < 0 { return isRight }
            if isReporting { path.steps.append(.element(number)) }
            let isElementRight = passes(node, element, program, document, isComposite: isComposite)
            if isReporting { path.steps.removeLast() }
            if !isElementRight {
                isRight = false
                guard goesOn else { return false }
            }
            number += 1
            element = document.next(after: element)
        }
        return isRight
    }

    private mutating func contains(
        _ id: NodeID, _ node: NodeID, _ content: Range<Int>, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let told = errors.count
        var (element, number) = (content.lowerBound, 0)
        while element < content.upperBound {
            if isReporting { path.steps.append(.element(number)) }
            let isElementRight = passes(node, element, program, document, isComposite: true)
            if isReporting { path.steps.removeLast() }
            if isElementRight {
                forget(from: told)
                return true
            }
            guard !isExhausted else { return false }
            number += 1
            element = document.next(after: element)
        }
        _ = fails(.contains, id, program)
        return false
    }
}
