/// Text in a line of the log: what could end the line or look like another field is escaped.
enum LogText {
    /// A message: as it is, but for control characters.
    static func plain(_ text: String) -> String {
        guard !isSimple(text, without: []), text.unicodeScalars.contains(where: isControl) else { return text }
        return escaped(text, quotes: false)
    }

    /// Letters, digits, `_`, `.` and `-`; anything else becomes `_`.
    static func name(_ text: String) -> String {
        if text.utf8.allSatisfy(isOfName) { return text }
        return String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "_" })
    }

    /// In quotes where it is more than one plain word.
    static func value(_ text: String) -> String {
        if !text.isEmpty, isSimple(text, without: [0x20, 0x22, 0x3D, 0x5C]) { return text }
        let isPlain =
            !text.isEmpty && !text.unicodeScalars.contains { isControl($0) || " \"=\\".unicodeScalars.contains($0) }
        return isPlain ? text : "\"\(escaped(text, quotes: true))\""
    }

    static func json(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    /// Control characters, and what some readers take for line ends (U+0085, U+2028, U+2029).
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// Whether a text is of printable ASCII alone, as most are, and has none of some: found byte by byte, a fraction of what
    /// it takes to look at characters.
    private static func isSimple(_ text: String, without special: [UInt8]) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) && !special.contains($0) }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        if isSimple(text, without: quotes ? [0x22, 0x5C] : []) { return text }
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
