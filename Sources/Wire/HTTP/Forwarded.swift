/// `Forwarded` (RFC 7239): who each proxy had its request from.
enum Forwarded {
    /// The `for` of each element in order; nil for one that names no address: none, `unknown`, or a name of the proxy's own.
    ///
    /// What breaks the grammar ends an element's quoted text at the field's end, so that nothing a client sent to its first
    /// proxy can hide what a later one wrote: that proxy writes behind it, and elements are taken from the right.
    static func addresses(_ field: String) -> [IPAddress?] {
        elements(field[...], separator: ",").map { element in
            for pair in elements(element, separator: ";") {
                guard let equals = pair.firstIndex(of: "=") else { continue }
                guard trimmed(pair[..<equals]).lowercased() == "for" else { continue }
                var value = trimmed(pair[pair.index(after: equals)...])
                if value.first == "\"", value.last == "\"", value.count >= 2 { value = value.dropFirst().dropLast() }
                return TrustedProxies.address(value)
            }
            return nil
        }
    }

    /// Parts between separators that stand in no quoted text; empty ones are left out (RFC 9110, section 5.6.1).
    private static func elements(_ text: Substring, separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                parts.append(text[start..<index])
                start = text.index(after: index)
            }
        }
        parts.append(text[start...])
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
