/// A condition on one field of an event.
public struct StreamMatch: Hashable, Sendable {
    /// Names with dots between them, such as `meta.domain`.
    public let path: String
    /// As the server reads it: values separated by commas, of which the field must equal one; behind a `!`, none. `*`
    /// stands for any characters; a backslash before `,`, `*`, `!` or itself makes it one like others.
    public let values: String

    /// - Parameter values: in the server's form.
    public init(_ path: String, values: String) {
        self.path = path
        self.values = values
    }

    /// - Parameter pair: `PATH=VALUES`, the values in the server's form.
    public init(pair: String) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(String(parts[0]), values: parts.count > 1 ? String(parts[1]) : "")
    }

    /// The field equals one of these values. `0` is also the number, `true` and `false` are also the booleans.
    public static func isOne(of values: [String], _ path: String) -> StreamMatch {
        StreamMatch(path, values: values.map(literal).joined(separator: ","))
    }

    /// The field equals none of these values, or is missing.
    public static func isNone(of values: [String], _ path: String) -> StreamMatch {
        StreamMatch(path, values: "!" + values.map(literal).joined(separator: ","))
    }

    private static func literal(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            if ["\\", ",", "*", "!"].contains(character) { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(character)
        }
        return text
    }
}
