public import Events

extension EventFilter {
    /// What is probably not meant: what can never be true, or always is, of events like these.
    ///
    /// - Parameter samples: events of the stream; without any, only what holds for all events is told, and what looks like a
    ///   slip.
    public func warnings(samples: [Event]) -> [String] {
        if let constant {
            return [constant ? "The condition holds for every event." : "The condition can never be true."]
        }
        let survey = Survey(samples)
        var warnings: [String] = []
        predicate.visit { test in
            let found = survey.count > 0 ? test.warnings(survey) : test.unquoted.map { [$0] } ?? []
            for warning in found where !warnings.contains(warning) { warnings.append(warning) }
        }
        return warnings
    }
}

extension Predicate {
    /// Calls `body` with each test of the event, but not with those of elements.
    fileprivate func visit(_ body: (Test) -> Void) {
        switch self {
        case .constant: break
        case .all(let parts), .any(let parts): for part in parts { part.visit(body) }
        case .test(let test, _): body(test)
        }
    }
}

extension Test {
    fileprivate func warnings(_ survey: Survey) -> [String] {
        let missing = paths.filter { $0.root == .event && survey.kinds[$0.names] == nil }
        if !missing.isEmpty { return missing.map { self.missing($0, survey) } }
        return [mismatch(survey)].compactMap { $0 }
    }

    /// Two fields are compared, one of which may be a string without its quotes: `wiki == enwiki`.
    fileprivate var unquoted: String? {
        guard case .equal(.field(let a), .field(let b)) = self, a.root == .event, b.root == .event else { return nil }
        let words = [a, b].filter { $0.names.count == 1 }.map { "\(Literal.string($0.names[0]))" }
        guard !words.isEmpty else { return nil }
        return "\(a) and \(b) are both fields here. A string needs quotes: \(words.joined(separator: " or "))."
    }

    private var paths: [Path] {
        switch self {
        case .isIn(let operand, _): operand.paths
        case .equal(let a, let b), .isBelow(let a, let b, _): a.paths + b.paths
        case .isList(let path, _), .has(let path), .text(let path, _), .exists(let path, _): [path]
        case .isElement(let operand, let path): operand.paths + [path]
        }
    }

    private func missing(_ path: Path, _ survey: Survey) -> String {
        var text = "None of the \(survey.count) events looked at has the field \(path)."
        // A step into a list.
        for length in 1..<max(path.names.count, 1) {
            let list = Path(names: Array(path.names[..<length]))
            guard survey.kinds[list.names]?.contains(.list) == true else { continue }
            let rest = Path(names: Array(path.names[length...]))
            return text + " \(list) is a list: write \(list).exists(e, … e.\(rest) …)."
        }
        if let nearest = survey.nearest(to: path) { text += " Did you mean \(nearest)?" }
        if case .equal = self, path.names.count == 1 {
            text += " If it is to be a string, it needs quotes: \(Literal.string(path.names[0]))."
        }
        return text
    }

    /// A test for what a field never is.
    private func mismatch(_ survey: Survey) -> String? {
        switch self {
        case .isIn(.field(let path), [.boolean(true)]) where kinds(path, survey).isDisjoint(with: .boolean):
            return "\(path) is \(kinds(path, survey).words), and alone it is true only where it is the boolean true."
                + " To ask whether it is there, write has(\(path))."
        case .isIn(.field(let path), let values):
            let asked = values.reduce(into: Survey.Kinds()) { $0.insert($1.kind) }
            return disjoint(path, asked, survey)
        case .text(let path, _): return disjoint(path, .string, survey)
        case .exists(let path, _), .isElement(_, let path), .isList(let path, _): return disjoint(path, .list, survey)
        case .isBelow(.field(let path), .literal(let literal), _), .isBelow(.literal(let literal), .field(let path), _):
            guard literal.kind == .number || literal.kind == .string else {
                return "Only numbers and strings have an order: \(text(isNegated: false)) is never true."
            }
            return disjoint(path, literal.kind, survey)
        case .isIn(let operand, let values) where operand.isComputed:
            let asked = values.reduce(into: Survey.Kinds()) { $0.insert($1.kind) }
            return asked.contains(.number) ? nil : "\(operand) is a number, so \(text(isNegated: false)) is never true."
        default: return nil
        }
    }

    private func kinds(_ path: Path, _ survey: Survey) -> Survey.Kinds {
        path.root == .event ? survey.kinds[path.names] ?? [] : []
    }

    private func disjoint(_ path: Path, _ asked: Survey.Kinds, _ survey: Survey) -> String? {
        let kinds = kinds(path, survey)
        guard !kinds.isEmpty, kinds.isDisjoint(with: asked) else { return nil }
        return "\(path) is \(kinds.words) and never \(asked.words) in the \(survey.count) events looked at,"
            + " so \(text(isNegated: false)) is never true."
    }
}

extension Operand {
    fileprivate var paths: [Path] {
        switch self {
        case .literal: []
        case .field(let path), .size(let path): [path]
        case .sum(let a, let b), .difference(let a, let b), .product(let a, let b): a.paths + b.paths
        }
    }

    fileprivate var isComputed: Bool {
        switch self {
        case .literal, .field: false
        case .size, .sum, .difference, .product: true
        }
    }
}

extension Literal {
    fileprivate var kind: Survey.Kinds {
        switch self {
        case .null: .null
        case .boolean: .boolean
        case .number: .number
        case .string: .string
        }
    }
}
