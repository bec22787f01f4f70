// The one form of a predicate: what means the same by the rules of logic meets in it, whatever it was written like.
//
// Negations are moved inwards to the tests. Nested `&&` and `||` are one; their parts are sorted, each stands once, and
// a part beside its negation decides. Tests of the same value against literals are one test.

extension Predicate {
    static func test(_ test: Test) -> Predicate { .test(test, isNegated: false) }

    var negated: Predicate {
        switch self {
        case .constant(let value): .constant(!value)
        case .all(let parts): .any(of: parts.map(\.negated))
        case .any(let parts): .all(of: parts.map(\.negated))
        case .test(let test, let isNegated): .test(test, isNegated: !isNegated)
        }
    }

    static func all(of parts: [Predicate]) -> Predicate { join(parts, isAll: true) }
    static func any(of parts: [Predicate]) -> Predicate { join(parts, isAll: false) }

    private static func join(_ parts: [Predicate], isAll: Bool) -> Predicate {
        var flat: [Predicate] = []
        for part in parts {
            switch part {
            // `true` in an `&&` and `false` in an `||` say nothing; the other one says all.
            case .constant(let value): if value != isAll { return part }
            case .all(let parts) where isAll: flat += parts
            case .any(let parts) where !isAll: flat += parts
            default: flat.append(part)
            }
        }
        guard let joined = mergeLists(flat, isAll: isAll) else { return .constant(!isAll) }
        let unique = Set(joined)
        if unique.contains(where: { if case .test = $0 { unique.contains($0.negated) } else { false } }) {
            return .constant(!isAll)
        }
        let sorted = unique.map { (text: $0.description, part: $0) }
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }.map(\.part)
        switch sorted.count {
        case 0: return .constant(isAll)
        case 1: return sorted[0]
        default: return isAll ? .all(sorted) : .any(sorted)
        }
    }

    /// Makes one of the tests of each value against literals. Nil where they decide all: `x == 1 && x == 2`.
    ///
    /// In an `&&`, `x in A && x in B && !(x in C)` is `x in (A and B without C)`, and without the first two it is
    /// `!(x in C)`. An `||` is the same with all negated.
    private static func mergeLists(_ parts: [Predicate], isAll: Bool) -> [Predicate]? {
        var rest: [Predicate] = []
        var order: [Operand] = []
        var kept: [Operand: Set<Literal>] = [:]
        var dropped: [Operand: Set<Literal>] = [:]
        for part in parts {
            guard case .test(.isIn(let operand, let values), let isNegated) = part else {
                rest.append(part)
                continue
            }
            if kept[operand] == nil, dropped[operand] == nil { order.append(operand) }
            if isNegated != isAll {
                kept[operand] = kept[operand].map { $0.intersection(values) } ?? Set(values)
            } else {
                dropped[operand, default: []].formUnion(values)
            }
        }
        for operand in order {
            let dropped = dropped[operand] ?? []
            if let kept = kept[operand] {
                let left = kept.subtracting(dropped)
                if left.isEmpty { return nil }
                rest.append(.test(.isIn(operand, left.sorted()), isNegated: !isAll))
            } else {
                rest.append(.test(.isIn(operand, dropped.sorted()), isNegated: isAll))
            }
        }
        return rest
    }
}

extension Test {
    /// `a == b` in its one form.
    static func equality(_ a: Operand, _ b: Operand) -> Predicate {
        switch (a, b) {
        case (.literal(let a), .literal(let b)): .constant(a == b)
        case (.literal(let literal), let operand), (let operand, .literal(let literal)):
            .test(.isIn(operand, [literal]))
        default: .test(a.precedes(b) ? .equal(a, b) : .equal(b, a))
        }
    }

    /// `a < b` or `a <= b` in its one form.
    static func order(_ a: Operand, _ b: Operand, orEqual: Bool) -> Predicate {
        switch (a, b) {
        case (.literal(.number(let a)), .literal(.number(let b))): .constant(orEqual ? a <= b : a < b)
        case (.literal(.string(let a)), .literal(.string(let b))): .constant(orEqual ? a <= b : a < b)
        case (.literal, .literal): .constant(false)
        default: .test(.isBelow(a, b, orEqual: orEqual))
        }
    }

    /// `a in [values]` in its one form.
    static func membership(_ operand: Operand, _ values: [Literal]) -> Predicate {
        if case .literal(let literal) = operand { return .constant(values.contains(literal)) }
        return values.isEmpty ? .constant(false) : .test(.isIn(operand, Set(values).sorted()))
    }

    /// `path.exists(it, predicate)` in its one form.
    static func existence(_ path: Path, _ predicate: Predicate) -> Predicate {
        // An element that equals a literal is one that is in the list.
        if case .test(.isIn(.field(Path(root: .element, names: [])), let values), false) = predicate, values.count == 1
        {
            return .test(.isElement(.literal(values[0]), of: path))
        }
        if predicate == .constant(false) { return predicate }
        return .test(.exists(path, predicate))
    }
}

extension Operand {
    /// A fixed order, for the one form of what may be swapped.
    func precedes(_ other: Operand) -> Bool {
        description.utf8.lexicographicallyPrecedes(other.description.utf8)
    }

    /// `a + b`, computed where both are numbers in the text.
    static func adding(_ a: Operand, _ b: Operand) -> Operand? {
        if case .literal(.number(let a)) = a, case .literal(.number(let b)) = b {
            return a.adding(b).map { .literal(.number($0)) }
        }
        return a.precedes(b) ? .sum(a, b) : .sum(b, a)
    }

    static func subtracting(_ a: Operand, _ b: Operand) -> Operand? {
        if case .literal(.number(let a)) = a, case .literal(.number(let b)) = b {
            return a.subtracting(b).map { .literal(.number($0)) }
        }
        return .difference(a, b)
    }

    static func multiplying(_ a: Operand, _ b: Operand) -> Operand? {
        if case .literal(.number(let a)) = a, case .literal(.number(let b)) = b {
            return a.multiplied(by: b).map { .literal(.number($0)) }
        }
        return a.precedes(b) ? .product(a, b) : .product(b, a)
    }
}
