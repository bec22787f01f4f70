internal import JSON

/// Runs programs over what a table has read of an event.
struct Evaluation: ~Copyable {
    /// Within `exists`: what the element has, by number of its path.
    private var element = Row<FieldValue>()
    /// Of what is computed: the numbers that wait for their operator.
    private var stack = Row<Number>()

    /// Whether the predicate holds for the event that `fields` has read, which is `document`. The values of the fields that
    /// the program names have been read.
    mutating func run(_ program: Program, _ fields: inout FieldTable, _ document: borrowing JSONDocument)
        -> Bool
    {
        var place = program.code.start
        while place < Program.reject {
            let instruction = program.code.instructions[Int(place)]
            let holds = test(instruction, program, &fields, document)
            place = holds ? instruction.ifTrue : instruction.ifFalse
        }
        return place == Program.accept
    }

    @inline(__always)
    private func value(_ field: Int32, _ fields: borrowing FieldTable) -> FieldValue {
        field >= 0 ? fields[field] : element[Int(~field)]
    }

    @inline(__always)
    private mutating func test(
        _ instruction: Program.Instruction, _ program: Program, _ fields: inout FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let (a, b) = (Int(instruction.a), Int(instruction.b))
        switch instruction.operation {
        case .equal, .below, .atMost:
            return compare(instruction, program, fields, document)
        default: break
        }
        let value = value(instruction.field, fields)
        switch instruction.operation {
        case .isKind: return Int32(value.kind.rawValue) == instruction.a
        case .isPresent: return value.kind != .missing
        case .isInteger: return value.kind == .integer && value.integer == instruction.integer
        case .isAnyInteger:
            return value.kind == .integer && program.code.integers.holds(value.integer, from: a, to: b)
        case .isText, .startsWith, .endsWith, .contains, .isAnyText, .matches:
            return value.isString && text(instruction, value, program, fields, document)
        case .isBelow, .isAtMost, .isAbove, .isAtLeast: return order(instruction, value, document)
        case .isNumber: return value.number(document) == program.code.numbers[a]
        case .isList: return isList(value, program, a..<b, &fields, document)
        case .isElement: return isElement(program.code.values[a], of: value, program, &fields, document)
        case .exists: return exists(program.code.programs[a], value, &fields, document)
        case .equal, .below, .atMost: return false
        }
    }

    /// A test of a string.
    @inline(__always)
    private func text(
        _ instruction: Program.Instruction, _ value: FieldValue, _ program: Program,
        _ fields: borrowing FieldTable, _ document: borrowing JSONDocument
    ) -> Bool {
        let (a, b) = (Int(instruction.a), Int(instruction.b))
        let source = value.kind == .decoded ? fields.reader.decoded.span : document.bytes.span
        let text = source.extracting(value.bytes)
        switch instruction.operation {
        case .contains: return program.code.needles[a].isIn(text)
        case .matches: return program.code.patterns[a].isIn(text)
        case .isAnyText: return program.code.holds(text, from: a, to: b)
        default: return program.code.isText(instruction, text)
        }
    }

    @inline(__always)
    private func order(
        _ instruction: Program.Instruction, _ value: FieldValue, _ document: borrowing JSONDocument
    ) -> Bool {
        if value.kind == .integer {
            switch instruction.operation {
            case .isBelow: return value.integer < instruction.integer
            case .isAtMost: return value.integer <= instruction.integer
            case .isAbove: return value.integer > instruction.integer
            default: return value.integer >= instruction.integer
            }
        }
        guard let number = value.number(document) else { return false }
        let other = Number.integer(instruction.integer)
        switch instruction.operation {
        case .isBelow: return number < other
        case .isAtMost: return number <= other
        case .isAbove: return number > other
        default: return number >= other
        }
    }

    // MARK: Lists

    private mutating func isList(
        _ value: FieldValue, _ program: Program, _ literals: Range<Int>, _ fields: inout FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        guard value.kind == .array else { return false }
        let content = document.content(of: Int(value.integer))
        var (word, literal) = (content.lowerBound, literals.lowerBound)
        while word < content.upperBound, literal < literals.upperBound {
            let mark = fields.reader.decoded.count
            let element = fields.reader.value(at: word, of: document)
            let isEqual = fields.isEqual(.field(element), .literal(program.code.literals[literal]), document)
            fields.reader.decoded.removeLast(fields.reader.decoded.count - mark)
            guard isEqual else { return false }
            word = document.next(after: word)
            literal += 1
        }
        return word == content.upperBound && literal == literals.upperBound
    }

    private mutating func isElement(
        _ wanted: Range<Int>, of value: FieldValue, _ program: Program, _ fields: inout FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        guard value.kind == .array else { return false }
        let wanted = evaluate(wanted, program, fields, document)
        let content = document.content(of: Int(value.integer))
        var word = content.lowerBound
        while word < content.upperBound {
            let mark = fields.reader.decoded.count
            let element = fields.reader.value(at: word, of: document)
            let isEqual = fields.isEqual(.field(element), wanted, document)
            fields.reader.decoded.removeLast(fields.reader.decoded.count - mark)
            if isEqual { return true }
            word = document.next(after: word)
        }
        return false
    }

    /// `exists` doesn't stand within itself: there is one element at a time.
    private mutating func exists(
        _ program: Program, _ value: FieldValue, _ fields: inout FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        guard value.kind == .array else { return false }
        let content = document.content(of: Int(value.integer))
        var word = content.lowerBound
        while word < content.upperBound {
            let mark = fields.reader.decoded.count
            element.removeAll()
            for number in program.code.elementPaths.indices {
                let found = document.word(at: program.code.elementPaths[number], from: word)
                element.append(found >= 0 ? fields.reader.value(at: found, of: document) : .missing)
            }
            let holds = run(program, &fields, document)
            fields.reader.decoded.removeLast(fields.reader.decoded.count - mark)
            if holds { return true }
            word = document.next(after: word)
        }
        return false
    }

    // MARK: Values

    private mutating func compare(
        _ instruction: Program.Instruction, _ program: Program, _ fields: borrowing FieldTable,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let a = evaluate(program.code.values[Int(instruction.a)], program, fields, document)
        let b = evaluate(program.code.values[Int(instruction.b)], program, fields, document)
        switch instruction.operation {
        case .equal: return fields.isEqual(a, b, document)
        case .below: return fields.isBelow(a, b, orEqual: false, document)
        default: return fields.isBelow(a, b, orEqual: true, document)
        }
    }

    /// The number that a program of a single value computes; nil where a field is missing or is no number. The values of
    /// the fields that the program names have been read.
    mutating func number(
        _ program: Program, _ fields: borrowing FieldTable, _ document: borrowing JSONDocument
    ) -> Number? {
        evaluate(program.code.values[0], program, fields, document).number(document)
    }

    private mutating func evaluate(
        _ steps: Range<Int>, _ program: Program, _ fields: borrowing FieldTable, _ document: borrowing JSONDocument
    ) -> EventValue {
        if steps.count == 1 { return single(program.code.steps[steps.lowerBound], program, fields, document) }
        stack.removeAll()
        for place in steps {
            let step = program.code.steps[place]
            switch step.kind {
            case .literal, .number, .field, .size:
                guard let number = single(step, program, fields, document).number(document) else { return .missing }
                stack.append(number)
            case .add, .subtract, .multiply:
                guard let b = stack.popLast(), let a = stack.popLast() else { return .missing }
                let result =
                    step.kind == .add ? a.adding(b) : step.kind == .subtract ? a.subtracting(b) : a.multiplied(by: b)
                guard let result else { return .missing }
                stack.append(result)
            }
        }
        return stack.popLast().map { .number($0) } ?? .missing
    }

    @inline(__always)
    private func single(
        _ step: Program.Step, _ program: Program, _ fields: borrowing FieldTable, _ document: borrowing JSONDocument
    ) -> EventValue {
        let operand = Int(step.operand)
        switch step.kind {
        case .literal: return .literal(program.code.literals[operand])
        case .number: return .number(program.code.numbers[operand])
        case .field: return .field(value(step.operand, fields))
        case .size:
            let size = fields.size(value(step.operand, fields), document)
            return size.map { .number(.integer(Int64($0))) } ?? .missing
        case .add, .subtract, .multiply: return .missing
        }
    }
}
