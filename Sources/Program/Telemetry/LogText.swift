/// Text in a line of the log: what could end the line or look like another field is escaped.
enum LogText {
    /// A message: as it is, but for control characters.
    static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return escaped(text, quotes: false)
    }

    /// Letters, digits, `_`, `.` and `-`; anything else becomes `_`.
    static func name(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "_" })
    }

    /// In quotes where it is more than one plain word.
    static func value(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && !text.unicodeScalars.contains { isControl($0) || " \"=\\".unicodeScalars.contains($0) }
        return isPlain ? text : "\"\(escaped(text, quotes: true))\""
    }

    static func json(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// Control characters, and what some readers take for line ends (U+0085, U+2028, U+2029).
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where quotes: result += "\\\""
            case "\\" where quotes: result += "\\\\"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
