/// Makes a predicate a program, and adds the fields that it names to a table.
struct Compiler: ~Copyable {
    private var program = Code()
    /// The event's fields that were added to the table, each as often.
    private(set) var fields: [FieldTable.Field] = []

    static func compile(_ predicate: Predicate, fields table: inout FieldTable) -> (Program, [FieldTable.Field]) {
        var compiler = Compiler()
        compiler.program.start = compiler.compile(predicate, Program.accept, Program.reject, &table)
        return (Program(compiler.program), compiler.fields)
    }

    /// A program that only computes a value, which is its first one.
    static func compile(_ operand: Operand, fields table: inout FieldTable) -> (Program, [FieldTable.Field]) {
        var compiler = Compiler()
        _ = compiler.value(operand, &table)
        return (Program(compiler.program), compiler.fields)
    }

    /// Compiles from the last part to the first, so that each knows where the next one begins.
    ///
    /// - Returns: the predicate's first instruction.
    private mutating func compile(
        _ predicate: Predicate, _ ifTrue: Int32, _ ifFalse: Int32, _ table: inout FieldTable
    ) -> Int32 {
        switch predicate {
        case .constant(let value): return value ? ifTrue : ifFalse
        case .all(let parts):
            return parts.sorted { $0.effort > $1.effort }.reduce(ifTrue) { next, part in
                compile(part, next, ifFalse, &table)
            }
        case .any(let parts):
            return parts.sorted { $0.effort > $1.effort }.reduce(ifFalse) { next, part in
                compile(part, ifTrue, next, &table)
            }
        case .test(let test, let isNegated):
            return isNegated ? compile(test, ifFalse, ifTrue, &table) : compile(test, ifTrue, ifFalse, &table)
        }
    }

    private mutating func add(
        _ operation: Program.Operation, _ field: Int32 = 0, a: Int = 0, b: Int = 0, integer: Int64 = 0,
        _ ifTrue: Int32, _ ifFalse: Int32
    ) -> Int32 {
        program.instructions.append(
            Program.Instruction(
                operation: operation, field: field, a: Int32(a), b: Int32(b), integer: integer, ifTrue: ifTrue,
                ifFalse: ifFalse))
        return Int32(program.instructions.count - 1)
    }

    // MARK: Tests

    private mutating func compile(
        _ test: Test, _ ifTrue: Int32, _ ifFalse: Int32, _ table: inout FieldTable
    ) -> Int32 {
        switch test {
        case .isIn(.field(let path), let values): return isIn(field(path, &table), values, ifTrue, ifFalse)
        case .isIn(let operand, let values):
            // Arithmetic against literals.
            let a = value(operand, &table)
            return values.reduce(ifFalse) { next, literal in
                add(.equal, a: a, b: value(.literal(literal), &table), ifTrue, next)
            }
        case .equal(let a, let b):
            return add(.equal, a: value(a, &table), b: value(b, &table), ifTrue, ifFalse)
        case .isBelow(let a, let b, let orEqual): return isBelow(a, b, orEqual, ifTrue, ifFalse, &table)
        case .has(let path): return add(.isPresent, field(path, &table), ifTrue, ifFalse)
        case .isList(let path, let values):
            let first = program.literals.count
            program.literals += values
            return add(.isList, field(path, &table), a: first, b: program.literals.count, ifTrue, ifFalse)
        case .isElement(let operand, let path):
            return add(.isElement, field(path, &table), a: value(operand, &table), ifTrue, ifFalse)
        case .text(let path, let text): return self.text(field(path, &table), text, ifTrue, ifFalse)
        case .exists(let path, let predicate):
            let (inner, fields) = Self.compile(predicate, fields: &table)
            self.fields += fields
            program.programs.append(inner)
            return add(.exists, field(path, &table), a: program.programs.count - 1, ifTrue, ifFalse)
        }
    }

    private mutating func isIn(_ field: Int32, _ values: [Literal], _ ifTrue: Int32, _ ifFalse: Int32) -> Int32 {
        var strings: [Text] = []
        var integers: [Int64] = []
        var next = ifFalse
        for value in values {
            switch value {
            case .null: next = add(.isKind, field, a: Int(FieldValue.Kind.null.rawValue), ifTrue, next)
            case .boolean(let value):
                let kind = value ? FieldValue.Kind.true : .false
                next = add(.isKind, field, a: Int(kind.rawValue), ifTrue, next)
            case .number(.integer(let number)): integers.append(number)
            case .number(let number):
                program.numbers.append(number)
                next = add(.isNumber, field, a: program.numbers.count - 1, ifTrue, next)
            case .string(let text): strings.append(text)
            }
        }
        if integers.count == 1 {
            next = add(.isInteger, field, integer: integers[0], ifTrue, next)
        } else if !integers.isEmpty {
            let first = program.integers.count
            program.integers += integers
            next = add(.isAnyInteger, field, a: first, b: program.integers.count, ifTrue, next)
        }
        if strings.count == 1 {
            let range = text(strings[0])
            next = add(.isText, field, a: Int(range.lowerBound), b: Int(range.upperBound), ifTrue, next)
        } else if !strings.isEmpty {
            let first = program.strings.count
            for string in strings { program.strings.append(text(string)) }
            next = add(.isAnyText, field, a: first, b: program.strings.count, ifTrue, next)
        }
        return next
    }

    private mutating func isBelow(
        _ a: Operand, _ b: Operand, _ orEqual: Bool, _ ifTrue: Int32, _ ifFalse: Int32, _ table: inout FieldTable
    ) -> Int32 {
        switch (a, b) {
        case (.field(let path), .literal(.number(.integer(let number)))):
            return add(orEqual ? .isAtMost : .isBelow, field(path, &table), integer: number, ifTrue, ifFalse)
        case (.literal(.number(.integer(let number))), .field(let path)):
            return add(orEqual ? .isAtLeast : .isAbove, field(path, &table), integer: number, ifTrue, ifFalse)
        default: return add(orEqual ? .atMost : .below, a: value(a, &table), b: value(b, &table), ifTrue, ifFalse)
        }
    }

    private mutating func text(_ field: Int32, _ test: TextTest, _ ifTrue: Int32, _ ifFalse: Int32) -> Int32 {
        let (operation, text): (Program.Operation, Text)
        switch test {
        case .startsWith(let prefix): (operation, text) = (.startsWith, prefix)
        case .endsWith(let suffix): (operation, text) = (.endsWith, suffix)
        case .contains(let part):
            program.needles.append(Needle(part))
            return add(.contains, field, a: program.needles.count - 1, ifTrue, ifFalse)
        case .matches(let pattern):
            program.patterns.append(pattern)
            return add(.matches, field, a: program.patterns.count - 1, ifTrue, ifFalse)
        }
        let range = self.text(text)
        return add(operation, field, a: Int(range.lowerBound), b: Int(range.upperBound), ifTrue, ifFalse)
    }

    // MARK: What tests are made of

    private mutating func text(_ text: Text) -> Range<Int32> {
        let first = Int32(program.text.count)
        program.text += text.bytes
        return first..<Int32(program.text.count)
    }

    private mutating func field(_ path: Path, _ table: inout FieldTable) -> Int32 {
        guard path.root == .event else {
            if let number = program.elementPaths.firstIndex(of: path.names) { return ~Int32(number) }
            program.elementPaths.append(path.names)
            return ~Int32(program.elementPaths.count - 1)
        }
        let field = table.add(path.names)
        fields.append(field)
        return field
    }

    private mutating func value(_ operand: Operand, _ table: inout FieldTable) -> Int {
        let first = program.steps.count
        append(operand, &table)
        program.values.append(first..<program.steps.count)
        return program.values.count - 1
    }

    private mutating func append(_ operand: Operand, _ table: inout FieldTable) {
        switch operand {
        case .literal(.number(let number)):
            program.numbers.append(number)
            program.steps.append(Program.Step(kind: .number, operand: Int32(program.numbers.count - 1)))
        case .literal(let literal):
            program.literals.append(literal)
            program.steps.append(Program.Step(kind: .literal, operand: Int32(program.literals.count - 1)))
        case .field(let path): program.steps.append(Program.Step(kind: .field, operand: field(path, &table)))
        case .size(let path): program.steps.append(Program.Step(kind: .size, operand: field(path, &table)))
        case .sum(let a, let b): append(.add, a, b, &table)
        case .difference(let a, let b): append(.subtract, a, b, &table)
        case .product(let a, let b): append(.multiply, a, b, &table)
        }
    }

    private mutating func append(
        _ kind: Program.Step.Kind, _ a: Operand, _ b: Operand, _ table: inout FieldTable
    ) {
        append(a, &table)
        append(b, &table)
        program.steps.append(Program.Step(kind: kind))
    }
}

extension Predicate {
    /// About what it costs to evaluate: the cheap parts go first.
    fileprivate var effort: Int {
        switch self {
        case .constant: 0
        case .all(let parts), .any(let parts): parts.reduce(1) { $0 + $1.effort }
        case .test(let test, _):
            switch test {
            case .isIn(.field, let values): values.count == 1 ? 1 : 3
            case .has: 1
            case .text(_, .startsWith), .text(_, .endsWith): 2
            case .text(_, .contains): 10
            case .text(_, .matches): 40
            case .isBelow(.field, .literal, _), .isBelow(.literal, .field, _): 2
            case .isIn, .equal, .isBelow: 8
            case .isList, .isElement: 20
            case .exists(_, let predicate): 30 + 10 * predicate.effort
            }
        }
    }
}
