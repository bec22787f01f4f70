import JSON

// A filter as people write it: every part in parentheses, in either kind of quotes.

extension PlainFilter: CustomStringConvertible {
    var description: String {
        switch self {
        case .constant(let value): "\(value)"
        case .not(let a): "!(\(a))"
        case .and(let a, let b): "(\(a)) && (\(b))"
        case .or(let a, let b): "(\(a)) || (\(b))"
        case .alone(let path): "\(path)"
        case .compare(let a, let sign, let b): "\(a) \(sign) \(b)"
        case .isIn(let value, let list): "\(value) in \(Self.text(list))"
        case .isElement(let value, let path): "\(value) in \(path)"
        case .isList(let path, let list): "\(path) == \(Self.text(list))"
        case .has(let path): "has(\(path))"
        case .text(let path, let test, let text): "\(path).\(test)(\(PlainValue.text(.string(text))))"
        case .matches(let path, let pattern): "\(path).matches(r'\(pattern.text)')"
        case .exists(let path, let inner): "\(path).exists(element, \(inner))"
        }
    }

    private static func text(_ list: [JSONValue]) -> String {
        "[\(list.map(PlainValue.text).joined(separator: ","))]"
    }
}

extension PlainPath: CustomStringConvertible {
    var description: String {
        ((isElement ? ["element"] : []) + names.map { "`\(Self.escaped($0, "`"))`" }).joined(separator: ".")
    }

    static func escaped(_ text: String, _ quote: Unicode.Scalar) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == quote || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}

extension PlainValue: CustomStringConvertible {
    var description: String {
        switch self {
        case .literal(let value): Self.text(value)
        case .field(let path): "\(path)"
        case .size(let path): path.names.count % 2 == 0 ? "size(\(path))" : "\(path).size()"
        case .arithmetic(let a, let sign, let b): "(\(a) \(sign) \(b))"
        }
    }

    static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text):
            text.utf8.count % 2 == 0 ? "\"\(PlainPath.escaped(text, "\""))\"" : "'\(PlainPath.escaped(text, "'"))'"
        default: String(decoding: value.bytes, as: UTF8.self)
        }
    }
}
