// A filter in words.

extension EventFilter {
    /// What the filter means, as a sentence: `Events where bot is not true and wiki is "enwiki".`
    public var words: String {
        switch predicate {
        case .constant(true): "Every event."
        case .constant(false): "No event: the condition can never be true."
        default: "Events where \(predicate.words(inAll: false))."
        }
    }
}

extension Predicate {
    fileprivate func words(inAll: Bool) -> String {
        switch self {
        case .constant(let value): return value ? "anything goes" : "nothing is enough"
        case .all(let parts): return parts.map { $0.words(inAll: true) }.joined(separator: " and ")
        case .any(let parts):
            let words = parts.map { $0.words(inAll: false) }.joined(separator: " or ")
            return inAll ? "(\(words))" : words
        case .test(let test, let isNegated): return test.words(isNegated)
        }
    }
}

extension Test {
    fileprivate func words(_ isNegated: Bool) -> String {
        let not = isNegated ? " not" : ""
        switch self {
        case .isIn(let operand, let values) where values.count == 1: return "\(operand.words) is\(not) \(values[0])"
        case .isIn(let operand, let values):
            return "\(operand.words) is \(isNegated ? "none" : "one") of \(Self.list(values))"
        case .equal(let a, let b): return "\(a.words) \(isNegated ? "doesn't equal" : "equals") \(b.words)"
        case .isList(let path, let values): return "\(path) is\(not) the list of \(Self.list(values))"
        case .isBelow(.literal(let literal), let b, let orEqual):
            return "\(b.words) is\(not) \(orEqual ? "at least" : "more than") \(literal)"
        case .isBelow(let a, let b, let orEqual):
            return "\(a.words) is\(not) \(orEqual ? "at most" : "less than") \(b.words)"
        case .has(let path): return "there is \(isNegated ? "no" : "a") \(path)"
        case .text(let path, let test): return "\(path) \(test.words(isNegated))"
        case .isElement(let operand, let path): return "\(operand.words) is\(not) in the list \(path)"
        case .exists(let path, let predicate):
            return "for \(isNegated ? "no" : "some") element of the list \(path) (called \(Path.elementName)), "
                + predicate.words(inAll: true)
        }
    }

    private static func list(_ values: [Literal]) -> String { values.map(\.description).joined(separator: ", ") }
}

extension TextTest {
    fileprivate func words(_ isNegated: Bool) -> String {
        let (verb, negated, text): (String, String, Text) =
            switch self {
            case .startsWith(let text): ("begins with", "doesn't begin with", text)
            case .endsWith(let text): ("ends with", "doesn't end with", text)
            case .contains(let text): ("contains", "doesn't contain", text)
            case .matches(let pattern):
                ("matches the regular expression", "doesn't match the regular expression", pattern.text)
            }
        return "\(isNegated ? negated : verb) \(Literal.string(text))"
    }
}

extension Operand {
    fileprivate var words: String {
        switch self {
        case .size(let path): "the size of \(path)"
        default: description
        }
    }
}
