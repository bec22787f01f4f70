public import JSON

/// Writes JSON values as YAML in the form that js-yaml 3 has, because schema repositories are full of files that it wrote: a
/// file written here must not differ from one written there by anything but its content.
///
/// Block style, two spaces a level, lists indented below their key; strings plain where they can be, else in single quotes;
/// text of several lines literal (`|`), or folded (`>`) where a line is longer than its room of 80 columns.
public struct YAMLWriter {
    /// Columns of a line; folded text has at least `leastRoom` of them.
    private static let columns = 80
    private static let leastRoom = 40

    private var lines = ""

    /// The document, with a line feed at its end.
    public static func text(of value: JSONValue) -> String {
        var writer = YAMLWriter()
        writer.write(value, level: 0, isCompact: true)
        return writer.lines + "\n"
    }

    /// - Parameter isCompact: a collection begins on the present line, as the document and a list's elements do.
    private mutating func write(_ value: JSONValue, level: Int, isCompact: Bool) {
        switch value {
        case .object(let members) where !members.isEmpty: write(members, level: level, isCompact: isCompact)
        case .array(let elements) where !elements.isEmpty: write(elements, level: level, isCompact: isCompact)
        case .object: lines += "{}"
        case .array: lines += "[]"
        case .string(let text): lines += YAMLScalar.text(text, level: level)
        case .number(let text): lines += text
        case .boolean(let value): lines += value ? "true" : "false"
        case .null: lines += "null"
        }
    }

    private mutating func write(_ members: [JSONValue.Member], level: Int, isCompact: Bool) {
        for (place, member) in members.enumerated() {
            if place > 0 || !isCompact { startLine(level) }
            lines += YAMLScalar.key(member.name) + ":"
            if !member.value.isWrittenInBlock { lines += " " }
            write(member.value, level: level + 1, isCompact: false)
        }
    }

    private mutating func write(_ elements: [JSONValue], level: Int, isCompact: Bool) {
        for (place, element) in elements.enumerated() {
            if place > 0 || !isCompact { startLine(level) }
            lines += "- "
            write(element, level: level + 1, isCompact: true)
        }
    }

    private mutating func startLine(_ level: Int) {
        lines += "\n" + String(repeating: "  ", count: level)
    }

    /// Columns that a scalar of a level has, its indentation left out.
    static func room(level: Int) -> Int { max(leastRoom, columns - 2 * max(1, level)) }
}

extension JSONValue {
    fileprivate var isWrittenInBlock: Bool {
        switch self {
        case .object(let members): !members.isEmpty
        case .array(let elements): !elements.isEmpty
        default: false
        }
    }
}
