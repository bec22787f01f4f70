internal import Bytes

/// Reads an expression (contract, section 5). By recursive descent, as deep as the limits allow:
///
///     condition := conjunction { "||" conjunction }
///     conjunction := relation { "&&" relation }
///     relation := sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) sum ]
///     sum := product { ( "+" | "-" ) product }
///     product := unary { "*" unary }
///     unary := { "!" | "-" } primary
///     primary := literal | list | "(" condition ")" | path | path "." function "(" arguments ")" | function "(" arguments ")"
struct FilterParser {
    private(set) var lexer: Lexer
    private(set) var token: Token
    /// How the token before was written.
    private(set) var previous: String?
    private let limits: FilterLimits
    private var terms = 0
    private var values = 0
    private var patterns = 0
    private var depth = 0
    /// What the element is called within `exists`.
    private var variable: Text?

    /// A part of an expression, before it is known what it stands in.
    enum Part {
        case operand(Operand)
        case predicate(Predicate)
        case list([Literal])
    }

    static func parse(_ text: String, limits: FilterLimits) throws(FilterError) -> Predicate {
        let bytes = Array(text.utf8)
        guard bytes.count <= limits.bytes else {
            throw FilterError("the filter has \(bytes.count) bytes; the most are \(limits.bytes)")
        }
        var parser = FilterParser(bytes, limits: limits)
        try parser.advance()
        let predicate = try parser.condition()
        guard parser.token.kind == .end else { throw parser.unexpected() }
        return predicate
    }

    private init(_ text: [UInt8], limits: FilterLimits) {
        lexer = Lexer(text)
        token = Token(kind: .end, offset: 0)
        self.limits = limits
    }

    // MARK: Tokens

    private mutating func advance() throws(FilterError) {
        let next = try lexer.next()
        previous = next.offset == 0 ? nil : Self.shown(token)
        token = next
    }

    /// Passes a symbol if it is there.
    private mutating func pass(_ symbol: Token.Symbol) throws(FilterError) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ symbol: Token.Symbol) throws(FilterError) {
        guard try pass(symbol) else { throw expected("`\(symbol.rawValue)`") }
    }

    private static func shown(_ token: Token) -> String? {
        switch token.kind {
        case .name(let name): "\(name)"
        case .quotedName(let name): "\(name)"
        case .string: "the string"
        case .number(let number): "\(number)"
        case .symbol(let symbol): symbol.rawValue
        case .end: nil
        }
    }

    private func expected(_ what: String, hint: String? = nil) -> FilterError {
        lexer.error("expected \(what)" + (previous.map { " after `\($0)`" } ?? ""), at: token.offset, hint: hint)
    }

    /// Something follows a complete expression.
    private func unexpected() -> FilterError {
        var hint: String?
        switch token.kind {
        case .name("and"), .name("AND"): hint = "write && instead of and"
        case .name("or"), .name("OR"): hint = "write || instead of or"
        case .name("not"), .name("NOT"): hint = "write !(x in y) instead of x not in y"
        case .name where previous == "not", .name where previous == "NOT": hint = "write ! instead of not"
        case .name, .string, .number: hint = "conditions are joined by && or ||"
        default: break
        }
        return expected("&&, || or the end", hint: hint)
    }

    // MARK: Limits

    private mutating func enter(at offset: Int) throws(FilterError) {
        depth += 1
        guard depth <= limits.depth else {
            throw lexer.error("nested deeper than \(limits.depth) levels", at: offset)
        }
    }

    private mutating func countTerm(at offset: Int) throws(FilterError) {
        terms += 1
        guard terms <= limits.terms else {
            throw lexer.error("more than \(limits.terms) comparisons, calls and fields", at: offset)
        }
    }

    // MARK: Conditions

    private mutating func condition() throws(FilterError) -> Predicate {
        let offset = token.offset
        return try self.predicate(try conditionPart(), at: offset)
    }

    private mutating func conditionPart() throws(FilterError) -> Part {
        var offset = token.offset
        let first = try conjunctionPart()
        guard token.kind == .symbol(.or) else { return first }
        var parts = [try predicate(first, at: offset)]
        while try pass(.or) {
            offset = token.offset
            parts.append(try predicate(try conjunctionPart(), at: offset))
        }
        return .predicate(.any(of: parts))
    }

    private mutating func conjunctionPart() throws(FilterError) -> Part {
        var offset = token.offset
        let first = try relation()
        guard token.kind == .symbol(.and) else { return first }
        var parts = [try predicate(first, at: offset)]
        while try pass(.and) {
            offset = token.offset
            parts.append(try predicate(try relation(), at: offset))
        }
        return .predicate(.all(of: parts))
    }

    /// A part that stands where something true or false is wanted.
    private mutating func predicate(_ part: Part, at offset: Int) throws(FilterError) -> Predicate {
        switch part {
        case .predicate(let predicate): return predicate
        case .operand(.literal(.boolean(let value))): return .constant(value)
        case .operand(.field(let path)):
            try countTerm(at: offset)
            return .test(.isIn(.field(path), [.boolean(true)]))
        case .operand(.literal):
            throw lexer.error(
                "expected a condition, and this is a value", at: offset, hint: "compare it: FIELD == VALUE")
        case .operand: throw lexer.error("expected a condition, and this is a number", at: offset, hint: "compare it")
        case .list:
            throw lexer.error("expected a condition, and this is a list", at: offset, hint: "write FIELD in […]")
        }
    }

    // MARK: Comparisons

    private static let relations: Set<Token.Symbol> = [.equal, .notEqual, .below, .notAbove, .above, .notBelow, .in]

    private mutating func relation() throws(FilterError) -> Part {
        let start = token.offset
        let isNegation = token.kind == .symbol(.not)
        let left = try sum()
        guard case .symbol(let symbol) = token.kind, Self.relations.contains(symbol) else { return left }
        let offset = token.offset
        if isNegation, symbol == .in {
            throw lexer.error("`!` belongs to what stands right behind it", at: start, hint: "write !(x in y)")
        }
        try advance()
        let right = try sum()
        if case .symbol(let next) = token.kind, Self.relations.contains(next) {
            throw expected("&& or ||", hint: "comparisons can't be chained: write a < b && b < c")
        }
        let result = try compare(left, symbol, right, at: offset)
        if case .test = result { try countTerm(at: offset) }
        return .predicate(result)
    }

    private mutating func compare(
        _ left: Part, _ symbol: Token.Symbol, _ right: Part, at offset: Int
    ) throws(FilterError) -> Predicate {
        switch (left, symbol, right) {
        case (.operand(let a), .in, .list(let values)): return Test.membership(a, values)
        case (.operand(let a), .in, .operand(.field(let path))): return .test(.isElement(a, of: path))
        case (.operand, .in, _): throw lexer.error("expected a list or a field after `in`", at: offset)
        case (.operand(let a), .equal, .operand(let b)): return Test.equality(a, b)
        case (.operand(let a), .notEqual, .operand(let b)): return Test.equality(a, b).negated
        case (.operand(let a), .below, .operand(let b)): return Test.order(a, b, orEqual: false)
        case (.operand(let a), .notAbove, .operand(let b)): return Test.order(a, b, orEqual: true)
        case (.operand(let a), .above, .operand(let b)): return Test.order(b, a, orEqual: false)
        case (.operand(let a), .notBelow, .operand(let b)): return Test.order(b, a, orEqual: true)
        case (.operand(.field(let path)), .equal, .list(let values)),
            (.list(let values), .equal, .operand(.field(let path))):
            return .test(.isList(path, values))
        case (.operand(.field(let path)), .notEqual, .list(let values)),
            (.list(let values), .notEqual, .operand(.field(let path))):
            return Predicate.test(.isList(path, values)).negated
        // `has(x) == false`, which people write.
        case (.predicate(let a), .equal, .operand(.literal(.boolean(let value)))),
            (.operand(.literal(.boolean(let value))), .equal, .predicate(let a)):
            return value ? a : a.negated
        case (.predicate(let a), .notEqual, .operand(.literal(.boolean(let value)))),
            (.operand(.literal(.boolean(let value))), .notEqual, .predicate(let a)):
            return value ? a.negated : a
        case (.predicate, _, _), (_, _, .predicate):
            throw lexer.error(
                "`\(symbol.rawValue)` compares fields, strings and numbers, not conditions", at: offset,
                hint: "join conditions by && or ||")
        default:
            throw lexer.error("a list can't stand beside `\(symbol.rawValue)`", at: offset, hint: "write FIELD in […]")
        }
    }

    // MARK: Arithmetic

    private mutating func sum() throws(FilterError) -> Part {
        var left = try product()
        while token.kind == .symbol(.plus) || token.kind == .symbol(.minus) {
            let (symbol, offset) = (token.kind, token.offset)
            try advance()
            let (a, b) = try (number(left, at: offset), number(try product(), at: offset))
            try countTerm(at: offset)
            left = try computed(symbol == .symbol(.plus) ? .adding(a, b) : .subtracting(a, b), at: offset)
        }
        return left
    }

    private mutating func product() throws(FilterError) -> Part {
        var left = try unary()
        while token.kind == .symbol(.times) {
            let offset = token.offset
            try advance()
            let (a, b) = try (number(left, at: offset), number(try unary(), at: offset))
            try countTerm(at: offset)
            left = try computed(.multiplying(a, b), at: offset)
        }
        return left
    }

    private func computed(_ operand: Operand?, at offset: Int) throws(FilterError) -> Part {
        guard let operand else {
            throw lexer.error("the result has more than \(Number.digits) digits", at: offset)
        }
        return .operand(operand)
    }

    private func number(_ part: Part, at offset: Int) throws(FilterError) -> Operand {
        switch part {
        case .operand(.literal(.number(let number))): return .literal(.number(number))
        case .operand(let operand):
            if case .literal = operand { break }
            return operand
        default: break
        }
        throw lexer.error("expected a number or a field on both sides of the operator", at: offset)
    }

    private mutating func unary() throws(FilterError) -> Part {
        let offset = token.offset
        if try pass(.not) {
            try enter(at: offset)
            defer { depth -= 1 }
            let inner = token.offset
            return .predicate(try predicate(try unary(), at: inner).negated)
        }
        if try pass(.minus) {
            try enter(at: offset)
            defer { depth -= 1 }
            let zero = Operand.literal(.number(.integer(0)))
            return try computed(.subtracting(zero, number(try unary(), at: offset)), at: offset)
        }
        return try primary()
    }
}

// MARK: Values

extension FilterParser {
    private mutating func primary() throws(FilterError) -> Part {
        let offset = token.offset
        switch token.kind {
        case .string(let text):
            try advance()
            return .operand(.literal(.string(text)))
        case .number(let number):
            try advance()
            return .operand(.literal(.number(number)))
        case .name("true"), .name("false"):
            let value = token.kind == .name("true")
            try advance()
            return .operand(.literal(.boolean(value)))
        case .name("null"):
            try advance()
            return .operand(.literal(.null))
        case .name, .quotedName: return try pathOrCall()
        case .symbol(.open):
            try enter(at: offset)
            defer { depth -= 1 }
            try advance()
            let part = try conditionPart()
            guard try pass(.close) else {
                throw expected("`)`", hint: "the parenthesis at column \(lexer.column(offset)) is open")
            }
            return part
        case .symbol(.openList):
            try enter(at: offset)
            defer { depth -= 1 }
            return .list(try list())
        default:
            let hint: String? =
                previous.map { ["==", "!=", "<", "<=", ">", ">="].contains($0) } == true ? "strings need quotes" : nil
            throw expected(previous == nil ? "a condition" : "a value", hint: hint)
        }
    }

    private mutating func list() throws(FilterError) -> [Literal] {
        try expect(.openList)
        var values: [Literal] = []
        while token.kind != .symbol(.closeList) {
            let offset = token.offset
            guard case .operand(.literal(let literal)) = try unary() else {
                throw lexer.error(
                    "expected a string, a number, true, false or null in the list", at: offset,
                    hint: "strings need quotes")
            }
            values.append(literal)
            self.values += 1
            guard self.values <= limits.values else {
                throw lexer.error("more than \(limits.values) values in lists", at: offset)
            }
            if try !pass(.comma), token.kind != .symbol(.closeList) { throw expected("`,` or `]`") }
        }
        try advance()
        return values
    }

    private mutating func pathOrCall() throws(FilterError) -> Part {
        let start = token.offset
        var names: [Text] = []
        var root = Path.Root.event
        while true {
            let offset = token.offset
            switch token.kind {
            case .name(let name):
                try advance()
                if token.kind == .symbol(.open) {
                    return try call(
                        name, on: names.isEmpty && root == .event ? nil : Path(root: root, names: names), at: offset)
                }
                if names.isEmpty, offset == start, name == variable { root = .element } else { names.append(name) }
            case .quotedName(let name):
                try advance()
                names.append(name)
            default:
                // Behind a dot, `in` is a name like others.
                guard token.kind == .symbol(.in) else { throw expected("a field's name") }
                try advance()
                names.append("in")
            }
            guard try pass(.dot) else { break }
        }
        return .operand(.field(Path(root: root, names: names)))
    }

    // MARK: Calls

    private static let methods = ["startsWith", "endsWith", "contains", "matches", "exists", "size"]
    private static let functions = ["has", "size"]

    private mutating func call(_ name: Text, on path: Path?, at offset: Int) throws(FilterError) -> Part {
        try enter(at: offset)
        defer { depth -= 1 }
        try expect(.open)
        let name = name.description
        let part: Part
        switch (name, path) {
        case ("has", nil):
            let path = try field("has")
            guard !path.names.isEmpty else { throw lexer.error("has() asks for a field", at: offset) }
            part = .predicate(.test(.has(path)))
        case ("size", nil): part = .operand(.size(try field("size")))
        case ("size", let path?): part = .operand(.size(path))
        case ("startsWith", let path?): part = .predicate(.test(.text(path, .startsWith(try string(name)))))
        case ("endsWith", let path?): part = .predicate(.test(.text(path, .endsWith(try string(name)))))
        case ("contains", let path?): part = .predicate(.test(.text(path, .contains(try string(name)))))
        case ("matches", let path?): part = .predicate(.test(.text(path, .matches(try pattern()))))
        case ("exists", let path?): part = .predicate(try existence(path, at: offset))
        default: throw unknown(name, isMethod: path != nil, at: offset)
        }
        try expect(.close)
        try countTerm(at: offset)
        return part
    }

    private func unknown(_ name: String, isMethod: Bool, at offset: Int) -> FilterError {
        let (own, others) = isMethod ? (Self.methods, Self.functions) : (Self.functions, Self.methods)
        if others.contains(name) {
            let form = isMethod ? "\(name)(FIELD)" : "FIELD.\(name)(…)"
            return lexer.error("\(name)() can't be called so", at: offset, hint: "write \(form)")
        }
        let near = Nearest.hint(name, among: own + others)
        return lexer.error(
            "there is no function \(name)()\(near)", at: offset,
            hint: near.isEmpty ? "there are \((own + others).joined(separator: ", "))" : nil)
    }

    private mutating func field(_ function: String) throws(FilterError) -> Path {
        let offset = token.offset
        guard case .operand(.field(let path)) = try unary() else {
            throw lexer.error("expected a field in \(function)()", at: offset)
        }
        return path
    }

    private mutating func string(_ function: String) throws(FilterError) -> Text {
        guard case .string(let text) = token.kind else {
            throw expected("a string in quotes", hint: "\(function)() takes one string")
        }
        try advance()
        return text
    }

    private mutating func pattern() throws(FilterError) -> Pattern {
        let offset = token.offset
        let text = try string("matches")
        patterns += 1
        guard patterns <= limits.patterns else {
            throw lexer.error("more than \(limits.patterns) regular expressions", at: offset)
        }
        guard text.bytes.count <= limits.patternBytes else {
            throw lexer.error(
                "the regular expression has \(text.bytes.count) bytes; the most are \(limits.patternBytes)", at: offset)
        }
        do throws(Pattern.Invalid) { return try Pattern(text) } catch {
            throw lexer.error("expected a regular expression in RE2's syntax (\(error.reason))", at: offset)
        }
    }

    /// The arguments of `exists`: a name for the element, and a condition.
    private mutating func existence(_ path: Path, at offset: Int) throws(FilterError) -> Predicate {
        guard variable == nil else { throw lexer.error("exists() can't stand within exists()", at: offset) }
        guard case .name(let name) = token.kind, !Lexer.reserved.contains(name) else {
            throw expected("a name for the element", hint: "as in tags.exists(t, t == \"x\")")
        }
        try advance()
        try expect(.comma)
        variable = name
        defer { variable = nil }
        return Test.existence(path, try condition())
    }
}
