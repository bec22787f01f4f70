/// `match.PATH=a,b`: the field equals one of the values; `!a,b`: none of them. Contract, section 5.
///
/// A value means the string, and what it is as a JSON literal too: `0` is also the number, `false` the boolean, `null`
/// null. `*` stands for any characters, and by itself for any value at all. A backslash before `,`, `*`, `\` or a
/// leading `!` makes it a character like others.
enum MatchShorthand {
    /// - Parameters:
    ///   - path: what follows `match.`: names between dots.
    ///   - values: the parameter's value.
    ///   - counts: what limits are held against; those of all short forms of a filter together.
    static func parse(
        path: String, values: String, counts: inout Counts, limits: FilterLimits
    ) throws(FilterError) -> Predicate {
        counts.bytes += path.utf8.count + values.utf8.count
        guard counts.bytes <= limits.bytes else {
            throw FilterError("the filter's short forms have more than \(limits.bytes) bytes")
        }
        let names = path.split(separator: ".", omittingEmptySubsequences: false).map(Text.init)
        guard !names.contains(where: { $0.bytes.isEmpty }) else {
            throw FilterError("expected a field's name between the dots of match.\(path)")
        }
        guard names.count <= limits.depth else {
            throw FilterError("the path of match.\(path) has more than \(limits.depth) names")
        }
        let field = Path(names: names)
        var rest = Array(values.unicodeScalars)[...]
        let isNegated = rest.first == "!"
        if isNegated { rest.removeFirst() }
        var literals: [Literal] = []
        var tests: [Predicate] = []
        for pieces in split(rest) {
            counts.values += 1
            guard counts.values <= limits.values else {
                throw FilterError("the filter's short forms have more than \(limits.values) values")
            }
            if pieces.count == 1 {
                literals += Self.literals(pieces[0])
            } else {
                counts.terms += 1
                guard counts.terms <= limits.terms else {
                    throw FilterError("the filter's short forms have more than \(limits.terms) values with *")
                }
                tests.append(.test(try wildcard(pieces, field, &counts, limits)))
            }
        }
        let predicate = Predicate.any(of: tests + [Test.membership(.field(field), literals)])
        return isNegated ? predicate.negated : predicate
    }

    struct Counts {
        var bytes = 0
        var terms = 0
        var values = 0
        var patterns = 0
    }

    /// Each value, cut at its `*`.
    private static func split(_ text: ArraySlice<Unicode.Scalar>) -> [[String]] {
        var values: [[String]] = [[""]]
        var place = text.startIndex
        while place < text.endIndex {
            let scalar = text[place]
            place += 1
            switch scalar {
            case ",": values.append([""])
            case "*": values[values.count - 1].append("")
            case "\\" where place < text.endIndex && [",", "*", "\\", "!"].contains(text[place]):
                append(text[place], to: &values)
                place += 1
            default: append(scalar, to: &values)
            }
        }
        return values
    }

    private static func append(_ scalar: Unicode.Scalar, to values: inout [[String]]) {
        let value = values.count - 1
        values[value][values[value].count - 1].unicodeScalars.append(scalar)
    }

    /// The values that a short form stands for.
    private static func literals(_ value: String) -> [Literal] {
        var literals = [Literal.string(Text(value))]
        switch value {
        case "true": literals.append(.boolean(true))
        case "false": literals.append(.boolean(false))
        case "null": literals.append(.null)
        default: if let number = Number(value) { literals.append(.number(number)) }
        }
        return literals
    }

    /// A value with `*` between its pieces.
    private static func wildcard(
        _ pieces: [String], _ path: Path, _ counts: inout Counts, _ limits: FilterLimits
    ) throws(FilterError) -> Test {
        let inner = pieces.filter { !$0.isEmpty }
        if inner.isEmpty { return .has(path) }
        if inner.count == 1 {
            let text = Text(inner[0])
            switch (pieces[0].isEmpty, pieces[pieces.count - 1].isEmpty) {
            case (true, true): return .text(path, .contains(text))
            case (true, false): return .text(path, .endsWith(text))
            case (false, _): return .text(path, .startsWith(text))
            }
        }
        counts.patterns += 1
        guard counts.patterns <= limits.patterns else {
            throw FilterError("more than \(limits.patterns) values of the filter's short forms have a * in the middle")
        }
        let text = "(?s)^\(pieces.map(escaped).joined(separator: ".*"))$"
        guard text.utf8.count <= limits.patternBytes else {
            throw FilterError(
                "a value of match.\(path) with a * in the middle has more than \(limits.patternBytes) bytes")
        }
        do throws(Pattern.Invalid) { return .text(path, .matches(try Pattern(Text(text)))) } catch {
            throw FilterError("a value of match.\(path) is too long to have a * in the middle")
        }
    }

    /// As a regular expression that matches just this.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII, !Lexer.isNamePart(UInt8(scalar.value)) || scalar == "$" {
                if scalar.value == 0 {
                    result += "\\x00"
                    continue
                }
                result += "\\"
            }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
