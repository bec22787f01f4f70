/// Where in an event a value is.
struct DataPath {
    enum Step {
        /// A member that the schema names.
        case property(String)
        /// Another member.
        case member(String)
        case element(Int)
    }

    var steps: [Step] = []

    /// As ajv 6 writes it, in JavaScript's notation.
    var text: String {
        steps.map { step in
            switch step {
            case .property(let name): Self.isIdentifier(name) ? ".\(name)" : "['\(Self.escaped(name))']"
            case .member(let name): "['\(name)']"
            case .element(let number): "[\(number)]"
            }
        }.joined()
    }

    private static func isIdentifier(_ name: String) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            guard
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "_")
                    || !isFirst && byte &- 0x30 < 10
            else { return false }
            isFirst = false
        }
        return !isFirst
    }

    /// A text as it stands between single quotes in JavaScript.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\u{0C}": result += "\\f"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
