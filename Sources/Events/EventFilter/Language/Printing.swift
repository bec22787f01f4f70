// Predicates as text that is read as the same predicate.

extension Predicate: CustomStringConvertible {
    var description: String { text(inAll: false, depth: 0) }

    /// - Parameters:
    ///   - inAll: whether it stands between `&&`, which binds more tightly than `||`.
    ///   - depth: how many `exists` are around.
    private func text(inAll: Bool, depth: Int) -> String {
        switch self {
        case .constant(let value): value ? "true" : "false"
        case .all(let parts): parts.map { $0.text(inAll: true, depth: depth) }.joined(separator: " && ")
        case .any(let parts):
            (inAll ? "(" : "") + parts.map { $0.text(inAll: false, depth: depth) }.joined(separator: " || ")
                + (inAll ? ")" : "")
        case .test(let test, let isNegated): test.text(isNegated: isNegated)
        }
    }
}

extension Test {
    func text(isNegated: Bool) -> String {
        let mark = isNegated ? "!" : ""
        switch self {
        case .isIn(.field(let path), [.boolean(true)]): return "\(mark)\(path)"
        case .isIn(let operand, let values) where values.count == 1:
            return "\(operand) \(isNegated ? "!=" : "==") \(values[0])"
        case .isIn(let operand, let values):
            return Self.wrapped("\(operand) in \(Self.list(values))", isNegated)
        case .equal(let a, let b): return "\(a) \(isNegated ? "!=" : "==") \(b)"
        case .isList(let path, let values): return "\(path) \(isNegated ? "!=" : "==") \(Self.list(values))"
        case .isBelow(.literal(let literal), let b, let orEqual):
            return Self.wrapped("\(b) \(orEqual ? ">=" : ">") \(literal)", isNegated)
        case .isBelow(let a, let b, let orEqual):
            return Self.wrapped("\(a) \(orEqual ? "<=" : "<") \(b)", isNegated)
        case .has(let path): return "\(mark)has(\(path))"
        case .text(let path, let test): return "\(mark)\(path)\(test)"
        case .isElement(let operand, let path): return Self.wrapped("\(operand) in \(path)", isNegated)
        case .exists(let path, let predicate):
            return "\(mark)\(path).exists(\(Path.elementName), \(predicate))"
        }
    }

    private static func wrapped(_ text: String, _ isNegated: Bool) -> String { isNegated ? "!(\(text))" : text }

    private static func list(_ values: [Literal]) -> String {
        "[\(values.map(\.description).joined(separator: ", "))]"
    }
}

extension TextTest: CustomStringConvertible {
    var description: String {
        switch self {
        case .startsWith(let text): ".startsWith(\(Literal.string(text)))"
        case .endsWith(let text): ".endsWith(\(Literal.string(text)))"
        case .contains(let text): ".contains(\(Literal.string(text)))"
        case .matches(let pattern): ".matches(\(Literal.string(pattern.text)))"
        }
    }
}

extension Operand: CustomStringConvertible {
    var description: String { text(within: 0) }

    /// - Parameter strength: how tightly what stands around it binds: 0 not at all, 1 as a sum, 2 as what is taken from
    /// a sum, 3 as a product.
    private func text(within strength: Int) -> String {
        switch self {
        case .literal(let literal): return "\(literal)"
        case .field(let path): return "\(path)"
        case .size(let path): return "size(\(path))"
        case .sum(let a, let b): return Self.wrapped("\(a.text(within: 1)) + \(b.text(within: 2))", strength > 1)
        case .difference(let a, let b): return Self.wrapped("\(a.text(within: 1)) - \(b.text(within: 2))", strength > 1)
        case .product(let a, let b): return Self.wrapped("\(a.text(within: 3)) * \(b.text(within: 4))", strength > 3)
        }
    }

    private static func wrapped(_ text: String, _ isNeeded: Bool) -> String { isNeeded ? "(\(text))" : text }
}

extension Path: CustomStringConvertible {
    /// What an element is called in the one form. In a filter that names a field of the event so, within `exists`, the
    /// field stands in backquotes.
    static let elementName: Text = "it"

    var description: String {
        var parts = names.map(Self.text)
        switch root {
        case .element: parts.insert("\(Self.elementName)", at: 0)
        case .event: if names.first == Self.elementName { parts[0] = "`\(Self.elementName)`" }
        }
        return parts.joined(separator: ".")
    }

    private static func text(_ name: Text) -> String { isPlain(name) ? "\(name)" : quoted(name, quote: "`") }

    /// Whether a name needs no quotes.
    private static func isPlain(_ name: Text) -> Bool {
        guard let first = name.bytes.first, Lexer.isNameStart(first) else { return false }
        return name.bytes.allSatisfy(Lexer.isNamePart) && !Lexer.reserved.contains(name)
    }
}

extension Literal: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): "\(value)"
        case .string(let value): quoted(value, quote: "\"")
        }
    }
}

/// A string or name in quotes, with escapes as CEL has them.
private func quoted(_ text: Text, quote: Unicode.Scalar) -> String {
    var result = String(quote)
    for scalar in text.description.unicodeScalars {
        switch scalar {
        case quote, "\\":
            result += "\\"
            result.unicodeScalars.append(scalar)
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + String(quote)
}
