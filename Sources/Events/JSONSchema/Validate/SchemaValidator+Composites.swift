internal import JSON

extension SchemaValidator {
    /// What holds for values of every kind.
    mutating func step(
        _ id: NodeID, _ step: SchemaProgram.Step, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument, _ isComposite: Bool
    ) -> Bool {
        switch step {
        case .constant(let number):
            if isConstant(number, word, program, document) { return true }
            _ = fails(.constant(number), id, program)
            return false
        case .oneOfConstants(let span):
            for number in span.indices where isConstant(Int32(number), word, program, document) { return true }
            _ = fails(.oneOfConstants(span), id, program)
            return false
        case .not(let node):
            let told = errors.count
            let isRight = !passes(node, word, program, document, isComposite: true) && !isExhausted
            forget(from: told)
            if !isRight { _ = fails(.not, id, program) }
            return isRight
        case .anyOf(let span): return anyOf(id, span, word, program, document)
        case .oneOf(let span): return oneOf(id, span, word, program, document)
        case .allOf(let span):
            var isRight = true
            for place in span.indices
            where !passes(program.branches[place], word, program, document, isComposite: isComposite) {
                isRight = false
                guard goesOn else { return false }
            }
            return isRight
        case .condition(let test, let then, let otherwise):
            let told = errors.count
            let holds = passes(test, word, program, document, isComposite: true)
            forget(from: told)
            guard !isExhausted else { return false }
            let branch = holds ? then : otherwise
            if branch < 0 || passes(branch, word, program, document, isComposite: true) { return true }
            _ = fails(.condition(holds ? "then" : "else"), id, program)
            return false
        }
    }

    /// Drops what was told of schemas that need not be followed.
    mutating func forget(from told: Int) {
        if errors.count > told { errors.removeSubrange(told...) }
    }

    private mutating func isConstant(
        _ number: Int32, _ word: Int, _ program: borrowing SchemaProgram, _ document: borrowing JSONDocument
    ) -> Bool {
        let constant = program.constants[Int(number)]
        return comparison.isEqual(word, document, constant.root, constant)
    }

    private mutating func anyOf(
        _ id: NodeID, _ span: SchemaProgram.Span, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let told = errors.count
        for place in span.indices {
            if passes(program.branches[place], word, program, document, isComposite: true) {
                forget(from: told)
                return true
            }
            guard !isExhausted else { return false }
        }
        _ = fails(.anyOf, id, program)
        return false
    }

    private mutating func oneOf(
        _ id: NodeID, _ span: SchemaProgram.Span, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let told = errors.count
        var passing: Int?
        for (number, place) in span.indices.enumerated() {
            let isRight = passes(program.branches[place], word, program, document, isComposite: true)
            guard !isExhausted else { return false }
            guard isRight else { continue }
            if let passing {
                _ = fails(.oneOf(passing: (passing, number)), id, program)
                return false
            }
            passing = number
        }
        guard passing == nil else {
            forget(from: told)
            return true
        }
        _ = fails(.oneOf(passing: nil), id, program)
        return false
    }
}
