/// Strings as YAML scalars, in the style that fits them.
enum YAMLScalar {
    /// A string as a value.
    static func text(_ text: String, level: Int) -> String {
        guard isPrintable(text, besides: "\n") else { return doubleQuoted(text) }
        let room = YAMLWriter.room(level: level)
        let hasLongLine = text.split(separator: "\n").contains { $0.utf16.count > room && !$0.hasPrefix(" ") }
        guard text.contains("\n") || hasLongLine else { return key(text) }
        let body = hasLongLine ? folded(text, room: room) : text
        let indentation = String(repeating: "  ", count: max(1, level))
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "" : indentation + $0
        }
        var block = lines.joined(separator: "\n")
        if block.hasSuffix("\n") { block.removeLast() }
        return (hasLongLine ? ">" : "|") + header(text) + "\n" + block
    }

    /// A string on one line.
    static func key(_ text: String) -> String {
        if isPrintable(text, besides: ""), isPlain(text), !looksLikeAnotherType(text) { return text }
        guard isPrintable(text, besides: "") else { return doubleQuoted(text) }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// How a block begins and ends: the indentation where the text itself begins with a space, and what becomes of the line
    /// feeds at its end.
    private static func header(_ text: String) -> String {
        let indicator = text.drop { $0 == "\n" }.hasPrefix(" ") ? "2" : ""
        guard text.hasSuffix("\n") else { return indicator + "-" }
        return indicator + (text == "\n" || text.hasSuffix("\n\n") ? "+" : "")
    }

    // MARK: Folding

    /// The text with its long lines broken at spaces. Where two lines are not to be read as one paragraph stands one line
    /// feed more, because a single one would be read as a space; lines that begin with a space are left alone.
    private static func folded(_ text: String, room: Int) -> String {
        var isIndented = text.hasPrefix("\n") || text.hasPrefix(" ")
        let first = text.prefix { $0 != "\n" }
        var result = broken(first, room: room)
        var rest = text.dropFirst(first.count)
        while !rest.isEmpty {
            let breaks = rest.prefix { $0 == "\n" }
            let line = rest.dropFirst(breaks.count).prefix { $0 != "\n" }
            rest = rest.dropFirst(breaks.count + line.count)
            let isNowIndented = line.hasPrefix(" ")
            result += breaks + (isIndented || isNowIndented || line.isEmpty ? "" : "\n") + broken(line, room: room)
            isIndented = isNowIndented
        }
        return result
    }

    /// One line as several, each as long as it may be. It is broken at a single space before a word only: others would be
    /// lost or doubled when it is read.
    private static func broken(_ line: Substring, room: Int) -> String {
        guard !line.hasPrefix(" ") else { return String(line) }
        let units = Array(line.utf16)
        var pieces: [ArraySlice<UInt16>] = []
        var (start, last) = (0, 0)
        func isBreak(_ place: Int) -> Bool {
            units[place] == 0x20 && place + 1 < units.count && units[place + 1] != 0x20
        }
        for place in units.indices where isBreak(place) {
            if place - start > room {
                let end = last > start ? last : place
                pieces.append(units[start..<end])
                start = end + 1
            }
            last = place
        }
        if units.count - start > room, last > start {
            pieces.append(units[start..<last])
            start = last + 1
        }
        pieces.append(units[start...])
        return pieces.map { String(decoding: $0, as: UTF16.self) }.joined(separator: "\n")
    }

    // MARK: Plain or not

    private static func isPrintable(_ text: String, besides allowed: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x20...0x7E, 0xA1...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF:
                scalar.value != 0x2028 && scalar.value != 0x2029
            default: allowed.unicodeScalars.contains(scalar)
            }
        }
    }

    /// Whether the text without quotes is read as the same text, if no type is guessed.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, !" -?:,[]{}#&*!|=>'\"%@`".contains(first), !text.hasSuffix(" ") else {
            return false
        }
        return !text.contains { ",[]{}:#".contains($0) }
    }

    /// Whether a reader of YAML 1.1 or 1.2 may take the text without quotes for something else: null, a boolean, a number, a
    /// time or a merge key. A word too many costs two quotes.
    private static func looksLikeAnotherType(_ text: String) -> Bool {
        if ["~", "null", "<<", ".nan", ".inf", "+.inf", "-.inf"].contains(text.lowercased()) { return true }
        if ["true", "false", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased()) { return true }
        return isNumber(text) || isTime(text)
    }

    private static func isNumber(_ text: String) -> Bool {
        var rest = Substring(text)
        if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
        let digits = "0123456789_"
        for (prefix, allowed) in [("0x", "0123456789abcdefABCDEF_"), ("0b", "01_")] where rest.hasPrefix(prefix) {
            return rest.count > 2 && rest.dropFirst(2).allSatisfy { allowed.contains($0) }
        }
        guard rest.contains(where: { $0.isASCII && $0.isNumber }), let first = rest.first,
            first == "." || first.isNumber
        else { return false }
        rest = rest.drop { digits.contains($0) }
        if rest.first == "." { rest = rest.dropFirst().drop { digits.contains($0) } }
        guard rest.first == "e" || rest.first == "E" else { return rest.isEmpty }
        rest.removeFirst()
        if let sign = rest.first, sign == "-" || sign == "+" { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// `2021-01-01` and what begins so.
    private static func isTime(_ text: String) -> Bool {
        let parts = text.prefix { $0.isASCII && $0.isNumber || $0 == "-" }.split(separator: "-")
        return parts.count == 3 && parts[0].count == 4 && (1...2).contains(parts[1].count)
            && (1...2).contains(parts[2].count)
    }

    private static func doubleQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\0": result += "\\0"
            case "\u{A0}": result += "\\_"
            default:
                if isPrintable(String(scalar), besides: "") {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    result += "\\" + letter + String(repeating: "0", count: max(0, width - digits.count)) + digits
                }
            }
        }
        return result + "\""
    }
}
